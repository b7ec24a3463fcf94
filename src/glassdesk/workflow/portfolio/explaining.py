"""Each number of the books taken apart into what it is made of: fills, commissions, marks, cash rows. Pure.

The parts of a number add up to it exactly, and each names where it came from.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from glassdesk.kernel.money import tidy
from glassdesk.workflow.order_tracking.model import Execution, Fill
from glassdesk.workflow.portfolio import lots
from glassdesk.workflow.portfolio.accounts import Marks
from glassdesk.workflow.portfolio.model import Books, CashRow, Lane, Whose
from glassdesk.workflow.positions.derive import ZERO, age, signed


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One summand. `ref` is what `lineage` or a page shows of it; empty where nothing stands behind it."""

    what: str
    amount: Decimal | None
    """`None` where it is missing: then the whole number is."""
    at: datetime | None = None
    ref: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Explained:
    """A number and its parts."""

    name: str
    meaning: str
    value: Decimal | None
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """What the books were made from."""

    fills: Sequence[Fill]
    """Of the desk, as executed."""
    held: Sequence[Fill]
    """As lots see them, where a person's word moved shares between lanes."""
    external: Sequence[Execution]
    rows: Sequence[CashRow]
    marks: Marks


def explain(books: Books, ground: Ground) -> tuple[Explained, ...]:
    """Every number of the books, the sums first."""
    ledger = lots.match(ground.held)
    return (
        _equity(books),
        _cash(books, ground),
        Explained(
            name="market value",
            meaning="the desk's open shares at their marks",
            value=books.market_value,
            parts=tuple(_worth(part, ground.marks) for part in ledger.open),
        ),
        Explained(
            name="realised",
            meaning="sales less purchases of what is closed, first in first out, both commissions off",
            value=books.realised,
            parts=(*map(_closed, ledger.matches), *_cash_rows(ground.rows, Lane.TRADES, Whose.DESK)),
        ),
        Explained(
            name="unrealised",
            meaning="open shares at their marks, less what they cost and their commissions",
            value=books.unrealised,
            parts=tuple(_open(part, ground.marks) for part in ledger.open),
        ),
        Explained(
            name="commissions",
            meaning="paid on the desk's own executions; one that is not stated yet counts as none",
            value=books.commissions,
            parts=tuple(_commission(fill.execution) for fill in sorted(ground.fills, key=age)),
        ),
        *(_lane(books, ground.rows, lane) for lane in _LANES),
        Explained(
            name="unexplained",
            meaning="the broker's cash less ours: reported, never corrected",
            value=books.unexplained,
            parts=(
                Part(what="cash as the broker states it", amount=books.broker_cash),
                Part(what="cash as the desk counts it", amount=None if books.cash is None else -books.cash),
            ),
        ),
    )


_LANES = {
    Lane.DIVIDENDS: "paid on shares, the owner's too",
    Lane.INTEREST: "earned, or paid when negative",
    Lane.FEES: "the broker's fees that belong to no execution",
    Lane.DEPOSITS: "money that came, or went when negative",
    Lane.FX: "conversions of currency",
}


def _equity(books: Books) -> Explained:
    parts = (
        Part(what="cash", amount=books.cash, ref="portfolio:cash"),
        Part(
            what="market value", amount=books.market_value, at=books.marked_at, ref="portfolio:market value"
        ),
        Part(what="the owner's shares at their marks", amount=books.owner_value),
        Part(what="accrued, as the broker states it", amount=books.accrued or ZERO),
    )
    meaning = "everything in the account as the desk counts it"
    return Explained(name="equity", meaning=meaning, value=books.equity, parts=parts)


def _cash(books: Books, ground: Ground) -> Explained:
    mine = sorted(ground.fills, key=age)
    ours = [fill.execution for fill in mine]
    # The executions of somebody else have no node in the desk's lineage.
    theirs = [replace(part, ref="") for one in ground.external for part in _both(one)]
    parts = (
        Part(what="at first sight of the account", amount=books.opening),
        *(part for one in ours for part in _both(one)),
        *theirs,
        *map(_cash_row, ground.rows),
    )
    meaning = "cash at first sight, and everything that moved it since, the owner's too"
    return Explained(name="cash", meaning=meaning, value=books.cash, parts=parts)


def _both(one: Execution) -> tuple[Part, ...]:
    """What an execution did to cash, and its commission."""
    return (_traded(one), _commission(one, sign=-1)) if one.commission else (_traded(one),)


def _traded(one: Execution) -> Part:
    words = f"{one.side.value} {tidy(one.quantity)} {one.symbol} at {tidy(one.price)}"
    return Part(what=words, amount=-signed(one) * one.price, at=one.executed_at, ref=_execution(one))


def _commission(one: Execution, *, sign: int = 1) -> Part:
    stated = "" if one.commission is not None else ", not stated yet"
    words = f"commission of {one.side.value} {tidy(one.quantity)} {one.symbol}{stated}"
    return Part(what=words, amount=sign * (one.commission or ZERO), at=one.executed_at, ref=_execution(one))


def _execution(one: Execution) -> str:
    return f"execution:{one.execution}.{one.revision:02d}"


def _worth(part: lots.Part, marks: Marks) -> Part:
    one, mark = part.fill.execution, marks.get(part.fill.execution.conid)
    price = "no mark" if mark is None else f"the mark {tidy(mark[0])}"
    return Part(
        what=f"{tidy(part.quantity)} {one.symbol} at {price}",
        amount=None if mark is None else part.quantity * mark[0],
        at=None if mark is None else mark[1],
        ref=f"order:{part.fill.order}",
    )


def _open(part: lots.Part, marks: Marks) -> Part:
    worth = _worth(part, marks)
    paid = part.cost + part.commission
    words = f"{worth.what}, less {tidy(paid)} paid"
    amount = None if worth.amount is None else worth.amount - paid
    return Part(what=words, amount=amount, at=worth.at, ref=worth.ref)


def _closed(one: lots.Match) -> Part:
    bought, sold = one.bought, one.sold
    words = (
        f"{tidy(sold.quantity)} {sold.fill.execution.symbol} bought at {tidy(bought.price)}, "
        f"sold at {tidy(sold.price)}, commissions {tidy(lots.commissions(one))}"
    )
    amount = lots.gross(one) - lots.commissions(one)
    return Part(
        what=words, amount=amount, at=sold.fill.execution.executed_at, ref=_execution(sold.fill.execution)
    )


def _lane(books: Books, rows: Iterable[CashRow], lane: Lane) -> Explained:
    value: Decimal = getattr(books.lanes, lane.value)
    return Explained(name=lane.value, meaning=_LANES[lane], value=value, parts=_cash_rows(rows, lane))


def _cash_rows(rows: Iterable[CashRow], lane: Lane, whose: Whose | None = None) -> tuple[Part, ...]:
    return tuple(_cash_row(row) for row in rows if row.lane is lane and whose in (None, row.whose))


def _cash_row(row: CashRow) -> Part:
    return Part(
        what=f"{row.whose.value}'s {row.lane.value}: {row.evidence}", amount=row.amount, at=row.booked_at
    )
