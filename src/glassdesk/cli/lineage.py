"""`lineage`: from an order back to its bars, with every hash on the way."""

from __future__ import annotations

import json
from enum import StrEnum
from typing import Annotated, Any

import typer

from glassdesk.cli.here import Here, command, single
from glassdesk.cli.show import as_json, working
from glassdesk.composition.verifying import verify as verified
from glassdesk.kernel.errors import IntegrityViolation
from glassdesk.workflow.lineage.graph import Finding
from glassdesk.workflow.lineage.model import Graph, Node

app = single()


class Form(StrEnum):
    """How the graph is written."""

    TREE = "tree"
    JSON = "json"


@command(app)
def lineage(
    here: Here,
    identity: Annotated[
        str, typer.Argument(metavar="ID", help="An order, execution, run …, or eight characters.")
    ],
    verify: Annotated[
        bool, typer.Option("--verify", help="Recompute every hash; run the pure steps again.")
    ] = False,
    form: Annotated[Form, typer.Option("--format", help="tree or json.")] = Form.TREE,
) -> None:
    """Why: everything a thing came from, down to the bars."""
    findings: list[Finding] = []
    with here.desk() as desk, desk.transactions.read() as t, working("reading the graph"):
        if verify:
            graph, findings = verified(desk, t, identity)
        else:
            graph = desk.lineage.graph(t, identity)
    if here.json or form is Form.JSON:
        as_json(graph_json(graph) | ({"verified": not findings, "findings": findings} if verify else {}))
    else:
        print("\n".join(tree(graph)))
        if verify and not findings:
            print(f"\n{len(graph.nodes)} nodes: every hash holds, every pure step gives the same again")
    if findings:
        raise IntegrityViolation(_said(findings), where="lineage")


def _said(findings: list[Finding]) -> str:
    first = findings[0]
    return f"{len(findings)} finding(s); the first at {first.node}: {first.problem}"


def graph_json(graph: Graph) -> dict[str, Any]:
    """`{root, nodes, edges}`; an edge leads from what was there to what came of it."""
    return {
        "root": graph.root,
        "nodes": [_node(node) for node in graph.nodes],
        "edges": [[parent, node.node] for node in graph.nodes for parent in node.parents],
    }


def _node(node: Node) -> dict[str, Any]:
    known = {
        "id": node.node,
        "kind": node.kind,
        "entity": node.entity,
        "sha256": node.sha256,
        "content_sha256": node.content_sha256,
        "artifacts": list(node.artifacts),
        "content": json.loads(node.content),
    }
    # What has no run (code, strategy, prompt) says so by not having the field.
    return known | ({"run": node.run} if node.run is not None else {})


def tree(graph: Graph) -> list[str]:
    """One line per node from the root down to what it came from; a node met again is named, not repeated."""
    by_name = {node.node: node for node in graph.nodes}
    lines: list[str] = []
    told: set[str] = set()

    def tell(name: str, depth: int) -> None:
        node, again = by_name[name], name in told
        told.add(name)
        files = f"  {len(node.artifacts)} file(s)" if node.artifacts else ""
        seen = "  (above)" if again else ""
        lines.append(f"{'  ' * depth}{node.kind} {node.entity}  {node.sha256[:12]}{files}{seen}")
        if not again:
            for parent in node.parents:
                tell(parent, depth + 1)

    tell(graph.root, 0)
    return lines
