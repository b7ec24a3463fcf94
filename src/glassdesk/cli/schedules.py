"""`schedules`: what is due next, what became of what was due, and to pause one."""

from __future__ import annotations

from typing import Annotated

import typer

from glassdesk.cli.here import OWNER, Here, command, step
from glassdesk.cli.show import done, rows

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
    """The next slots of enabled strategies."""
    with here.desk() as desk, desk.transactions.read() as t:
        found = desk.schedules.next(t, desk.clock.now(), count)
    rows(
        here,
        found,
        {"slot": lambda one: one.instant, "strategy": lambda one: one.strategy},
        empty="nothing is due: no enabled strategy, or all paused",
    )


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
