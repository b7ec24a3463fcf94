"""Everything a person reads about the portfolio, put together from books, lots and closes. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from glassdesk.kernel.money import exact
from glassdesk.workflow.order_tracking.model import Execution, Fill
from glassdesk.workflow.orders.model import Side
from glassdesk.workflow.portfolio import lots
from glassdesk.workflow.portfolio.model import Books, CashBreak, CashRow, Snapshot
from glassdesk.workflow.portfolio.performance import Close, Standing, curve
from glassdesk.workflow.portfolio.statistics import Statistics
from glassdesk.workflow.positions.derive import ZERO, age, signed
from glassdesk.workflow.positions.model import BrokerPosition

Marks = Mapping[int, tuple[Decimal, datetime]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Lot:
    """Shares that are open, of one purchase: its order and run say where they came from."""

    conid: int
    symbol: str
    strategy: str
    run: str
    order: str
    bought_at: datetime
    quantity: Decimal
    price: Decimal
    commission: Decimal
    mark: Decimal | None
    marked_at: datetime | None
    unrealised: Decimal | None
    """At the mark, its commission taken off."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """A close on both curves: the account's, adjusted for money that came or went, and the desk's."""

    session: date
    equity: Decimal
    flow: Decimal
    daily_return: Decimal | None
    growth: Decimal | None
    drawdown: Decimal
    desk_equity: Decimal | None
    """`None` where no desk capital is set."""
    desk_drawdown: Decimal | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """A part of the difference between the broker's realised profit and ours."""

    why: str
    amount: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Realised:
    """Our realised profit beside the broker's, with what makes the difference (`T-71`)."""

    ours: Decimal
    broker: Decimal | None
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """The trades of one strategy or symbol."""

    name: str
    statistics: Statistics
    unrealised: Decimal | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """The portfolio at an instant."""

    books: Books
    standing: Standing
    statistics: Statistics
    realised: Realised
    lots: tuple[Lot, ...]
    cash: tuple[CashRow, ...]
    cash_break: CashBreak | None
    days: tuple[Day, ...]
    by_strategy: tuple[Group, ...]
    by_symbol: tuple[Group, ...]


def open_lots(fills: Iterable[Fill], marks: Marks) -> tuple[Lot, ...]:
    """What is open, oldest first."""
    found = [_lot(part, marks) for part in lots.match(fills).open]
    return tuple(sorted(found, key=lambda lot: (lot.bought_at, lot.conid, lot.order)))


def _lot(part: lots.Part, marks: Marks) -> Lot:
    one, mark = part.fill.execution, marks.get(part.fill.execution.conid)
    return Lot(
        conid=one.conid,
        symbol=one.symbol,
        strategy=part.fill.strategy,
        run=part.fill.run,
        order=part.fill.order,
        bought_at=one.executed_at,
        quantity=part.quantity,
        price=part.price,
        commission=part.commission,
        mark=None if mark is None else mark[0],
        marked_at=None if mark is None else mark[1],
        unrealised=None if mark is None else part.quantity * mark[0] - part.cost - part.commission,
    )


def days(snapshots: Sequence[Snapshot], opening: Decimal | None, capital: Decimal | None) -> tuple[Day, ...]:
    """Both curves. `opening` is the account's worth at first sight."""
    if opening is None:
        return ()
    account = curve(opening, _account_closes(snapshots))
    desk = curve(capital, [_desk_close(one, capital) for one in snapshots]) if capital is not None else None
    return tuple(
        Day(
            session=point.session,
            equity=point.equity,
            flow=point.flow,
            daily_return=point.daily_return,
            growth=point.growth,
            drawdown=point.drawdown,
            desk_equity=None if desk is None else desk[number].equity,
            desk_drawdown=None if desk is None else desk[number].drawdown,
        )
        for number, point in enumerate(account)
    )


def _account_closes(snapshots: Sequence[Snapshot]) -> Iterable[Close]:
    before = ZERO
    for one in snapshots:
        yield Close(session=one.session, equity=one.equity, flow=one.deposits - before)
        before = one.deposits


def _desk_close(one: Snapshot, capital: Decimal) -> Close:
    return Close(session=one.session, equity=capital + one.realised + one.unrealised + one.dividends)


def groups(
    statistics: Mapping[str, Statistics], lots_by: Mapping[str, Sequence[Lot]], none: Statistics
) -> tuple[Group, ...]:
    """One row for each name that has a closed trade or an open lot, by name."""
    return tuple(
        Group(name=name, statistics=statistics.get(name, none), unrealised=_open(lots_by.get(name, ())))
        for name in sorted(statistics.keys() | lots_by.keys())
    )


def _open(parts: Iterable[Lot]) -> Decimal | None:
    amounts = [lot.unrealised for lot in parts]
    known = [amount for amount in amounts if amount is not None]
    return sum(known, ZERO) if len(known) == len(amounts) else None


def realised(
    fills: Sequence[Fill],
    external: Sequence[Execution],
    openings: Sequence[BrokerPosition],
    *,
    ours: Decimal,
    broker: Decimal | None,
) -> Realised:
    """The broker's figure beside ours. The broker closes at average cost, and counts everybody's trades."""
    if broker is None:
        return Realised(ours=ours, broker=None, reasons=())
    desk = at_average_cost([fill.execution for fill in sorted(fills, key=age)], ())
    everybody = sorted([*(fill.execution for fill in fills), *external], key=_order)
    account = at_average_cost(everybody, openings)
    parts = (
        ("lots close first in, first out; the broker counts at average cost", desk - ours),
        ("trades of the owner, which the desk does not count", account - desk),
        ("rounding to the cent, or a figure that the broker begins anew each day", broker - account),
    )
    reasons = tuple(Reason(why=why, amount=exact(amount)) for why, amount in parts if exact(amount))
    return Realised(ours=ours, broker=broker, reasons=reasons)


def _order(one: Execution) -> tuple[object, ...]:
    return (one.executed_at, one.side is Side.SELL, one.execution, one.revision)


def at_average_cost(executions: Iterable[Execution], openings: Iterable[BrokerPosition]) -> Decimal:
    """Realised profit where what is sold takes the average cost of what is held, commissions included."""
    held = {row.conid: (row.quantity, row.quantity * row.average_cost) for row in openings}
    total = ZERO
    for one in executions:
        quantity, cost = held.get(one.conid, (ZERO, ZERO))
        change, paid = signed(one), one.commission or ZERO
        moved = change * one.price + paid
        closing = min(abs(change), abs(quantity)) if change * quantity < 0 else ZERO
        if closing:
            released, taken = cost * closing / abs(quantity), moved * closing / abs(change)
            total -= released + taken
            cost, moved = cost - released, moved - taken
        held[one.conid] = (quantity + change, cost + moved)
    return total


def by(items: Iterable[Lot], name: str) -> dict[str, list[Lot]]:
    """Lots by one of their fields."""
    found: dict[str, list[Lot]] = {}
    for lot in items:
        found.setdefault(getattr(lot, name), []).append(lot)
    return found
