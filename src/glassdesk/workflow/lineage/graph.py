"""Hashes of the Merkle graph, pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from glassdesk.kernel.canonical import canonical_text, digest, sha256_hex
from glassdesk.workflow.lineage.model import Node


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Something that does not hold; `node` names where."""

    node: str
    problem: str


def node_name(kind: str, entity: str) -> str:
    """`kind:entity`."""
    return f"{kind}:{entity}"


def make_node(
    *,
    kind: str,
    entity: str,
    content: object,
    parents: Sequence[Node] = (),
    artifacts: Iterable[str] = (),
    run: str | None = None,
) -> Node:
    """A node whose hash covers kind, content, artifacts and the parents' hashes."""
    text = canonical_text(content)
    content_sha256 = sha256_hex(text.encode())
    named = tuple(sorted(set(artifacts)))
    return Node(
        node=node_name(kind, entity),
        kind=kind,
        entity=entity,
        run=run,
        content=text,
        content_sha256=content_sha256,
        artifacts=named,
        parents=tuple(sorted({parent.node for parent in parents})),
        sha256=node_hash(kind, content_sha256, named, {parent.sha256 for parent in parents}),
    )


def node_hash(kind: str, content_sha256: str, artifacts: Sequence[str], parent_hashes: Iterable[str]) -> str:
    """The Merkle hash; parents enter by hash, sorted, so their order and names do not matter."""
    return digest(
        {
            "kind": kind,
            "content": content_sha256,
            "artifacts": sorted(artifacts),
            "parents": sorted(parent_hashes),
        }
    )


def recheck(nodes: Sequence[Node]) -> list[Finding]:
    """Recompute every hash of a graph from its stored content; `nodes` holds every parent it names."""
    by_name = {node.node: node for node in nodes}
    return [finding for node in nodes for finding in _recheck_one(node, by_name)]


def _recheck_one(node: Node, by_name: Mapping[str, Node]) -> list[Finding]:
    missing = [name for name in node.parents if name not in by_name]
    if missing:
        return [Finding(node=node.node, problem=f"its parent {missing[0]} is not there")]
    findings = []
    if sha256_hex(node.content.encode()) != node.content_sha256:
        findings.append(Finding(node=node.node, problem="its content is not what was hashed"))
    parents = {by_name[name].sha256 for name in node.parents}
    if node_hash(node.kind, sha256_hex(node.content.encode()), node.artifacts, parents) != node.sha256:
        findings.append(Finding(node=node.node, problem="its hash does not follow from content and parents"))
    return findings
