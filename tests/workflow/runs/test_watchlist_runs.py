"""A strategy that trades a watchlist: the list is looked up at each slot, and a run says which version it
saw."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from glassdesk.adapters.bundles import load_strategy
from glassdesk.composition.verifying import verify
from glassdesk.kernel.errors import Conflict, Denied, InvalidInput
from glassdesk.kernel.ids import intent_id
from glassdesk.workflow.runs.model import RunState
from glassdesk.workflow.schedules.model import SlotState
from tests.workflow.runs.harness import ACCOUNT, ALSO, DOWN, FILE, SLOT, SYMBOLS, UP, Harness, bought, harness

NEXT = SLOT + timedelta(days=1)
USUAL = {"history": 120, "weekly": "false", "monthly": "false", "decide_on": "closed", "approval": "off"}


@pytest.fixture
def h(tmp_path: Path) -> Iterator[Harness]:
    with harness(tmp_path / "home") as made:
        yield made


def listed(h: Harness, *conids: int, name: str = "mine") -> None:
    with h.desk.transactions.begin() as t:
        h.desk.watchlists.save(t, name, [h.desk.contracts.contract(t, conid) for conid in conids], "owner")


def strategy(h: Harness, name: str = "lists", watchlist: str = "mine", *, enable: bool = True) -> None:
    text = FILE.format(name=name, symbol="UP", cron="0 9 * * 1-5", **USUAL)
    text = text.replace("symbols: [UP]", f"watchlist: {watchlist}")
    made = load_strategy(text, file=name, account=ACCOUNT, resolve=SYMBOLS.__getitem__)
    with h.desk.transactions.begin() as t:
        h.desk.strategies.create(t, made, author="owner")
        if enable:
            h.desk.strategies.enable(t, name, "owner")


def conids(h: Harness, runs: list[str]) -> list[int]:
    return sorted(h.run(run).conid for run in runs)


def slot_of(h: Harness, name: str = "lists") -> tuple[SlotState, str]:
    with h.desk.transactions.read() as t:
        newest = h.desk.schedules.slots(t, strategy=name, limit=1)[0]
    return newest.state, newest.reason


def test_each_slot_sees_the_list_as_it_is_then(h: Harness) -> None:
    listed(h, UP, DOWN)
    strategy(h)
    first = h.due()
    assert conids(h, first) == [UP, DOWN]
    listed(h, DOWN, ALSO)
    second = h.tick_at(NEXT)
    assert conids(h, second) == [DOWN, ALSO]
    with h.desk.transactions.read() as t:
        seen = [h.desk.watchlists.seen_by(t, run) for run in (first[0], second[0])]
    assert [(one.name, one.version) for one in seen if one] == [("mine", 1), ("mine", 2)]


def test_its_lineage_names_the_version_and_what_stood_in_it(h: Harness) -> None:
    listed(h, UP)
    strategy(h)
    (run,) = h.due()
    listed(h, UP, DOWN)
    h.execute(run)
    assert h.run(run).state is RunState.QUEUED
    with h.desk.transactions.read() as t:
        graph, findings = verify(h.desk, t, f"order:{intent_id(run, 'main')}")
    assert findings == []
    [node] = [one for one in graph.nodes if one.kind == "watchlist"]
    assert node.node == "watchlist:mine@1"
    assert '"symbol":"UP"' in node.content
    assert '"symbol":"DOWN"' not in node.content


def test_a_list_that_is_gone_stops_the_slot_with_its_reason(h: Harness) -> None:
    listed(h, UP)
    strategy(h)
    with h.desk.transactions.begin() as t:
        h.desk.watchlists.remove(t, "mine", "owner")
    assert h.due() == []
    assert slot_of(h) == (
        SlotState.BLOCKED,
        "WATCHLIST: the watchlist 'mine' is gone: nothing is entered",
    )
    with h.desk.transactions.begin() as t, pytest.raises(Conflict, match="'mine' is gone"):
        h.desk.schedules.run_now(t, "lists", conids=None, actor="owner")


def test_an_empty_list_stops_the_slot_and_a_list_made_again_goes_on(h: Harness) -> None:
    listed(h, UP)
    strategy(h)
    listed(h)
    assert h.due() == []
    assert slot_of(h)[1] == "WATCHLIST: the watchlist 'mine' is empty: nothing is entered"
    with h.desk.transactions.begin() as t:
        h.desk.watchlists.remove(t, "mine", "owner")
    listed(h, DOWN)
    [run] = h.tick_at(NEXT)
    with h.desk.transactions.read() as t:
        seen = h.desk.watchlists.seen_by(t, run)
    assert seen is not None
    assert seen.version == 3


def test_what_it_holds_runs_on_without_the_list_and_is_not_bought_again(h: Harness) -> None:
    listed(h, UP)
    strategy(h)
    (run,) = h.due()
    h.execute(run)
    bought(h, "lists", h.clock.now())
    listed(h, DOWN)
    runs = h.tick_at(NEXT)
    assert conids(h, runs) == [UP, DOWN]
    with h.desk.transactions.begin() as t:
        h.desk.watchlists.remove(t, "mine", "owner")
    [held] = h.tick_at(NEXT + timedelta(days=1))
    assert h.run(held).conid == UP
    assert slot_of(h) == (
        SlotState.RUN,
        "WATCHLIST: the watchlist 'mine' is gone: only what it holds runs",
    )
    h.execute(held)
    assert h.run(held).state is RunState.NO_TRADE


def test_a_contract_that_was_only_held_is_not_entered(h: Harness) -> None:
    """It was sold between the slot and the decision."""
    listed(h, UP)
    strategy(h)
    (run,) = h.due()
    h.execute(run)
    bought(h, "lists", h.clock.now())
    listed(h, DOWN)
    held = next(one for one in h.tick_at(NEXT) if h.run(one).conid == UP)
    empty = replace(h.parts, positions=Nothing())  # type: ignore[arg-type]
    h.execute(held, parts=empty)
    assert h.run(held).reason == "NOT_LISTED: UP is only held, the watchlist has it no more"


class Nothing:
    """Positions after a stop was hit."""

    def held(self, t: object, account: str) -> list[object]:
        del t, account
        return []


def test_T_13_a_listed_contract_of_another_strategy_is_not_entered(h: Harness) -> None:
    listed(h, UP)
    strategy(h)
    h.strategy("owns", "DOWN")
    listed(h, UP, DOWN)
    run = next(one for one in h.due() if h.run(one).strategy == "lists" and h.run(one).conid == DOWN)
    h.broker.reads = 0
    h.execute(run)
    assert h.run(run).reason == "OTHER_OWNER: DOWN belongs to the strategy owns"
    assert h.broker.reads == 0


def test_T_13_who_trades_a_list_owns_what_stands_in_it(h: Harness) -> None:
    listed(h, UP)
    strategy(h)
    with pytest.raises(Denied, match="UP belongs to the strategy lists"):
        h.strategy("second", "UP")
    listed(h, UP, ALSO, name="also")
    with pytest.raises(Denied, match="UP belongs to the strategy lists"):
        strategy(h, "third", "also")
    listed(h, DOWN)
    h.due()
    h.strategy("fourth", "UP")


def test_a_list_that_is_not_there_cannot_be_kept_in_a_strategy(h: Harness) -> None:
    with pytest.raises(InvalidInput, match="watchlist: the watchlist 'mine' is gone"):
        strategy(h, enable=False)
