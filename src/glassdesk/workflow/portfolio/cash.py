"""What moved the account's cash, lane by lane (`T-70`), each amount with its evidence. Pure.

Trades and commissions follow from executions. Everything else is booked only where the broker's own figures
show what it was; what is left is unexplained, and is never corrected.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from glassdesk.kernel.money import tidy
from glassdesk.workflow.order_tracking.model import Execution, Fill
from glassdesk.workflow.portfolio.model import (
    CashBreak,
    CashRow,
    Flow,
    Lane,
    Lanes,
    Movement,
    Snapshot,
    Whose,
)
from glassdesk.workflow.positions.derive import signed

ZERO, CENT = Decimal(0), Decimal("0.01")
LEAST_TOLERANCE, TOLERANCE = Decimal(1), Decimal("0.0001")
LATE = timedelta(hours=24)
"""So long a commission may be on its way before its lack counts as a difference [F-67]."""


def lanes(executions: Iterable[Execution], rows: Iterable[CashRow] = ()) -> Lanes:
    """The lanes of some executions and cash rows, in any order."""
    flows = paid = ZERO
    for one in executions:
        flows -= signed(one) * one.price
        paid += one.commission or ZERO
    totals = dict.fromkeys(Lane, ZERO)
    for row in rows:
        totals[row.lane] += row.amount
    return Lanes(
        trades=flows + totals[Lane.TRADES],
        commissions=paid,
        dividends=totals[Lane.DIVIDENDS],
        interest=totals[Lane.INTEREST],
        fees=totals[Lane.FEES],
        deposits=totals[Lane.DEPOSITS],
        fx=totals[Lane.FX],
    )


def tolerance(equity: Decimal | None) -> Decimal:
    """How far cash may be from the broker's before it is a break: 1.00, or one part in ten thousand of equity
    (`reliability.md` §2.8)."""
    return max(LEAST_TOLERANCE, TOLERANCE * (equity or ZERO))


def settled(fills: Iterable[Fill], now: datetime) -> bool:
    """False while a commission of the last day is missing: a difference may be that."""
    return not any(f.execution.commission is None and now - f.execution.executed_at < LATE for f in fills)


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What the broker's figures say about a time in which cash moved."""

    account: str
    booked_at: datetime
    movements: Sequence[Movement]
    flows: Sequence[Flow]
    accrued: Accrued | None
    since: date
    """Day of first sight: what moved before is in the opening cash, and what moved on it may be."""
    owned: frozenset[int]
    """Conids that the owner has or had: what they bring is not counted as the desk's (`T-11`)."""
    held: frozenset[int]
    """Conids that the desk has or had."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Accrued:
    """Interest that was earned or owed and not booked: at the last close, and now."""

    before: Decimal
    daily: Decimal | None
    """What a night added before; `None` where only one close says anything."""
    nights: int
    now: Decimal
    since: date


def explain(difference: Decimal, evidence: Evidence, known: Sequence[CashRow]) -> list[CashRow]:
    """Rows for what of a difference the evidence shows; `known` are the rows booked before. Dividends first,
    each as the broker states it; then deposits; then interest."""
    names = {row.row for row in known}
    rows = [row for row in _movements(evidence) if row.row not in names]
    left = difference - sum((row.amount for row in rows), ZERO)
    for flow in evidence.flows:
        row = _deposit(left, flow, evidence, [one for one in known if one.row.startswith(f"flow:{flow.day}")])
        if row is not None:
            rows.append(row)
            left -= row.amount
    interest = _interest(left, evidence)
    return [*rows, interest] if interest is not None and interest.row not in names else rows


_KINDS = {"dividend": Lane.DIVIDENDS, "corporate_action": Lane.TRADES, "fee": Lane.FEES}


def _movements(evidence: Evidence) -> Iterable[CashRow]:
    counted: dict[str, int] = {}
    for one in evidence.movements:
        lane = _KINDS.get(one.kind)
        if lane is None or one.day <= evidence.since:
            continue
        name = f"{one.kind}:{one.conid}:{one.day}:{tidy(one.amount)}"
        counted[name] = counted.get(name, 0) + 1
        ours = one.conid in evidence.held and one.conid not in evidence.owned
        yield CashRow(
            account=evidence.account,
            row=f"{name}:{counted[name]}",
            lane=lane,
            whose=Whose.DESK if ours else Whose.OWNER,
            amount=one.amount,
            day=one.day,
            conid=one.conid,
            evidence=f"the broker's transactions: {one.text} {one.day}",
            booked_at=evidence.booked_at,
        )


def _deposit(left: Decimal, flow: Flow, evidence: Evidence, booked: Sequence[CashRow]) -> CashRow | None:
    """What the broker takes out of its returns of a day is money that came or went. Its figure is rounded:
    the amount is the one that is missing, where both agree."""
    rest = flow.amount - sum((row.amount for row in booked), ZERO)
    agrees = abs(left - rest) <= flow.margin
    if abs(rest) <= flow.margin or flow.day < evidence.since or (flow.day == evidence.since and not agrees):
        return None
    amount = left if agrees else rest.quantize(CENT)
    return CashRow(
        account=evidence.account,
        row=f"flow:{flow.day}:{len(booked) + 1}",
        lane=Lane.DEPOSITS,
        whose=Whose.OWNER,
        amount=amount,
        day=flow.day,
        conid=None,
        evidence=f"the return of {flow.day} leaves {tidy(flow.amount.quantize(CENT))} out of account",
        booked_at=evidence.booked_at,
    )


def _interest(left: Decimal, evidence: Evidence) -> CashRow | None:
    """Interest was booked where what had accrued is gone. It is what is missing, where the nights since can
    have made the rest; else what was stated last."""
    seen = evidence.accrued
    if seen is None or not seen.before or abs(left) < CENT:
        return None
    slack = CENT * (seen.nights + 1)
    grown = seen.before + (seen.daily or ZERO) * seen.nights
    most = seen.before + 2 * (seen.daily or ZERO) * seen.nights
    if abs(seen.now - grown) <= slack + abs(seen.daily or ZERO) or abs(seen.now) >= abs(grown):
        return None
    low, high = sorted((seen.before, most))
    fits = low - slack <= left <= high + slack
    return CashRow(
        account=evidence.account,
        row=f"interest:{seen.since}",
        lane=Lane.INTEREST,
        whose=Whose.OWNER,
        amount=left if fits else seen.before,
        day=evidence.booked_at.date(),
        conid=None,
        evidence=f"accrued interest: {tidy(seen.before)} at the close of {seen.since}, now {tidy(seen.now)}",
        booked_at=evidence.booked_at,
    )


def accrued(snapshots: Sequence[Snapshot], now: Decimal | None, at: datetime) -> Accrued | None:
    """Accrued interest at the last close that states it, and now."""
    stated = [one for one in snapshots if one.accrued_interest is not None]
    if now is None or not stated:
        return None
    last = stated[-1]
    return Accrued(
        before=last.accrued_interest or ZERO,
        daily=_nightly(stated),
        nights=(at.date() - last.taken_at.date()).days,
        now=now,
        since=last.session,
    )


def _nightly(stated: Sequence[Snapshot]) -> Decimal | None:
    """What a night added to accrued interest between the last two closes."""
    if len(stated) < 2:
        return None
    first, last = stated[-2], stated[-1]
    nights = (last.taken_at.date() - first.taken_at.date()).days
    grown = (last.accrued_interest or ZERO) - (first.accrued_interest or ZERO)
    return grown / nights if nights > 0 else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """What a comparison of cash changed."""

    opened: CashBreak | None = None
    closed: CashBreak | None = None
