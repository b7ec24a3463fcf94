"""The books of an account: cash lanes, equity and the desk's own profit from executions, cash rows and marks
(`T-12`, `T-70`). Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from glassdesk.workflow.order_tracking.model import Execution, Fill
from glassdesk.workflow.portfolio import lots
from glassdesk.workflow.portfolio.cash import lanes
from glassdesk.workflow.portfolio.model import Books, BrokerBalances, CashRow, Lane, Lanes, Whose
from glassdesk.workflow.positions.model import BrokerPosition

ZERO = Decimal(0)
Marks = Mapping[int, tuple[Decimal, datetime]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rest:
    """What is in the account beside the desk's own executions."""

    rows: Sequence[CashRow] = ()
    external: Sequence[Execution] = ()
    """Executions of somebody else since the account was seen first."""
    stated: Sequence[BrokerPosition] = ()
    """What the broker says is held, whoever bought it."""


def market_value(open_parts: Sequence[lots.Part], marks: Marks) -> Decimal | None:
    """Open shares at their marks; `None` when a mark is missing."""
    total = ZERO
    for part in open_parts:
        mark = marks.get(part.fill.execution.conid)
        if mark is None:
            return None
        total += part.quantity * mark[0]
    return total


def owners_value(
    open_parts: Sequence[lots.Part], stated: Sequence[BrokerPosition], marks: Marks
) -> Decimal | None:
    """What the broker holds beyond the desk's own shares, at the marks; `None` when one is missing."""
    ours: dict[int, Decimal] = {}
    for part in open_parts:
        conid = part.fill.execution.conid
        ours[conid] = ours.get(conid, ZERO) + part.quantity
    total = ZERO
    for row in stated:
        rest = row.quantity - ours.get(row.conid, ZERO)
        if rest and row.conid not in marks:
            return None
        total += rest * marks[row.conid][0] if rest else ZERO
    return total


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """What follows from the desk's executions alone: it stays until another comes."""

    ledger: lots.Ledger
    lanes: Lanes
    realised: Decimal


def counted(fills: Sequence[Fill], held: Sequence[Fill] | None = None) -> Counted:
    """`held` are the fills as lots see them, where a person's word moved shares between lanes."""
    ledger = lots.match(fills if held is None else held)
    return Counted(
        ledger=ledger,
        lanes=lanes(fill.execution for fill in fills),
        realised=sum((lots.gross(one) - lots.commissions(one) for one in ledger.matches), ZERO),
    )


def books(
    account: str,
    found: Counted,
    marks: Marks,
    *,
    opening: Decimal | None,
    broker: BrokerBalances | None,
    as_of: datetime,
    rest: Rest | None = None,
) -> Books:
    """The books at an instant. `opening` is the cash before the desk's first trade."""
    other, ledger = rest or Rest(), found.ledger
    own = [row for row in other.rows if row.whose is Whose.DESK]
    desk = found.lanes + lanes((), own)
    flows = desk + lanes(other.external, (row for row in other.rows if row.whose is Whose.OWNER))
    value, others = market_value(ledger.open, marks), owners_value(ledger.open, other.stated, marks)
    cash = None if opening is None else opening + flows.change
    accrued = _accrued(broker)
    realised = found.realised + sum((row.amount for row in own if row.lane is Lane.TRADES), ZERO)
    paid = sum((part.cost + part.commission for part in ledger.open), ZERO)
    used = [marks[part.fill.execution.conid][1] for part in ledger.open if part.fill.execution.conid in marks]
    return Books(
        account=account,
        as_of=as_of,
        equity=None
        if cash is None or value is None or others is None
        else cash + value + others + (accrued or ZERO),
        cash=cash,
        market_value=value,
        realised=realised,
        unrealised=None if value is None else value - paid,
        commissions=desk.commissions,
        broker_equity=broker.net_liquidation if broker is not None else None,
        broker_cash=broker.cash if broker is not None else None,
        marked_at=min(used, default=None),
        opening=opening,
        lanes=flows,
        desk=desk,
        unexplained=None if cash is None or broker is None else broker.cash - cash,
        owner_value=others,
        accrued=accrued,
    )


def _accrued(broker: BrokerBalances | None) -> Decimal | None:
    """`None` where the broker states neither."""
    stated = (broker.accrued_dividends, broker.accrued_interest) if broker is not None else ()
    known = [amount for amount in stated if amount is not None]
    return sum(known, ZERO) if known else None
