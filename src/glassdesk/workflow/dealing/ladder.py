"""The rungs of the exit ladder (`T-41`): when, at what price, and what the broker said to each. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from glassdesk.kernel.money import down_to_tick
from glassdesk.workflow.orders.model import OutcomeKind, SendRow


@dataclass(frozen=True, slots=True, kw_only=True)
class Rung:
    """A step of the ladder: when, and how far below the bid; `None` = the last rung, by urgency."""

    after: timedelta
    below: Decimal | None


LADDER = (
    Rung(after=timedelta(0), below=Decimal("0.001")),
    Rung(after=timedelta(seconds=20), below=Decimal("0.003")),
    Rung(after=timedelta(seconds=40), below=Decimal("0.01")),
    Rung(after=timedelta(seconds=60), below=None),
)


BOUNDED = Rung(after=timedelta(seconds=20), below=Decimal("0.03"))
"""In place of a market order where the broker asks about those: the question is never answered with yes
(`T-59`, decision 9). Told when it is not filled after so long."""
_ASKS_ABOUT_MARKET = "o10151:no"


def rung_price(bid: Decimal, rung: Rung, tick: Decimal) -> Decimal | None:
    """Limit of a rung: bid − max(2 ticks, fraction of the bid), later bid − fraction, rounded down (`T-57`);
    `None` = to the market."""
    if rung.below is None:
        return None
    least = 2 * tick if rung.after == timedelta(0) else tick
    return max(tick, down_to_tick(bid - max(least, bid * rung.below), tick))


def undone(send: SendRow) -> bool:
    """Nothing of it reached the broker, or the broker refused it."""
    kind = send.outcome.kind if send.outcome is not None else None
    return kind in (OutcomeKind.NOT_SENT, OutcomeKind.REJECTED, OutcomeKind.DECLINED)


def market_declined(sends: Sequence[SendRow]) -> bool:
    """The broker asked about a market order, and was told no."""
    return any(send.outcome is not None and _ASKS_ABOUT_MARKET in send.outcome.questions for send in sends)


def movable(sends: Sequence[SendRow]) -> bool:
    """The broker has not refused to modify it; a market order that was not confirmed is no refusal."""
    kinds = [
        send.outcome.kind
        for send in sends
        if send.outcome is not None and send.verb == "modify" and not market_declined([send])
    ]
    return not any(kind in (OutcomeKind.REJECTED, OutcomeKind.DECLINED) for kind in kinds)
