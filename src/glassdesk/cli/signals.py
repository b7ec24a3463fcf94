"""`signals`: what the analyst answered, checked."""

from __future__ import annotations

from typing import Annotated

import typer

from glassdesk.cli.here import Here, command, step
from glassdesk.cli.show import facts, rows
from glassdesk.kernel.errors import NotFound
from glassdesk.kernel.ids import short

app = step("What the analyst answered, checked.")


@command(app, "list")
def list_all(
    here: Here,
    strategy: Annotated[str | None, typer.Option(help="Of one strategy only.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=10_000)] = 30,
) -> None:
    """Newest slot first."""
    with here.desk() as desk, desk.transactions.read() as t:
        found = desk.signals.recent(t, strategy=strategy, limit=limit)
    rows(
        here,
        found,
        {
            "run": lambda one: short(one.signal.run),
            "slot": lambda one: one.slot,
            "strategy": lambda one: one.strategy,
            "symbol": lambda one: one.signal.symbol,
            "action": lambda one: one.signal.action,
            "reason": lambda one: one.signal.reason,
            "analyst": lambda one: one.signal.engine,
        },
        empty="no signal yet",
    )


@command(app)
def show(
    here: Here, run: Annotated[str, typer.Argument(help="The run's id, or eight characters of it.")]
) -> None:
    """One signal with its prices and every check on it."""
    with here.desk() as desk, desk.transactions.read() as t:
        found = desk.runs.run(t, run)
        row = desk.signals.of_run(t, found.run)
    if row is None:
        raise NotFound(
            f"run {short(found.run)} has no signal", where="run", remedy=found.reason or "it goes on still"
        )
    signal = row.signal
    pairs = {
        "symbol": signal.symbol,
        "slot": row.slot,
        "action": signal.action,
        "reason": signal.reason,
        "last bar": f"{signal.last_bar} close {signal.last_close}",
        "entry at most": signal.entry_high,
        "stop": signal.stop,
        "target": signal.target,
        "reward / risk": signal.r_multiple,
        "confidence": signal.confidence,
        "analyst": f"{signal.engine} {signal.model}",
        "rationale": signal.rationale,
        "bars": "; ".join(signal.data) or "nothing to doubt",
    }
    checks = {
        f"  {check.rule}": f"{'passed' if check.passed else check.effect}: {check.detail}"
        for check in signal.checks
    }
    facts(here, row, pairs | checks)
