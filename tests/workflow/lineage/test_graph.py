"""A node's hash covers what it says and what it came from."""

from __future__ import annotations

from dataclasses import replace

from glassdesk.workflow.lineage.graph import make_node, recheck
from glassdesk.workflow.lineage.model import Node


def chain() -> list[Node]:
    bars = make_node(kind="bars", entity="r1", content={"close": "1"})
    signal = make_node(kind="signal", entity="r1", content={"action": "BUY"}, parents=[bars])
    return [bars, signal, make_node(kind="order", entity="o1", content={"quantity": "5"}, parents=[signal])]


def test_an_untouched_graph_has_no_findings() -> None:
    assert recheck(chain()) == []


def test_names_do_not_enter_the_hash_and_content_does() -> None:
    one = make_node(kind="bars", entity="r1", content={"close": "1"})
    assert make_node(kind="bars", entity="r2", content={"close": "1"}).sha256 == one.sha256
    assert make_node(kind="bars", entity="r1", content={"close": "2"}).sha256 != one.sha256
    assert make_node(kind="bars", entity="r1", content={"close": "1"}, artifacts=["a"]).sha256 != one.sha256


def test_a_changed_content_is_found_at_its_node() -> None:
    bars, signal, order = chain()
    found = recheck([replace(bars, content='{"close":"2"}'), signal, order])
    assert {finding.node for finding in found} == {"bars:r1"}


def test_a_changed_content_with_its_hashes_made_to_fit_is_found_downstream() -> None:
    _, signal, order = chain()
    forged = make_node(kind="bars", entity="r1", content={"close": "2"})
    assert [finding.node for finding in recheck([forged, signal, order])] == ["signal:r1"]


def test_a_missing_parent_is_found() -> None:
    _, signal, order = chain()
    assert "is not there" in recheck([signal, order])[0].problem


def test_parents_count_by_hash_whatever_their_order() -> None:
    a, b = make_node(kind="a", entity="1", content=1), make_node(kind="b", entity="1", content=2)
    forward = make_node(kind="c", entity="1", content=3, parents=[a, b])
    assert make_node(kind="c", entity="1", content=3, parents=[b, a]) == forward
