"""How the desk is doing: its curve with high-water mark and drawdown, adjusted for money that came or went
(`T-12`, `T-70`), and what its guards look at. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from glassdesk.kernel.money import exact
from glassdesk.workflow.portfolio.model import Trade

ZERO, ONE = Decimal(0), Decimal(1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Close:
    """Equity at one session's end, and the money that came in (negative: went out) since the close before."""

    session: date
    equity: Decimal
    flow: Decimal = ZERO


@dataclass(frozen=True, slots=True, kw_only=True)
class CurvePoint:
    """A close with what it means for those before. Money that came or went is no result."""

    session: date
    equity: Decimal
    flow: Decimal
    result: Decimal
    """Change of equity less the flow."""
    daily_return: Decimal | None
    """Of the equity the day began with; `None` where that was not positive."""
    growth: Decimal | None
    """One unit of money at the beginning, grown by every return since."""
    high_water: Decimal
    """Highest equity so far, moved by each flow as equity is."""
    drawdown: Decimal
    """Part of the high-water mark that is lost, 0 to 1."""


def curve(opening: Decimal, closes: Iterable[Close]) -> list[CurvePoint]:
    """The closes, oldest first, from the equity before the first of them."""
    points: list[CurvePoint] = []
    before, high, growth = opening, opening, ONE if opening > 0 else None
    for close in closes:
        result = close.equity - before - close.flow
        daily = exact(result / before) if before > 0 else None
        growth = None if growth is None or daily is None else exact(growth * (1 + daily))
        high = max(high + close.flow, close.equity)
        points.append(
            CurvePoint(
                session=close.session,
                equity=close.equity,
                flow=close.flow,
                result=result,
                daily_return=daily,
                growth=growth,
                high_water=high,
                drawdown=drawdown(close.equity, high),
            )
        )
        before = close.equity
    return points


def drawdown(equity: Decimal, high_water: Decimal) -> Decimal:
    """What is lost of a high-water mark, as a part of it; all of it where the mark is not positive and equity
    is below."""
    if equity >= high_water:
        return ZERO
    return exact((high_water - equity) / high_water) if high_water > 0 else ONE


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What guards look at (`T-12`), all from the desk's own executions and marks. A number that cannot be
    known is `None`, and denies an entry (`T-40`)."""

    as_of: datetime
    day_began: datetime
    """Opening of the session that runs, else of the last one."""
    equity: Decimal | None
    """Desk capital and what the desk made of it."""
    pnl_today: Decimal | None
    """Realised and unrealised since the close before `day_began`, commissions and dividends included."""
    high_water: Decimal | None
    """Highest equity of the desk at any close and now, never below its capital."""
    drawdown: Decimal | None
    """Part of the high-water mark that is lost."""
    losses: tuple[datetime, ...]
    """When each of the trades in a row that lost was closed, newest first; empty after a win."""
    last_loss_at: datetime | None
    """Of any losing trade, also one before a win."""
    last_exits: tuple[tuple[int, datetime], ...]
    """Conids whose trades were closed, each with the instant of its newest close."""
    closed_today: int
    """Trades closed since `day_began`."""
    opened_today: int
    """Purchases, one per order, since `day_began`."""
    flow_today: Decimal
    """Deposits less withdrawals since the close before: they are in no other number here."""

    @property
    def loss_streak(self) -> int:
        """Closed trades in a row that lost, counted back from the newest."""
        return len(self.losses)


@dataclass(frozen=True, slots=True, kw_only=True)
class Earned:
    """What the desk had made at a close, all in all."""

    session: date
    pnl: Decimal


def standing(
    *,
    now: datetime,
    day_began: datetime,
    capital: Decimal | None,
    pnl: Decimal | None,
    closes: Sequence[Earned],
    trades: Sequence[Trade],
    opened: Iterable[datetime],
    flow_today: Decimal = ZERO,
) -> Standing:
    """The numbers at `now`. `closes` are those before `day_began`, oldest first; `pnl` is what the desk made
    since its beginning; `opened` has the first execution of each purchase."""
    before = closes[-1].pnl if closes else ZERO
    equity = None if capital is None or pnl is None else capital + pnl
    best = max((one.pnl for one in closes), default=ZERO)
    high = None if capital is None or pnl is None else capital + max(ZERO, best, pnl)
    newest_first = sorted(trades, key=lambda one: (one.sold_at, one.exit_order), reverse=True)
    return Standing(
        as_of=now,
        day_began=day_began,
        equity=equity,
        pnl_today=None if pnl is None else pnl - before,
        high_water=high,
        drawdown=None if equity is None or high is None else drawdown(equity, high),
        losses=losing_row(newest_first),
        last_loss_at=next((one.sold_at for one in newest_first if one.net < 0), None),
        last_exits=tuple(sorted({one.conid: one.sold_at for one in reversed(newest_first)}.items())),
        closed_today=sum(one.sold_at >= day_began for one in trades),
        opened_today=sum(at >= day_began for at in opened),
        flow_today=flow_today,
    )


def losing_row(newest_first: Iterable[Trade]) -> tuple[datetime, ...]:
    """When the trades of the present row of losses were closed; one that neither won nor lost ends the row as
    a win does."""
    row: list[datetime] = []
    for trade in newest_first:
        if trade.net >= 0:
            break
        row.append(trade.sold_at)
    return tuple(row)
