"""`why`: whatever stopped a symbol, its one line names it, with number, limit and what would have passed."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from glassdesk.composition.ground import Ground
from glassdesk.desk import Desk
from glassdesk.kernel.unit_of_work import Transaction
from glassdesk.workflow.orders.model import IntentState, OrderState
from glassdesk.workflow.risk.model import Assessment, Verdict
from glassdesk.workflow.runs.model import RunState
from glassdesk.workflow.schedules.model import Slot, SlotState
from tests.cli import world
from tests.cli.conftest import Typed

Change = Callable[[Ground, Desk, Transaction], None]


def ended(reason: str, state: RunState = RunState.NO_TRADE) -> Change:
    """AAPL's run ended so."""

    def change(ground: Ground, desk: Desk, t: Transaction) -> None:
        run = desk.runs.runs(t, strategy="rising")[0]
        ground.stores.runs.set_state(t, run, state, reason, at=world.SLOT)

    return change


def denied(moment: str) -> Change:
    """One rule denied AAPL's order."""
    verdict = Verdict(
        rule="PRICE_COLLAR",
        passed=False,
        denies=True,
        observed="101.2",
        limit="100.5",
        explanation="A purchase pays at most so much above the reference price",
    )

    def change(ground: Ground, desk: Desk, t: Transaction) -> None:
        run = desk.runs.runs(t, strategy="rising")[0]
        desk.risk.keep(t, run.run, moment, Assessment(verdicts=(verdict,)))

    return change


def intents(state: IntentState) -> Change:
    """All legs of IBM's decision are in this state."""

    def change(ground: Ground, desk: Desk, t: Transaction) -> None:
        for intent, _ in desk.orders.intents(t, run=desk.runs.runs(t, strategy="asking")[0].run):
            ground.stores.orders.set_intent(t, intent.intent, state, at=world.SLOT)

    return change


def orders(state: OrderState, note: str) -> Change:
    """IBM's order is in this state."""

    def change(ground: Ground, desk: Desk, t: Transaction) -> None:
        for order in desk.orders.orders(t, strategy="asking"):
            sending = desk.orders.move(
                t, order, replace(order, state=OrderState.SENDING, sends=1), lease=None
            )
            desk.orders.move(t, sending, replace(sending, state=state, note=note), lease=None)

    return change


def slot(state: SlotState, reason: str) -> Change:
    """MSFT's next slot did not run."""

    def change(ground: Ground, desk: Desk, t: Transaction) -> None:
        at = world.SLOT + timedelta(days=1)
        found = Slot(strategy="falling", version=1, instant=at, state=state, reason=reason, created_at=at)
        assert ground.stores.slots.add(t, found)

    return change


TOO_SMALL = "TOO_SMALL: RISK_PER_TRADE allows no whole share; 120000 of desk capital would trade"

CASES: dict[str, tuple[str, list[Change], dict[str, str]]] = {
    "halt": (
        "AAPL",
        [ended("HALTED: the desk is at HALT")],
        {"stopped_by": "HALTED", "number": "the desk is at HALT", "passes": "glassdesk resume"},
    ),
    "too few bars": (
        "AAPL",
        [ended("TOO_FEW_BARS: SMA 200 needs 200 bars, there are 93")],
        {"stopped_by": "TOO_FEW_BARS", "number": "200 bars, there are 93", "passes": "longer history"},
    ),
    "conditions": (
        "AAPL",
        [ended("CONDITIONS: rsi_14 61.2 is not below 30; 1 of 3 needed 2")],
        {"stopped_by": "CONDITIONS", "number": "rsi_14 61.2 is not below 30; 1 of 3 needed 2"},
    ),
    "too small": (
        "AAPL",
        [ended(TOO_SMALL)],
        {
            "stopped_by": "TOO_SMALL",
            "limit": "one whole share",
            "passes": "120000 of desk capital would trade",
        },
    ),
    "a risk rule": (
        "AAPL",
        [denied("reserve"), ended("PRICE_COLLAR: 101.2, the limit is 100.5")],
        {
            "stopped_by": "PRICE_COLLAR",
            "number": "101.2",
            "limit": "100.5",
            "passes": "at most so much above",
        },
    ),
    "a failure": (
        "AAPL",
        [ended("UNAVAILABLE: the gateway does not answer", RunState.FAILED)],
        {"stopped_by": "UNAVAILABLE", "number": "does not answer"},
    ),
    "no code": ("AAPL", [ended("odd", RunState.FAILED)], {"stopped_by": "failed", "number": "odd"}),
    "a risk rule at the send": (
        "IBM",
        [intents(IntentState.DENIED)],
        {"stopped_by": "denied at send"},
    ),
    "the window": (
        "IBM",
        [intents(IntentState.QUEUED)],
        {"stopped_by": "its window", "limit": "2012-10-01 13:00Z"},
    ),
    "an expired intent": (
        "IBM",
        [intents(IntentState.EXPIRED)],
        {"stopped_by": "expired", "passes": "inside its limit"},
    ),
    "a rejection": (
        "IBM",
        [intents(IntentState.SENT), orders(OrderState.REJECTED, "no trading permission")],
        {"stopped_by": "rejected", "number": "no trading permission", "passes": "the broker accepts"},
    ),
    "a working order": (
        "IBM",
        [intents(IntentState.SENT), orders(OrderState.WORKING, "")],
        {"stopped_by": "nothing", "number": "working at"},
    ),
    "a missed slot": (
        "MSFT",
        [slot(SlotState.MISSED, "130 min late, the limit is 120 min")],
        {"stopped_by": "slot missed", "number": "130 min late", "passes": "a worker that runs"},
    ),
    "a holiday": (
        "MSFT",
        [slot(SlotState.HOLIDAY, "XNYS has no session that day")],
        {"stopped_by": "slot holiday"},
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_the_first_thing_that_stopped_it_is_named(type_in: Typed, home: Path, case: str) -> None:
    symbol, changes, expected = CASES[case]
    with world.opened(home) as (ground, desk), desk.transactions.begin() as t:
        for change in changes:
            change(ground, desk, t)
    told = type_in("why", "--symbol", symbol, "--json")
    assert told.code == 0, told.err
    line = told.json[0]
    assert {name: text for name, text in expected.items() if text not in line[name]} == {}, line
    assert len(type_in("why", "--symbol", symbol).out.strip().splitlines()) == 2
