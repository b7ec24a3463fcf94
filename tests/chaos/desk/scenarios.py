"""Golden scenarios: what happens in each, and what stands at the broker when it is over."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from glassdesk.workflow.orders.model import OrderState, Role, Side
from tests.chaos.desk.draw import IBM, Act, Draw
from tests.chaos.history.books import Books
from tests.chaos.history.truth import TrueOrder, Truth

AT = "2012-10-01T14:10:00Z"
SHARES = Decimal(9)
End = Callable[[Books, Truth], bool]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """One story. `at_step` acts strike where a process reaches that point for the first time; `DieAt`
    says how points are named."""

    name: str
    acts: tuple[Act, ...]
    ended: End
    """What must be true after a run without deaths, so that the story is the one its name says."""
    at_step: Mapping[str, Act] = field(default_factory=dict)
    minutes: int = 12
    switches: Mapping[str, str] = field(default_factory=dict)
    at: str = AT
    workers: int = 1

    def drawn(self) -> Draw:
        """As a seed."""
        return Draw(
            seed=0,
            at=self.at,
            minutes=self.minutes,
            switches=dict(self.switches),
            acts=self.acts,
            workers=self.workers,
        )


def act(after: float, what: str, **words: Any) -> Act:
    return Act(after=after, what=what, words=words)


def entry(after: float = 20, **words: Any) -> Act:
    return act(after, "entry", conid=IBM, quantity=int(SHARES), **words)


def working(truth: Truth, side: Side | None = None) -> list[TrueOrder]:
    return [one for one in truth.orders if one.last.working and side in (None, one.side)]


def states(books: Books, role: Role) -> list[OrderState]:
    return [order.state for order in books.orders if order.role is role]


def protected(books: Books, truth: Truth) -> bool:
    stops = [one.last.remaining for one in working(truth, Side.SELL) if one.kind == "STP"]
    return truth.held(IBM) > 0 and stops == [truth.held(IBM)]


def flat(books: Books, truth: Truth) -> bool:
    return truth.held(IBM) == 0 and not working(truth)


SCENARIOS = (
    Scenario(
        name="entry_filled",
        acts=(entry(),),
        ended=lambda books, truth: protected(books, truth) and truth.held(IBM) == SHARES,
    ),
    Scenario(
        name="partly_filled",
        acts=(act(1, "fault", number=58, quantity=4), entry(ttl=60)),
        ended=lambda books, truth: protected(books, truth) and truth.held(IBM) == 4,
    ),
    Scenario(
        name="stopped",
        acts=(entry(), act(90, "move", kind="STP", by="0.002")),
        ended=lambda books, truth: flat(books, truth) and OrderState.FILLED in states(books, Role.STOP),
    ),
    Scenario(
        name="target",
        acts=(entry(), act(90, "move", kind="LMT", by="-0.004")),
        ended=lambda books, truth: flat(books, truth) and OrderState.FILLED in states(books, Role.TARGET),
    ),
    Scenario(
        name="exit_by_signal",
        acts=(entry(), act(90, "exit", conid=IBM)),
        ended=lambda books, truth: flat(books, truth) and len(books.fills) >= 2,
    ),
    Scenario(
        name="hand_sale",
        acts=(entry(), act(90, "trade", conid=IBM, side="SELL", quantity=int(SHARES))),
        ended=lambda books, truth: flat(books, truth) and bool(books.external),
    ),
    Scenario(
        name="split",
        acts=(entry(), act(90, "split", conid=IBM, ratio=2)),
        ended=lambda books, truth: truth.held(IBM) == 2 * SHARES and bool(books.breaks),
    ),
    Scenario(
        name="question_declined",
        acts=(act(1, "fault", number=47), entry()),
        ended=lambda books, truth: flat(books, truth) and states(books, Role.ENTRY)[0].final,
    ),
    Scenario(
        name="half_live_bracket",
        acts=(act(1, "fault", number=52), entry()),
        ended=lambda books, truth: (
            OrderState.REJECTED in states(books, Role.STOP) + states(books, Role.TARGET)
        ),
    ),
    Scenario(
        name="late_arrival",
        acts=(act(1, "fault", number=22, endpoint="reply", late=100), entry()),
        ended=lambda books, truth: any(one.late for one in truth.orders),
        minutes=20,
    ),
    Scenario(
        name="halt_mid_send",
        acts=(entry(over="-0.01"),),
        at_step={"wire POST iserver/account/*/orders<": act(0, "halt", level="HALT_CANCEL_ENTRIES")},
        ended=lambda books, truth: flat(books, truth) and states(books, Role.ENTRY)[0].final,
    ),
    Scenario(
        name="session_lost_mid_send",
        acts=(entry(),),
        at_step={"wire POST iserver/account/*/orders<": act(0, "fault", number=3)},
        ended=lambda books, truth: all(state.final or state.at_broker for state in states(books, Role.ENTRY)),
    ),
    Scenario(
        name="answer_lost",
        acts=(act(1, "fault", number=22, endpoint="acceptance"), entry()),
        ended=lambda books, truth: protected(books, truth) and truth.held(IBM) == SHARES,
    ),
    Scenario(
        name="red_button",
        acts=(
            entry(),
            act(60, "entry", conid=265598, quantity=5, over="-0.02"),
            act(120, "halt", level="HALT_CANCEL_ENTRIES"),
        ),
        ended=lambda books, truth: protected(books, truth) and not working(truth, Side.BUY),
    ),
)
