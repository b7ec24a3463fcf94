"""`risk`: the rules, a run's verdicts; and the kill switch, `halt` and `resume`."""

from __future__ import annotations

import sys
from typing import Annotated, Any

import typer

from glassdesk.cli.here import OWNER, Here, command, single, step
from glassdesk.cli.show import done, rows
from glassdesk.kernel.errors import InvalidInput
from glassdesk.workflow.risk.model import Halt, HaltLevel
from glassdesk.workflow.risk.page import action
from glassdesk.workflow.risk.page import page as risk_page
from glassdesk.workflow.risk.table import RULES

app = step("Risk rules, limits, verdicts.")
halt_app = single()
resume_app = single()

LEVELS = ", ".join(level.name for level in HaltLevel if level)
TYPED = (HaltLevel.FLATTEN, HaltLevel.FREEZE)


@command(app)
def limits(
    here: Here,
    markdown: Annotated[bool, typer.Option("--markdown", help="As the page docs/risk.md.")] = False,
) -> None:
    """Every rule with its default limit and what a breach does."""
    if markdown:
        typer.echo(risk_page(), nl=False)
        return
    rows(
        here,
        [
            {
                "rule": r.name,
                "control": r.control,
                "meaning": r.meaning,
                "default": r.default,
                "breach": action(r),
                "acts_on": r.acts_on,
                "source": r.source,
            }
            for r in RULES
        ],
        {
            "rule": lambda one: one["rule"],
            "default": lambda one: one["default"],
            "breach": lambda one: one["breach"],
            "meaning": lambda one: one["meaning"],
            "source": lambda one: one["source"],
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
def resume(
    here: Here,
    reason: Annotated[str, typer.Option(help="Why it is safe again.")],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask again.")] = False,
) -> None:
    """Trade again. What was stopped is shown first, and has to be confirmed."""
    with here.desk() as desk:
        with desk.transactions.read() as t:
            before = desk.risk.halt(t)
        if not reason.strip():
            raise InvalidInput("no reason given", where="reason", remedy="say why in a few words")
        if not (yes or before.level is HaltLevel.ACTIVE or _confirmed(before)):
            raise InvalidInput("not confirmed", where="--yes", remedy="add --yes where nobody can be asked")
        with desk.transactions.begin() as t:
            now = desk.risk.resume(t, reason, OWNER)
    done(here, "Trading goes on.", now)


def _confirmed(halt: Halt) -> bool:
    """Asked at a terminal only."""
    if not sys.stdin.isatty():
        return False
    told = f"The level is {halt.level.name}, set by {halt.actor}: {halt.reason}. Trade again?"
    return typer.confirm(told)


def _level(text: str) -> HaltLevel:
    name = text.upper().replace("-", "_")
    if name not in HaltLevel.__members__ or not HaltLevel[name]:
        raise InvalidInput(f"{text!r} is no level", where="--level", remedy=f"one of {LEVELS}")
    return HaltLevel[name]
