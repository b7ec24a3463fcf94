"""Exits and stops never wait for a model: while one is being asked, the dealer sells and protects."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from decimal import Decimal

from glassdesk.workflow.dealing.model import CommandKind
from glassdesk.workflow.dealing.service import Dealing
from glassdesk.workflow.orders.model import OrderState, Role
from glassdesk.workflow.signals.calls import Prompt, Reply
from glassdesk.workflow.signals.deciding import ModelAnalyst
from glassdesk.workflow.signals.governor import Allowance, Governor
from tests.workflow.dealing.desk import TestDesk
from tests.workflow.dealing.makers import AAPL
from tests.workflow.dealing.test_exits import LATER, SECOND, holding_ten
from tests.workflow.signals.cases import question
from tests.workflow.signals.desks import PRICES, ByHand, Named, well


def governor(desk: TestDesk, allowance: Allowance | None = None) -> Governor:
    return Governor(
        desk.stores.transactions, desk.stores.model_calls, desk.clock, desk.parts.notifications, allowance
    )


@contextmanager
def a_model_that_hangs(desk: TestDesk) -> Iterator[None]:
    """In the middle of a call: its money is reserved, its answer is not there."""
    asked, released = threading.Event(), threading.Event()

    def hang(_: Prompt) -> Reply:
        asked.set()
        released.wait(120)
        return well()

    analyst = ModelAnalyst([Named(hang)], governor(desk), PRICES, desk.clock, ByHand())
    thread = threading.Thread(target=analyst.ask, args=(replace(question(), run="hangs"),))
    thread.start()
    assert asked.wait(60)
    yield
    assert [one.outcome for one in desk.read(lambda t: desk.stores.model_calls.of_run(t, "hangs"))] == [None]
    released.set()
    thread.join()


def leave(desk: TestDesk) -> None:
    dealing = Dealing(desk.stores.commands, desk.parts.audit, desk.clock)
    desk.write(lambda t: dealing.ask(t, CommandKind.EXIT_POSITION, f"s{AAPL}", "owner"))
    desk.turn()


def test_a_position_is_left_while_a_model_hangs() -> None:
    desk, entry = holding_ten()
    with a_model_that_hangs(desk):
        leave(desk)
        assert len(desk.broker.modified) == 1
        desk.broker.fill(desk.legs(entry)[Role.TARGET].coid, 10, "169.80")
        desk.run_until(LATER + 10 * SECOND)
        assert desk.held() == {}


def test_a_stop_works_while_a_model_hangs() -> None:
    desk, entry = holding_ten()
    with a_model_that_hangs(desk):
        stop = desk.legs(entry)[Role.STOP]
        assert stop.state is OrderState.WORKING
        desk.broker.fill(stop.coid, 10, "160.00")
        desk.run_until(LATER + 10 * SECOND)
        assert desk.held() == {}


def test_a_position_is_left_where_every_budget_is_used_up() -> None:
    desk, entry = holding_ten()
    broke = governor(desk, Allowance(per_day=Decimal(0), per_month=Decimal(0), calls_per_day=0))
    raw = ModelAnalyst([Named(lambda _: well())], broke, PRICES, desk.clock, ByHand()).ask(question())
    assert "model budget of the day" in raw.failure
    leave(desk)
    desk.broker.fill(desk.legs(entry)[Role.TARGET].coid, 10, "169.80")
    desk.run_until(LATER + 10 * SECOND)
    assert desk.held() == {}
