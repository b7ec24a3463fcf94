"""`schedules`: what is due next, what became of what was due and why, to pause one or have it decide now."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from glassdesk.cli.here import OWNER, Here, command, step
from glassdesk.cli.run import run_now
from glassdesk.cli.show import done, facts, rows
from glassdesk.desk import Desk
from glassdesk.kernel.unit_of_work import Transaction
from glassdesk.workflow.schedules.model import Cause
from glassdesk.workflow.strategies.timing import start_deadline

app = step("What is due next.")

Name = Annotated[str, typer.Argument(help="A strategy's name.")]


@command(app, "list")
def list_all(
    here: Here,
    strategy: Annotated[str | None, typer.Option(help="Of one strategy only.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=10_000)] = 30,
) -> None:
    """What became of past slots, newest first."""
    with here.desk() as desk, desk.transactions.read() as t:
        found = desk.schedules.slots(t, strategy=strategy, limit=limit)
    rows(
        here,
        found,
        {
            "slot": lambda one: one.instant,
            "strategy": lambda one: f"{one.strategy}@{one.version}",
            "state": lambda one: one.state,
            "reason": lambda one: one.reason,
        },
        empty="no slot was due yet",
    )


@command(app, "next")
def coming(here: Here, count: Annotated[int, typer.Option("--count", "-n", min=1, max=100)] = 5) -> None:
    """The next slots of enabled strategies, at the exchange and here, and what stands in their way."""
    with here.desk() as desk, desk.transactions.read() as t:
        found = desk.schedules.next(t, desk.clock.now(), count)
        ways = {one: desk.preflight.obstacles(t, one) for one in found}
        zones = {one.strategy: _zone(desk, t, one.strategy) for one in found}
    rows(
        here,
        found,
        {
            "exchange": lambda one: _local(one.instant, zones[one.strategy]),
            "here": lambda one: f"{one.instant.astimezone():%a %d %b %H:%M %Z}",
            "slot": lambda one: one.instant,
            "strategy": lambda one: one.strategy,
            "in its way": lambda one: "; ".join(found.said for found in ways[one]),
        },
        empty="nothing is due: no enabled strategy, or all paused",
    )


@command(app)
def show(
    here: Here,
    name: Annotated[str | None, typer.Argument(help="A strategy's name; all without it.")] = None,
) -> None:
    """When a strategy is due and what became of it; without a name the desk's last thirty days."""
    with here.desk() as desk, desk.transactions.read() as t:
        told = _service(desk, t) if name is None else _schedule(desk, t, name)
    facts(here, told, told)


def _service(desk: Desk, t: Transaction) -> dict[str, object]:
    level = desk.schedules.service_level(t, desk.clock.now())
    return {
        "since": level.since,
        "eligible": level.eligible,
        "decided": level.complete,
        "share": None if level.share is None else f"{level.share * 100:.2f} % (99 % is promised)",
        "under way": level.pending,
        **{f"lost: {cause.value}": level.misses.get(cause, 0) for cause in Cause},
    }


def _schedule(desk: Desk, t: Transaction, name: str) -> dict[str, object]:
    row = desk.strategies.get(t, name)
    strategy, zone = row.strategy, _zone(desk, t, name)
    pause = desk.schedules.paused(t).get(name)
    coming = [one for one in desk.schedules.next(t, desk.clock.now(), 200) if one.strategy == name][:3]
    lost = [one for one in desk.schedules.outcomes(t, strategy=name) if desk.schedules.cause(t, one)]
    return {
        "strategy": f"{name}@{strategy.version}",
        "state": row.state,
        "when": strategy.timing.cron,
        "zone": strategy.timing.zone,
        "calendar": strategy.timing.exchange,
        "start deadline": f"{start_deadline(strategy.bar_size).total_seconds() / 60:g} min",
        "overlap": strategy.timing.overlap,
        "paused": pause.said if pause is not None else None,
        "next": ", ".join(_local(one.instant, zone) for one in coming),
        "lost lately": len(lost),
        "last lost": f"{lost[0].slot.instant:%Y-%m-%d %H:%M}Z {lost[0].slot.reason}" if lost else None,
    }


def _zone(desk: Desk, t: Transaction, name: str) -> ZoneInfo:
    return desk.contracts.zone(desk.strategies.get(t, name).strategy.timing.exchange)


def _local(instant: datetime, zone: ZoneInfo) -> str:
    return f"{instant.astimezone(zone):%a %d %b %H:%M %Z}"


@command(app)
def pause(here: Here, name: Name) -> None:
    """No slot of the strategy starts until it is resumed."""
    with here.desk() as desk, desk.transactions.begin() as t:
        desk.schedules.pause(t, name, OWNER)
    done(here, f"{name} is paused; each slot that passes is recorded.", {"strategy": name, "paused": True})


@command(app)
def resume(here: Here, name: Name) -> None:
    """Slots start again; what was paused is not made up for."""
    with here.desk() as desk, desk.transactions.begin() as t:
        desk.schedules.resume(t, name, OWNER)
    done(here, f"{name} runs again from its next slot.", {"strategy": name, "paused": False})


@command(app)
def run(
    here: Here,
    name: Name,
    symbol: Annotated[str | None, typer.Option(help="Only this one of its symbols.")] = None,
) -> None:
    """Decide now, outside the schedule, as `glassdesk run` does."""
    run_now(here, name, symbol)
