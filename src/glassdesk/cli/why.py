"""`why`: per symbol the first thing that stopped it, its number, its limit, what would have let it pass."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated

import typer

from glassdesk.cli import reasons
from glassdesk.cli.here import Here, command, single
from glassdesk.cli.reasons import Stop
from glassdesk.cli.show import rows, said
from glassdesk.composition.services import EXCHANGE
from glassdesk.desk import Desk
from glassdesk.kernel.errors import InvalidInput
from glassdesk.kernel.ids import short
from glassdesk.kernel.unit_of_work import Transaction
from glassdesk.workflow.runs.model import Run
from glassdesk.workflow.schedules.model import Slot, SlotState
from glassdesk.workflow.strategies.model import Strategy

app = single()

MANY = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One symbol of one strategy on one day."""

    symbol: str
    strategy: str
    slot: datetime | None
    run: str
    stopped_by: str
    number: str
    limit: str
    passes: str


@command(app)
def why(
    here: Here,
    strategy: Annotated[str | None, typer.Argument(help="A strategy's name; all by default.")] = None,
    symbol: Annotated[str | None, typer.Option("--symbol", "-s", help="One ticker only.")] = None,
    day: Annotated[
        str | None,
        typer.Option("--date", metavar="DATE", help="Like 2012-10-01; each strategy's newest by default."),
    ] = None,
) -> None:
    """Why nothing was bought: the first thing that stopped each symbol, and what would have let it pass."""
    wanted = _date(day)
    with here.desk() as desk, desk.transactions.read() as t:
        names = [desk.strategies.get(t, strategy).strategy] if strategy else _all(desk, t)
        lines = [line for one in names for line in _of_strategy(desk, t, one, wanted)]
    found = [line for line in lines if symbol is None or line.symbol == symbol.upper()]
    rows(
        here,
        found,
        {
            "symbol": lambda one: one.symbol,
            "strategy": lambda one: one.strategy,
            "slot": lambda one: one.slot,
            "run": lambda one: short(one.run) if one.run else None,
            "stopped by": lambda one: one.stopped_by,
            "number": lambda one: one.number,
            "limit": lambda one: one.limit,
            "would have passed": lambda one: one.passes,
        },
        empty="no strategy trades that" if symbol else "no strategy yet",
    )


def _date(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError as failure:
        raise InvalidInput(f"{text!r} is no date", where="--date", remedy="like 2012-10-01") from failure


def _all(desk: Desk, t: Transaction) -> list[Strategy]:
    return [row.strategy for row in desk.strategies.list(t)]


def _of_strategy(desk: Desk, t: Transaction, strategy: Strategy, day: date | None) -> list[Line]:
    slot = _slot(desk, t, strategy, day)
    if slot is None or slot.state is not SlotState.RUN:
        stop = reasons.of_slot(slot, None if slot else day)
        traded = desk.strategies.traded(t, strategy).contracts
        names = [one.symbol for one in traded] or [strategy.watchlist]
        return [_line(strategy.name, name, slot, None, stop) for name in names]
    runs = [r for r in desk.runs.runs(t, strategy=strategy.name, limit=MANY) if r.slot == slot.instant]
    ordered = sorted(runs, key=lambda run: run.symbol)
    return [_line(strategy.name, run.symbol, slot, run, reasons.of_run(desk, t, run)) for run in ordered]


def _slot(desk: Desk, t: Transaction, strategy: Strategy, day: date | None) -> Slot | None:
    zone = desk.contracts.zone(EXCHANGE)
    slots = desk.schedules.slots(t, strategy=strategy.name, limit=MANY)
    return next((one for one in slots if day is None or one.instant.astimezone(zone).date() == day), None)


def _line(strategy: str, symbol: str, slot: Slot | None, run: Run | None, stop: Stop) -> Line:
    return Line(
        symbol=symbol,
        strategy=strategy,
        slot=slot.instant if slot else None,
        run=run.run if run else "",
        stopped_by=said(stop.what),
        number=stop.number,
        limit=stop.limit,
        passes=stop.passes,
    )
