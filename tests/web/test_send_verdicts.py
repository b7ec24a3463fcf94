"""`lineage --verify` judges again what was judged when an order went out, and says where that differs
(I-20)."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from glassdesk.composition.verifying import verify
from glassdesk.kernel.canonical import canonical_text, decode_text
from glassdesk.kernel.errors import IntegrityViolation
from glassdesk.workflow.lineage.model import Graph, Node
from glassdesk.workflow.orders.model import Role
from glassdesk.workflow.risk.model import Judged
from glassdesk.workflow.runs.mirrors import Mirrors
from glassdesk.workflow.runs.recompute import Recomputer
from tests.web.visitor import Visitor
from tests.web.world import World


def sent(world: World) -> list[str]:
    """Entries that went out."""
    with world.desk.transactions.read() as t:
        found = world.desk.orders.orders(t)
    return [one.order for one in found if one.role is Role.ENTRY and one.sends]


def judged_at_the_send(world: World) -> tuple[Graph, Node]:
    order = sent(world)[0]
    with world.desk.transactions.read() as t:
        graph, findings = verify(world.desk, t, f"order:{order}")
    assert findings == []
    [node] = [one for one in graph.nodes if one.kind == "send_verdicts"]
    return graph, node


def again(world: World, graph: Graph, node: Node, judged: Judged) -> str | None:
    desk, changed = world.desk, replace(node, content=canonical_text(judged))
    recomputer = Recomputer(desk.indicators, desk.charts, desk.signals, desk.risk, desk.artifacts)
    return recomputer.table()["send_verdicts"](changed, {one.node: one for one in graph.nodes})


def test_I_20_every_order_that_went_out_is_judged_again_from_what_was_stored(reader: Visitor) -> None:
    orders = sent(reader.world)
    assert len(orders) >= 3
    for order in orders:
        with reader.world.desk.transactions.read() as t:
            graph, findings = verify(reader.world.desk, t, f"order:{order}")
        assert findings == []
        kinds = [node.kind for node in graph.nodes]
        assert (kinds.count("send_verdicts"), kinds.count("verdicts"), kinds.count("what_if")) == (1, 1, 1)


def test_I_20_numbers_that_give_another_verdict_are_named_by_their_rule(reader: Visitor) -> None:
    graph, node = judged_at_the_send(reader.world)
    judged = decode_text(Judged, node.content)
    assert again(reader.world, graph, node, judged) == node.content
    poorer = replace(judged.exposure, cash=Decimal(1))
    with pytest.raises(IntegrityViolation, match=r"BUYING_POWER said yes .* today it says no"):
        again(reader.world, graph, node, replace(judged, exposure=poorer))
    assert judged.limits is not None
    limits = replace(judged.limits, max_order_value=Decimal(10**6))
    with pytest.raises(IntegrityViolation, match="judged by max_order_value"):
        again(reader.world, graph, node, replace(judged, limits=limits))
    with pytest.raises(IntegrityViolation, match="another set of rules was asked: KILL_SWITCH"):
        again(reader.world, graph, node, replace(judged, verdicts=judged.verdicts[1:]))


def test_a_verdict_row_of_the_send_that_says_something_else_is_found(reader: Visitor) -> None:
    _, node = judged_at_the_send(reader.world)
    desk, judged = reader.world.desk, decode_text(Judged, node.content)
    first = replace(judged.verdicts[0], observed="HALT")
    other = replace(node, content=canonical_text(replace(judged, verdicts=(first, *judged.verdicts[1:]))))
    mirrors = Mirrors(desk.runs, desk.signals, desk.risk, desk.orders, desk.account_kind)
    with desk.transactions.read() as t:
        assert mirrors.check(t, Graph(root=node.node, nodes=(node,))) == []
        [finding] = mirrors.check(t, Graph(root=node.node, nodes=(other,)))
    assert finding.problem == "the verdict row of KILL_SWITCH at the send says something else"


def test_the_page_counts_the_judgements_of_the_send_among_what_holds(reader: Visitor) -> None:
    graph, _ = judged_at_the_send(reader.world)
    answer = reader.get(f"/api/v1/lineage/{graph.root}/verify").json()
    assert answer["findings"] == []
    assert answer["nodes"] == len(graph.nodes)
