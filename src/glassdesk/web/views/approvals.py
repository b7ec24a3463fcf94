"""What waits for a person's yes, each on one card: picture, reasons, verdicts, levels, and until when."""

from __future__ import annotations

from dataclasses import dataclass

from glassdesk.desk import Desk
from glassdesk.kernel.unit_of_work import Transaction
from glassdesk.workflow.dealing.consent import Waiting
from glassdesk.workflow.orders.model import Intent, Role
from glassdesk.workflow.runs.outputs import Story


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """One decision."""

    waiting: Waiting
    symbol: str
    story: Story
    """What the run committed: picture, answer, signal, sizing, verdicts."""

    @property
    def stop(self) -> Intent | None:
        return self._leg(Role.STOP)

    @property
    def target(self) -> Intent | None:
        return self._leg(Role.TARGET)

    def _leg(self, role: Role) -> Intent | None:
        return next((leg for leg in self.waiting.legs if leg.role is role), None)


def cards_of(desk: Desk, t: Transaction) -> tuple[Card, ...]:
    """Everything that waits, the first to be over first."""
    return tuple(card_of(desk, t, one) for one in desk.approvals.waiting(t))


def card_of(desk: Desk, t: Transaction, waiting: Waiting) -> Card:
    """One decision's card."""
    main = waiting.intent
    symbol = main.terms.symbol if main.terms is not None else str(main.conid)
    return Card(waiting=waiting, symbol=symbol, story=desk.runs.story(t, main.run))
