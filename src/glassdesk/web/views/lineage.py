"""A graph as an indented list: each node under what it came from, as deep as its longest way from a root."""

from __future__ import annotations

from glassdesk.desk import Desk
from glassdesk.kernel.unit_of_work import Transaction
from glassdesk.workflow.lineage.graph import Finding
from glassdesk.workflow.lineage.model import Graph, Node
from glassdesk.workflow.runs.mirrors import Mirrors
from glassdesk.workflow.runs.recompute import Recomputer


def with_depths(graph: Graph) -> list[tuple[int, Node]]:
    """(depth, node), parents before children."""
    depths: dict[str, int] = {}
    for node in graph.nodes:
        depths[node.node] = 1 + max((depths.get(parent, -1) for parent in node.parents), default=-1)
    return [(depths[node.node], node) for node in graph.nodes]


def verified(desk: Desk, t: Transaction, graph: Graph) -> tuple[Graph, list[Finding]]:
    """The graph with what was judged of it at the send, and what does not hold; nothing when everything
    does."""
    graph = desk.lineage.with_judgements(t, graph)
    again = Recomputer(desk.indicators, desk.charts, desk.signals, desk.risk, desk.artifacts)
    mirrors = Mirrors(desk.runs, desk.signals, desk.risk, desk.orders, desk.account_kind)
    return graph, desk.lineage.verify(t, graph, again.table()) + mirrors.check(t, graph)
