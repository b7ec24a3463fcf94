"""The few things a program may do. Each needs the header `X-CSRF-Token` of the session."""

from __future__ import annotations

from fastapi import APIRouter

from glassdesk.kernel.errors import InvalidInput
from glassdesk.web.api import shapes
from glassdesk.web.pages.approvals import answer_to
from glassdesk.web.pages.indicators import keep_indicators
from glassdesk.web.pages.orders import ask_cancel
from glassdesk.web.pages.positions import about_position
from glassdesk.web.pages.risk import raise_level
from glassdesk.web.pages.strategies import set_state
from glassdesk.web.parts import OWNER, Here, Parts
from glassdesk.web.problems import NotApproved
from glassdesk.workflow.indicators.model import IndicatorSet, IndicatorSetVersion
from glassdesk.workflow.indicators.writing import read_spec
from glassdesk.workflow.risk.model import Halt
from glassdesk.workflow.risk.unlocks import LiveMove
from glassdesk.workflow.strategies.model import Strategy, StrategyRow

router = APIRouter()


@router.post("/risk/halt")
def halt(here: Here, wish: shapes.HaltWish) -> Halt:
    """Raise the level of the kill switch."""
    return raise_level(here, wish.level, wish.reason, wish.typed)


@router.post("/live/lock")
def lock(here: Here, why: shapes.Reason) -> LiveMove:
    """Lock the live account: nothing opens from now on; exits and protection go on."""
    with here.desk.transactions.begin() as t:
        move = here.desk.road.lock(t, why.reason, OWNER)
    here.wake_dealer()
    return move


@router.post("/risk/resume")
def resume(here: Here, why: shapes.Reason) -> Halt:
    """Back to trading; a reason is needed."""
    with here.desk.transactions.begin() as t:
        return here.desk.risk.resume(t, why.reason, OWNER)


@router.post("/indicators/sets", status_code=201)
def keep_set(here: Here, wish: shapes.SetWish) -> IndicatorSetVersion:
    """Keep a new set of indicators, or the next version of one."""
    wanted = IndicatorSet(name=wish.name, indicators=tuple(read_spec(text) for text in wish.indicators))
    return keep_indicators(here, wanted, wish.base, wish.message)


@router.post("/strategies", status_code=201)
def create(here: Here, strategy: Strategy, message: str = "") -> StrategyRow:
    """Keep a new version; its number and state are the desk's to give."""
    with here.desk.transactions.begin() as t:
        return here.desk.strategies.create(t, strategy, author=OWNER, message=message)


@router.post("/strategies/{name}/enable")
def enable(here: Here, name: str) -> StrategyRow:
    """Let it run from its next slot."""
    return _change(here, name, "enable")


@router.post("/strategies/{name}/disable")
def disable(here: Here, name: str) -> StrategyRow:
    """No new entries; while it holds shares it closes."""
    return _change(here, name, "disable")


@router.post("/strategies/{name}/run", status_code=202)
def run(here: Here, name: str, wish: shapes.RunWish) -> shapes.Due:
    """Decide now, outside the schedule: a signal for each of its contracts, or for those named. Risk,
    approval and entry window hold as ever; `/runs/{run}` says what became of each."""
    desk = here.desk
    with desk.transactions.begin() as t:
        conids = [desk.contracts.by_symbol(t, symbol).conid for symbol in wish.symbols]
        return shapes.Due(runs=desk.schedules.run_now(t, name, conids=conids or None, actor=OWNER))


@router.post("/positions/{symbol}/{act}", status_code=202)
def position(here: Here, symbol: str, act: str, wish: shapes.PositionWish) -> shapes.Asked:
    """Exit, release, adopt, split, protect, acknowledge or apply; `/commands` says what became of it."""
    command = about_position(here, act, symbol, strategy=wish.strategy, price=wish.price, reason=wish.reason)
    return shapes.Asked(command=command)


@router.post("/orders/{order}/cancel", status_code=202)
def cancel(here: Here, order: str) -> shapes.Asked:
    """Ask the dealer to cancel; `/commands` says what became of it."""
    if not order.strip():
        raise InvalidInput("no order named", where="order")
    return shapes.Asked(command=ask_cancel(here, order))


@router.post("/approvals/{intent}/approve")
def approve(here: Here, intent: str, wish: shapes.ApprovalWish) -> shapes.Decided:
    """Yes to exactly the order of `payload`; judged again now and at the send. What the rules deny goes on
    waiting, and the problem's `denials` say why."""
    answered = answer_to(here, intent, "approve", wish.payload)
    if answered is not None and not answered.done:
        raise NotApproved(answered.denials)
    return _decided(here, intent, already=answered is not None and answered.already)


@router.post("/approvals/{intent}/decline")
def decline(here: Here, intent: str, wish: shapes.ApprovalWish) -> shapes.Decided:
    """No to exactly the order of `payload`: nothing is sent."""
    answer_to(here, intent, "decline", wish.payload)
    return _decided(here, intent, already=False)


def _decided(here: Parts, intent: str, *, already: bool) -> shapes.Decided:
    with here.desk.transactions.read() as t:
        found = here.desk.approvals.show(t, intent)
    return shapes.Decided(intent=found.intent.intent, state=found.state, already=already)


def _change(here: Here, name: str, wish: str) -> StrategyRow:
    set_state(here, name, wish)
    with here.desk.transactions.read() as t:
        return here.desk.strategies.get(t, name)
