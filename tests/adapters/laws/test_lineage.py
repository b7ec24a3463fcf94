"""Laws of lineage and audit: what led to what is never rewritten, and the chain never forks."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import pairwise

import pytest

from glassdesk.adapters.database import Stores
from glassdesk.kernel.canonical import digest
from glassdesk.kernel.errors import IntegrityViolation
from glassdesk.kernel.unit_of_work import Transaction
from glassdesk.workflow.lineage.model import Artifact, AuditEntry, Call
from tests.adapters.laws.makers import NOON, a_node, a_run, store_run, write

PICTURE = Artifact(sha256="a" * 64, size=3, media_type="image/png")


def test_a_node_is_read_back_whole(stores: Stores) -> None:
    code, prompt = a_node("code", "1.0"), a_node("prompt", "trend@1")
    chart = replace(a_node("chart", "run-12345678", code, prompt), artifacts=(PICTURE.sha256,))

    def record(t: Transaction) -> None:
        for node in (code, prompt, chart):
            stores.lineage.add_node(t, node)
        stores.lineage.add_artifact(t, PICTURE)
        stores.lineage.add_artifact(t, PICTURE)

    write(stores, record)
    with stores.transactions.read() as t:
        assert stores.lineage.node(t, chart.node) == chart
        assert stores.lineage.node(t, "chart:nobody") is None
        assert stores.lineage.artifact(t, PICTURE.sha256) == PICTURE
        assert stores.lineage.artifact(t, "b" * 64) is None


def test_the_same_node_again_is_harmless_and_another_content_is_not(stores: Stores) -> None:
    node = a_node("code", "1.0")
    write(stores, lambda t: stores.lineage.add_node(t, node))
    write(stores, lambda t: stores.lineage.add_node(t, node))
    with pytest.raises(IntegrityViolation, match="is stored with hash"):
        write(stores, lambda t: stores.lineage.add_node(t, a_node("code", "1.0", content="other")))


def test_a_node_needs_its_parents_and_its_artifacts(stores: Stores) -> None:
    with pytest.raises(IntegrityViolation, match=r"code:1\.0"):
        write(stores, lambda t: stores.lineage.add_node(t, a_node("run", "r", a_node("code", "1.0"))))
    chart = replace(a_node("chart", "r"), artifacts=(PICTURE.sha256,))
    with pytest.raises(IntegrityViolation, match="not stored"):
        write(stores, lambda t: stores.lineage.add_node(t, chart))


def test_ancestry_has_parents_before_children_and_nothing_else(stores: Stores) -> None:
    code = a_node("code", "1.0")
    strategy = a_node("strategy", "s@1", code)
    bars, chart = a_node("bars", "r", strategy), a_node("chart", "r", strategy, code)
    signal = a_node("signal", "r", bars, chart)
    stranger = a_node("strategy", "other@1", code)
    with stores.transactions.begin() as t:
        for node in (code, strategy, bars, chart, signal, stranger):
            stores.lineage.add_node(t, node)
    with stores.transactions.read() as t:
        line = stores.lineage.ancestry(t, signal.node)
        assert stores.lineage.ancestry(t, "signal:nobody") == []
    assert {node.node for node in line} == {node.node for node in (code, strategy, bars, chart, signal)}
    places = {node.node: place for place, node in enumerate(line)}
    assert all(places[parent] < places[node.node] for node in line for parent in node.parents)


def test_a_line_of_six_hundred_nodes_is_read_whole(stores: Stores) -> None:
    def record(t: Transaction) -> None:
        last = a_node("step", "0")
        stores.lineage.add_node(t, last)
        for number in range(1, 600):
            last = a_node("step", str(number), last)
            stores.lineage.add_node(t, last)

    write(stores, record)
    with stores.transactions.read() as t:
        line = stores.lineage.ancestry(t, "step:599")
    assert [node.entity for node in line] == [str(number) for number in range(600)]


def test_nodes_are_found_by_run_and_by_the_beginning_of_an_entity(stores: Stores) -> None:
    run = write(stores, lambda t: store_run(stores, t, a_run()))
    node = a_node("bars", run.run, run=run.run)
    write(stores, lambda t: stores.lineage.add_node(t, node))
    with stores.transactions.read() as t:
        assert stores.lineage.nodes_of_run(t, run.run) == [node]
        assert stores.lineage.nodes_of_entity(t, run.run[:8]) == [node]
        assert stores.lineage.nodes_of_entity(t, run.run[:7]) == []
        assert stores.lineage.nodes_of_entity(t, run.run[:8].upper() + "%") == []


def a_call(purpose: str) -> Call:
    return Call(
        call=None,
        purpose=purpose,
        method="GET",
        path="/iserver/account/orders",
        request="",
        status=200,
        response_sha256=None,
        response_digest="0" * 64,
        error="",
        started_at=NOON,
        machine_ms=12,
    )


def test_calls_are_numbered_and_found_by_purpose(stores: Stores) -> None:
    with stores.transactions.begin() as t:
        for purpose in ("run:1:bars", "run:10:bars", "dealer:orders", "run:1:quote"):
            stores.lineage.add_call(t, a_call(purpose))
    with stores.transactions.read() as t:
        found = stores.lineage.calls(t, "run:1:")
        assert stores.lineage.calls(t, "run:_") == []
    assert [call.purpose for call in found] == ["run:1:bars", "run:1:quote"]
    assert [replace(call, call=None) for call in found] == [a_call("run:1:bars"), a_call("run:1:quote")]
    assert all(call.call is not None for call in found)


def append(stores: Stores, t: Transaction, actor: str) -> AuditEntry:
    seq, previous = stores.audit.head(t)
    entry = AuditEntry(
        seq=seq + 1,
        previous=previous,
        hash=digest([previous, seq, actor]),
        at=NOON,
        actor=actor,
        kind="test",
        ref="run:1",
        body="{}",
    )
    stores.audit.append(t, entry)
    return entry


def test_the_chain_begins_with_zeros_and_grows_by_one(stores: Stores) -> None:
    with stores.transactions.read() as t:
        assert stores.audit.head(t) == (0, "0" * 64)
    written = [write(stores, lambda t: append(stores, t, "owner")) for _ in range(3)]
    with stores.transactions.read() as t:
        assert stores.audit.entries(t) == written
        assert stores.audit.entries(t, after=1, limit=1) == written[1:2]
        assert stores.audit.head(t) == (3, written[-1].hash)


def test_a_row_that_does_not_follow_the_head_is_refused(stores: Stores) -> None:
    first = write(stores, lambda t: append(stores, t, "owner"))
    for wrong in (
        first,
        replace(first, seq=2, hash="h"),
        replace(first, seq=3, previous=first.hash, hash="h"),
    ):
        with pytest.raises(IntegrityViolation, match="follow"), stores.transactions.begin() as t:
            stores.audit.append(t, wrong)


def test_many_writers_make_one_chain(stores: Stores) -> None:
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda number: write(stores, lambda t: append(stores, t, str(number))), range(40)))
    with stores.transactions.read() as t:
        chain = stores.audit.entries(t)
    assert [entry.seq for entry in chain] == list(range(1, 41))
    assert all(after.previous == before.hash for before, after in pairwise(chain))
