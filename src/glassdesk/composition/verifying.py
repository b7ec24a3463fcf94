"""`lineage --verify` for doors: hashes recomputed, pure steps run again, rows compared with their nodes."""

from __future__ import annotations

from glassdesk.desk import Desk
from glassdesk.kernel.unit_of_work import Transaction
from glassdesk.workflow.evaluation.labelling import again as labelled_again
from glassdesk.workflow.lineage.graph import Finding
from glassdesk.workflow.lineage.model import Graph
from glassdesk.workflow.runs.mirrors import Mirrors
from glassdesk.workflow.runs.recompute import Recomputer


def verify(desk: Desk, t: Transaction, identity: str) -> tuple[Graph, list[Finding]]:
    """The graph of an identity and what does not hold in it. Raises `NotFound` or `InvalidInput`."""
    graph = desk.lineage.with_judgements(t, desk.lineage.graph(t, identity))
    again = Recomputer(desk.indicators, desk.charts, desk.signals, desk.risk, desk.artifacts)
    steps = {**again.table(), "outcome": labelled_again}
    mirrors = Mirrors(desk.runs, desk.signals, desk.risk, desk.orders, desk.account_kind)
    return graph, desk.lineage.verify(t, graph, steps) + mirrors.check(t, graph)
