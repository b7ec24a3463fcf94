"""Verbs of the lineage step: record, trace, verify."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from glassdesk.kernel.errors import GlassdeskError, IntegrityViolation, InvalidInput, NotFound
from glassdesk.kernel.unit_of_work import Transaction
from glassdesk.workflow.lineage.graph import Finding, make_node, recheck
from glassdesk.workflow.lineage.model import Artifact, Call, Graph, Node
from glassdesk.workflow.lineage.ports import ArtifactStore, LineageStore

Recompute = Callable[[Node, Mapping[str, Node]], str | None]
"""Runs a pure step again from its parents' content; answers the canonical text it gives, `None` where it
cannot."""


class Lineage:
    """Why: every order leads back to the bars it came from."""

    def __init__(self, store: LineageStore, artifacts: ArtifactStore) -> None:
        self._store = store
        self._artifacts = artifacts

    def record(
        self,
        t: Transaction,
        *,
        kind: str,
        entity: str,
        content: object,
        parents: Iterable[str] = (),
        artifacts: Iterable[str] = (),
        run: str | None = None,
    ) -> Node:
        """Append a node below its parents (by name). Raises `NotFound` for an unknown parent and
        `IntegrityViolation` when the node exists with another hash."""
        above = [self._known(t, name) for name in sorted(set(parents))]
        node = make_node(
            kind=kind, entity=entity, content=content, parents=above, artifacts=artifacts, run=run
        )
        self._store.add_node(t, node)
        return node

    def keep(self, t: Transaction, sha256: str, size: int, media_type: str) -> None:
        """Register an artifact whose bytes are already stored."""
        self._store.add_artifact(t, Artifact(sha256=sha256, size=size, media_type=media_type))

    def artifact(self, t: Transaction, sha256: str) -> Artifact:
        """The row of an artifact. Raises `NotFound`."""
        found = self._store.artifact(t, sha256)
        if found is None:
            raise NotFound(f"no artifact {sha256[:12]}")
        return found

    def store_answers(self, calls: Sequence[tuple[Call, bytes]]) -> None:
        """Store the answers of calls that are kept in full, before the transaction that files them."""
        for call, body in calls:
            if call.response_sha256 is not None:
                self._artifacts.put(body)

    def file_calls(self, t: Transaction, calls: Sequence[tuple[Call, bytes]]) -> None:
        """Append exchanges whose answers are stored."""
        for call, body in calls:
            if call.response_sha256 is not None:
                self.keep(t, call.response_sha256, len(body), "application/json")
            self._store.add_call(t, call)

    def calls(self, t: Transaction, purpose_prefix: str) -> Sequence[Call]:
        """Exchanges made for a purpose, oldest first."""
        return self._store.calls(t, purpose_prefix)

    def node(self, t: Transaction, name: str) -> Node | None:
        """A node by its full name."""
        return self._store.node(t, name)

    def nodes_of_run(self, t: Transaction, run: str) -> Sequence[Node]:
        """Every node of a run."""
        return self._store.nodes_of_run(t, run)

    def graph(self, t: Transaction, identity: str) -> Graph:
        """A node and all it came from. `identity` is a node's name, an entity, or its first eight characters
        or more; of several nodes of one entity the most downstream is taken. Raises `InvalidInput` or
        `NotFound`."""
        root = self._find(t, identity)
        return Graph(root=root.node, nodes=tuple(self._store.ancestry(t, root.node)))

    def with_judgements(self, t: Transaction, graph: Graph) -> Graph:
        """The graph and what was judged of its intents when they were to go out: that came after them, so no
        ancestry holds it."""
        known = {node.node for node in graph.nodes}
        runs = sorted({node.run for node in graph.nodes if node.kind == "intent" and node.run is not None})
        below = [
            one
            for run in runs
            for one in self._store.nodes_of_run(t, run)
            if one.kind == "send_verdicts" and one.node not in known and known & set(one.parents)
        ]
        more: dict[str, Node] = {}
        for one in below:
            more |= {node.node: node for node in self._store.ancestry(t, one.node) if node.node not in known}
        return Graph(root=graph.root, nodes=(*graph.nodes, *more.values()))

    def verify(self, t: Transaction, graph: Graph, recompute: Mapping[str, Recompute]) -> list[Finding]:
        """Recompute every hash from stored bytes and run the pure steps again; empty means all holds."""
        by_name = {node.node: node for node in graph.nodes}
        findings = recheck(graph.nodes)
        for node in graph.nodes:
            findings += self._check_artifacts(t, node)
            findings += _run_again(node, by_name, recompute)
        return findings

    def _check_artifacts(self, t: Transaction, node: Node) -> list[Finding]:
        findings = []
        for sha256 in node.artifacts:
            try:
                self._artifacts.get(sha256)
            except (IntegrityViolation, NotFound) as failure:
                findings.append(Finding(node=node.node, problem=str(failure)))
            if self._store.artifact(t, sha256) is None:
                findings.append(Finding(node=node.node, problem=f"artifact {sha256[:12]} has no row"))
        return findings

    def _known(self, t: Transaction, name: str) -> Node:
        node = self._store.node(t, name)
        if node is None:
            raise NotFound(f"no lineage node {name}")
        return node

    def _find(self, t: Transaction, identity: str) -> Node:
        if ":" in identity:
            return self._known(t, identity)
        if len(identity) < 8:
            raise InvalidInput(
                f"{identity!r} is too short", where="id", remedy="give at least eight characters"
            )
        found = self._store.nodes_of_entity(t, identity)
        if not found:
            raise NotFound(
                f"nothing is known as {identity}", remedy="copy an id from orders list or runs list"
            )
        # What is named in full is meant, also where other names begin with it.
        found = [node for node in found if node.entity == identity] or found
        entities = {node.entity for node in found}
        if len(entities) > 1:
            raise InvalidInput(
                f"{identity!r} names several things", where="id", remedy=f"give more of {min(entities)}"
            )
        return max(found, key=_downstream)


def _run_again(node: Node, nodes: Mapping[str, Node], recompute: Mapping[str, Recompute]) -> list[Finding]:
    if node.kind not in recompute:
        return []
    try:
        again = recompute[node.kind](node, nodes)
    except (GlassdeskError, ArithmeticError, LookupError, TypeError, ValueError) as failure:
        # Changed content need not even be content any more: that is a finding, not the reader's mistake.
        return [Finding(node=node.node, problem=f"the step cannot be run again: {failure}")]
    if again is None or again == node.content:
        return []
    return [Finding(node=node.node, problem="the step run again gives something else")]


_DOWNSTREAM = ("run", "signal", "verdicts", "intent", "order")


def _downstream(node: Node) -> tuple[int, str]:
    return (_DOWNSTREAM.index(node.kind) if node.kind in _DOWNSTREAM else -1, node.kind)
