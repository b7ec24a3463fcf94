"""What the simulator holds to be true, added up again without any code of the desk: whole cents only."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from glassdesk.adapters.simulation import ControlPlane
from tests.soak.market import Split

OURS = "gd1"
CENT = Decimal("0.01")
Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Lanes:
    """Sums of movements of cash."""

    trades: Decimal
    commissions: Decimal
    dividends: Decimal
    interest: Decimal
    deposits: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Truth:
    """The broker's books at an instant."""

    cash: Decimal
    equity: Decimal
    positions: Mapping[int, Decimal]
    ours: Mapping[int, Decimal]
    """Shares that our own orders left."""
    lanes: Lanes
    desk: Lanes
    realised: Decimal
    """Of our orders, first in first out, commissions of both sides taken off."""
    unrealised: Decimal
    executions: int
    closed: int
    """Sales of ours."""


def read(control: ControlPlane, splits: Sequence[Split]) -> Truth:
    """Everything, now."""
    positions = [row for row in control.truth("positions") if row["quantity"]]
    marks = {int(row["conid"]): Decimal(row["mark"]) for row in positions}
    effective = _effective(control.truth("executions"))
    ours = [row for row in effective if str(row["coid"] or "").startswith(OURS)]
    equity, cash = control.equity(), control.truth("cash")
    past = [one for one in splits if one.at <= equity["at"]]
    realised, left = _fifo(ours, past)
    value = sum((quantity * marks[conid] for conid, lots in left.items() for quantity, _ in lots), Decimal(0))
    cost = sum((paid for lots in left.values() for _, paid in lots), Decimal(0))
    return Truth(
        cash=Decimal(equity["cash"]),
        equity=Decimal(equity["equity"]),
        positions={int(row["conid"]): Decimal(row["quantity"]) for row in positions},
        ours={conid: sum((q for q, _ in lots), Decimal(0)) for conid, lots in left.items() if lots},
        lanes=_lanes(cash, effective),
        desk=_lanes((), ours),
        realised=realised,
        unrealised=value - cost,
        executions=len(ours),
        closed=sum(row["side"] == "SELL" for row in ours),
    )


def _effective(rows: Iterable[Row]) -> list[Row]:
    """The last revision of every execution that still has shares, in the order in which they traded."""
    last: dict[str, Row] = {}
    for row in rows:
        root = str(row["execution_id"]).rpartition(".")[0]
        if root not in last or row["execution_id"] > last[root]["execution_id"]:
            last[root] = row
    alive = [row for row in last.values() if row["quantity"]]
    return sorted(alive, key=lambda row: (row["traded_at"], row["side"] == "SELL", row["execution_id"]))


def _lanes(cash: Sequence[Row], executions: Iterable[Row]) -> Lanes:
    sums: defaultdict[str, Decimal] = defaultdict(Decimal)
    for row in cash:
        sums[row["lane"]] += Decimal(row["amount"])
    traded = paid = Decimal(0)
    for row in executions:
        sign = 1 if row["side"] == "SELL" else -1
        traded += sign * row["quantity"] * Decimal(row["price"])
        paid += Decimal(row["commission"])
    return Lanes(
        trades=traded,
        commissions=paid,
        dividends=sums["dividend"],
        interest=sums["interest"],
        deposits=sums["deposit"] + sums["withdrawal"],
    )


Lot = tuple[Decimal, Decimal]
"""Shares, and what they cost with their commission."""


def _fifo(rows: Iterable[Row], splits: Sequence[Split]) -> tuple[Decimal, dict[int, list[Lot]]]:
    """Realised profit, and the lots still open."""
    realised, open_lots = Decimal(0), defaultdict[int, list[Lot]](list)
    ahead = sorted(splits, key=lambda one: one.at)
    for row in rows:
        while ahead and ahead[0].at <= row["traded_at"]:
            _split(open_lots, ahead.pop(0))
        quantity, price = Decimal(row["quantity"]), Decimal(row["price"])
        paid, lots = Decimal(row["commission"]), open_lots[int(row["conid"])]
        if row["side"] == "BUY":
            lots.append((quantity, quantity * price + paid))
            continue
        realised += quantity * price - paid
        while quantity and lots:
            have, cost = lots.pop(0)
            taken = min(have, quantity)
            share = cost * taken / have
            realised -= share
            quantity -= taken
            if have > taken:
                lots.insert(0, (have - taken, cost - share))
    for one in ahead:
        _split(open_lots, one)
    return realised, {conid: lots for conid, lots in open_lots.items() if lots}


def _split(open_lots: dict[int, list[Lot]], one: Split) -> None:
    lots = open_lots.get(one.conid, [])
    lots[:] = [(quantity * one.ratio, cost) for quantity, cost in lots]
