"""`risk`: the rules, a run's verdicts; and the kill switch, `halt` and `resume`."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from glassdesk.cli.here import OWNER, Here, command, single, step
from glassdesk.cli.show import done, rows
from glassdesk.kernel.errors import InvalidInput
from glassdesk.workflow.risk.model import HaltLevel

app = step("Risk rules, limits, verdicts.")
halt_app = single()
resume_app = single()

LEVELS = ", ".join(level.name for level in HaltLevel if level)
TYPED = (HaltLevel.FLATTEN, HaltLevel.FREEZE)


@command(app)
def limits(here: Here) -> None:
    """Every rule with its default limit and what it may deny."""
    with here.desk() as desk:
        found = desk.risk.rules()
    rows(
        here,
        [
            {
                "rule": r.name,
                "meaning": r.meaning,
                "default": r.default,
                "acts_on": r.acts_on,
                "source": r.source,
            }
            for r in found
        ],
        {
            "rule": lambda one: one["rule"],
            "default": lambda one: one["default"],
            "acts on": lambda one: one["acts_on"],
            "meaning": lambda one: one["meaning"],
        },
        empty="none",
    )


@command(app)
def verdicts(
    here: Here, run: Annotated[str, typer.Argument(help="A run's id, or eight characters of it.")]
) -> None:
    """What every rule said about a run's order."""
    with here.desk() as desk, desk.transactions.read() as t:
        found = desk.risk.verdicts(t, desk.runs.run(t, run).run)
    told: list[dict[str, Any]] = [{"moment": moment, "verdict": verdict} for moment, verdict in found]
    rows(
        here,
        told,
        {
            "moment": lambda one: one["moment"],
            "rule": lambda one: one["verdict"].rule,
            "passed": lambda one: one["verdict"].passed,
            "denies": lambda one: one["verdict"].denies,
            "observed": lambda one: one["verdict"].observed,
            "limit": lambda one: one["verdict"].limit,
            "explanation": lambda one: one["verdict"].explanation,
        },
        empty="the run ended before risk was asked",
    )


@command(halt_app)
def halt(
    here: Here,
    level: Annotated[str, typer.Option(help=f"One of {LEVELS}.")] = HaltLevel.HALT_CANCEL_ENTRIES.name,
    reason: Annotated[str, typer.Option(help="Why, in a few words.")] = "stopped at the command line",
    typed: Annotated[
        str, typer.Option("--confirm", help="FLATTEN and FREEZE want their own name typed here.")
    ] = "",
) -> None:
    """Stop. By default working entries are cancelled; stops and targets stay at the broker."""
    wanted = _level(level)
    if wanted in TYPED and typed != wanted.name:
        raise InvalidInput("not confirmed", where="--confirm", remedy=f"--confirm {wanted.name}")
    with here.desk() as desk, desk.transactions.begin() as t:
        now = desk.risk.set_halt(t, wanted, reason, OWNER)
    done(here, f"The level is {now.level.name}. The dealer acts at its next turn.", now)


@command(resume_app)
def resume(here: Here, reason: Annotated[str, typer.Option(help="Why it is safe again.")]) -> None:
    """Trade again."""
    with here.desk() as desk, desk.transactions.begin() as t:
        now = desk.risk.resume(t, reason, OWNER)
    done(here, "Trading goes on.", now)


def _level(text: str) -> HaltLevel:
    name = text.upper().replace("-", "_")
    if name not in HaltLevel.__members__ or not HaltLevel[name]:
        raise InvalidInput(f"{text!r} is no level", where="--level", remedy=f"one of {LEVELS}")
    return HaltLevel[name]
