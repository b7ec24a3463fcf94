"""`scoreboard`: what became of every signal, and a person's word on it."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Annotated

import typer

from glassdesk.cli.here import OWNER, Here, command, step
from glassdesk.cli.show import done, facts
from glassdesk.kernel.errors import InvalidInput
from glassdesk.kernel.ids import short
from glassdesk.workflow.evaluation.model import Ending, Outcome, Subject
from glassdesk.workflow.evaluation.service import Word

app = step("What became of every signal.")

Run = Annotated[str, typer.Argument(help="The run's id, or eight characters of it.")]
Reason = Annotated[str, typer.Option(help="Why; it is kept for good.")]


@command(app)
def label(
    here: Here,
    again: Annotated[
        bool, typer.Option("--again", help="Compute every outcome anew from today's bars.")
    ] = False,
) -> None:
    """End every signal whose end the stored bars show; the worker does so once a day."""
    with here.desk() as desk:
        told = desk.labelling.run(again=again)
    line = f"{told.subjects} new signal(s), {told.outcomes} outcome(s) written, {told.open} still open"
    done(here, line, told)


@command(app)
def outcome(here: Here, run: Run) -> None:
    """One signal's barriers and every revision of its outcome."""
    with here.desk() as desk, desk.transactions.read() as t:
        identity = desk.runs.run(t, run).run
        subject, found = desk.scoreboard.subject(t, identity), desk.scoreboard.outcomes(t, identity)
        counts = desk.scoreboard.outcome(t, identity)
    shown = _subject(subject) | {"counts": None if counts is None else f"revision {counts.revision}"}
    shown |= {f"  revision {one.revision}": told(one) for one in found}
    facts(here, {"subject": subject, "outcomes": found, "counts": counts}, shown)


@command(app, "set")
def set_outcome(
    here: Here,
    run: Run,
    r: Annotated[str, typer.Option("--r", help="What it made, in risks: 1.5, -1, 0.")],
    reason: Reason,
    exit_price: Annotated[str | None, typer.Option(help="The price it was left at.")] = None,
    ended_on: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="The day.")] = None,
    pnl: Annotated[str | None, typer.Option(help="In money; it then stands for the ledger's.")] = None,
) -> None:
    """Say what a signal made; the desk's own outcome stays beside it."""
    word = Word(
        ending=Ending.SET,
        reason=reason,
        r=_number("--r", r),
        exit=_number("--exit-price", exit_price),
        ended_on=ended_on.date() if ended_on else None,
        pnl=_number("--pnl", pnl),
    )
    _say(here, run, word)


@command(app)
def cancel(here: Here, run: Run, reason: Reason) -> None:
    """Take a signal out of every count."""
    _say(here, run, Word(ending=Ending.CANCELLED, reason=reason))


@command(app)
def take_back(here: Here, run: Run, reason: Reason) -> None:
    """Take your word back: what the desk computed counts again."""
    _say(here, run, Word(ending=Ending.TAKEN_BACK, reason=reason))


def _number(name: str, text: str | None) -> Decimal | None:
    if text is None:
        return None
    try:
        return Decimal(text)
    except InvalidOperation:
        raise InvalidInput(f"{text!r} is no number", where=name, remedy="1.5") from None


def _say(here: Here, run: str, word: Word) -> None:
    with here.desk() as desk, desk.transactions.begin() as t:
        said = desk.scoreboard.say(t, desk.runs.run(t, run).run, word, OWNER)
    done(here, f"{short(said.run)}: {told(said)}", said)


def told(one: Outcome) -> str:
    """An outcome in one line."""
    r = "" if one.r is None else f" {signed(one.r)} R"
    where = "" if one.exit is None else f" at {one.exit}"
    when = "" if one.ended_on is None else f" on {one.ended_on}"
    why = "" if not one.reason else f", {one.said_by}: {one.reason}"
    return f"{one.ending.replace('_', ' ')}{r}{where}{when}{why}"


def signed(number: Decimal) -> str:
    """With its sign, to two places."""
    return f"{number:+.2f}"


def _subject(one: Subject | None) -> dict[str, object]:
    if one is None:
        return {"counted": "not yet: scoreboard label takes new signals up"}
    barriers = one.barriers
    return {
        "signal": f"{one.action} {one.symbol} at {one.slot:%Y-%m-%d %H:%M}Z",
        "prompt": f"{one.prompt} v{one.prompt_version}",
        "analyst": f"{one.engine} {one.model}",
        "strategy": f"{one.strategy} v{one.strategy_version}",
        "stop": barriers.stop if barriers.stop is not None else barriers.stop_distance,
        "target": barriers.target if barriers.stop is not None else barriers.target_distance,
        "horizon": f"{barriers.horizon} bars",
        "the rules say": one.rules,
        "the coin says": "BUY" if one.coin else "nothing",
    }
