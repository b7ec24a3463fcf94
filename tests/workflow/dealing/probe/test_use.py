"""What the probe found out is what the desk does from then on, and nothing before (`T-60`)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx2
import pytest

from glassdesk.workflow.orders.model import OrderState
from tests.faults.stage import ACCOUNT, MINUTE, Stage
from tests.workflow.dealing.probe.conftest import Paper
from tests.workflow.dealing.probe.probing import may_send, probed

CORE = ("P1", "P1-ended", "B1")


def children_sent(stage: Stage) -> list[dict[str, Any]]:
    """The children of the last bracket, as they went over the wire."""
    body = stage.requests(f"/iserver/account/{ACCOUNT}/orders", "POST")[-1]["body"]
    return [one for one in body["orders"] if "parentId" in one]


def enter(stage: Stage) -> None:
    entry = stage.reserve_entry()
    stage.run_until(lambda: stage.entry_state(entry) is OrderState.FILLED)


@pytest.mark.parametrize(("setting", "own"), [("kept", True), ("dropped", False), ("refused", False)])
def test_T_60_children_carry_ids_of_their_own_only_where_the_probe_saw_them_kept(
    paper: Paper, setting: str, own: bool
) -> None:
    stage = paper(child_coid=setting)
    probed(stage, only=("B1",))
    enter(stage)
    sent = children_sent(stage)
    assert len(sent) == 2
    assert ["cOID" in one for one in sent] == [own, own]


def test_T_60_before_the_probe_children_carry_none(paper: Paper) -> None:
    stage = paper()
    stage.run_until(lambda: may_send(stage))
    enter(stage)
    assert not any("cOID" in one for one in children_sent(stage))


@contextmanager
def lost(stage: Stage) -> Iterator[None]:
    """The next order is lost on its way: the desk gets no answer, the broker no request."""
    carry, left = stage.wire.handle_request, [1]

    def loses(request: httpx2.Request) -> httpx2.Response:
        if request.method == "POST" and request.url.path.endswith(f"{ACCOUNT}/orders") and left:
            left.pop()
            raise httpx2.ReadTimeout("the read operation timed out")
        return carry(request)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(stage.wire, "handle_request", loses)
        yield


@pytest.mark.parametrize(
    ("switches", "proved", "ends"),
    [
        ({}, True, OrderState.FILLED),
        ({}, False, OrderState.ABANDONED),
        ({"duplicate_coid": "off"}, True, OrderState.ABANDONED),
        ({"duplicate_scope": "working"}, True, OrderState.ABANDONED),
    ],
    ids=["refused", "not probed", "made a second order", "refused while it works only"],
)
def test_T_60_an_order_is_sent_again_only_where_the_probe_saw_duplicates_refused(
    paper: Paper, switches: dict[str, str], proved: bool, ends: OrderState
) -> None:
    stage = paper(**switches)
    stage.run_until(lambda: may_send(stage))
    if proved:
        probed(stage, only=CORE)
    with lost(stage):
        entry = stage.reserve_entry()
        stage.run_until(
            lambda: stage.entry_state(entry) in (OrderState.FILLED, OrderState.ABANDONED),
            within=10 * MINUTE,
        )
    assert stage.entry_state(entry) is ends
    assert len(stage.truth(entry.orders[0].coid)) == (ends is OrderState.FILLED)
