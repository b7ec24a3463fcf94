"""`scoreboard`: what signals made, by prompt version, model and strategy, beside their twins; and a person's
word on an outcome."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Annotated

import typer

from glassdesk.cli.here import OWNER, Here, command, step
from glassdesk.cli.show import done, facts, rows
from glassdesk.kernel.errors import InvalidInput, NotFound
from glassdesk.kernel.ids import short
from glassdesk.workflow.evaluation.board import Compared, Row, named
from glassdesk.workflow.evaluation.calibration import Bin
from glassdesk.workflow.evaluation.intervals import Interval
from glassdesk.workflow.evaluation.model import Ending, Outcome, Subject, Wanted, prompt_label
from glassdesk.workflow.evaluation.scored import Scored
from glassdesk.workflow.evaluation.scores import FEW, Day, Sample
from glassdesk.workflow.evaluation.service import Word

app = step("What signals made, by prompt, model and strategy.")

Run = Annotated[str, typer.Argument(help="The run's id, or eight characters of it.")]
Reason = Annotated[str, typer.Option(help="Why; it is kept for good.")]
Prompt = Annotated[str, typer.Option(help="Of one prompt, NAME or NAME@2.")]
Analyst = Annotated[str, typer.Option(help="Of one engine and model, rules:rules-1.")]
Strategy = Annotated[str, typer.Option(help="Of one strategy.")]
Since = Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="First day of slots, UTC.")]
Until = Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Last day of slots, UTC.")]


@command(app, "list")
def list_all(
    here: Here,
    prompt: Prompt = "",
    analyst: Analyst = "",
    strategy: Strategy = "",
    kind: Annotated[str, typer.Option(help="Of prompts of one kind.")] = "",
    since: Since = None,
    until: Until = None,
    by: Annotated[
        str, typer.Option(help="Best first: average_r, win_rate, pnl, real_r, signals.")
    ] = "average_r",
    limit: Annotated[int, typer.Option(help="At most 50.")] = 50,
) -> None:
    """One line for each prompt version, model and strategy, its twins below; grey where there are too few."""
    wanted = _wanted(prompt, analyst, strategy, since, until, kind)
    with here.desk() as desk, desk.transactions.read() as t:
        found = desk.scoreboard.leaderboard(t, wanted, by, limit)
    if here.json:
        rows(here, found, {}, empty="")
        return
    lines = [line for row in found for line in _lines(row)]
    rows(here, lines, {name: _cell(name) for name in _COLUMNS}, empty="no signal is counted yet")


Line = dict[str, object]
_COLUMNS = (
    *("prompt", "model", "strategy", "signals", "buys", "n"),
    *("won", "R", "95 %", "real R", "P&L", "cost"),
)


def _cell(name: str) -> Callable[[Line], object]:
    return lambda line: line.get(name)


def _lines(row: Row) -> list[Line]:
    f = row.figures
    head: Line = {
        "prompt": prompt_label(row.prompt, row.version),
        "model": row.analyst,
        "strategy": row.strategy,
        "signals": f.signals,
        "buys": f.buys,
        "real R": _two(f.money.average_r),
        "P&L": f.money.pnl if f.money.closed else None,
        "cost": f"{f.money.model_cost:.4f}",
    }
    return [head | _sample(f.bought)] + [{"prompt": f"  {name}"} | _sample(one) for name, one in f.twins]


def _sample(one: Sample) -> Line:
    few = f"too few: {one.n} of {FEW}"
    return {
        "n": few if one.few else one.n,
        "won": _percent(one.win_rate),
        "R": _two(one.average_r),
        "95 %": _interval(one.r_interval),
    }


@command(app)
def signals(
    here: Here,
    prompt: Prompt = "",
    analyst: Analyst = "",
    strategy: Strategy = "",
    since: Since = None,
    until: Until = None,
    limit: Annotated[int, typer.Option(min=1, max=10_000)] = 50,
) -> None:
    """Every signal of a selection with its outcome, newest slot first."""
    wanted = _wanted(prompt, analyst, strategy, since, until)
    with here.desk() as desk, desk.transactions.read() as t:
        found = desk.scoreboard.signals(t, wanted)[:limit]
    rows(
        here,
        found,
        {
            "run": lambda one: short(one.run),
            "slot": lambda one: one.slot,
            "strategy": lambda one: one.strategy,
            "symbol": lambda one: one.symbol,
            "action": lambda one: one.action,
            "prompt": lambda one: prompt_label(one.prompt, one.prompt_version),
            "model": lambda one: one.analyst,
            "ended": lambda one: "open" if one.outcome is None else one.outcome.ending,
            "R": lambda one: _two(one.r),
            "real R": lambda one: _two(one.real_r),
            "the run": _run_ended,
        },
        empty="no signal is counted yet",
    )


def _run_ended(one: Scored) -> str:
    return one.reason.partition(":")[0] if one.refused else one.state.replace("_", " ")


@command(app)
def daily(
    here: Here,
    prompt: Prompt = "",
    analyst: Analyst = "",
    strategy: Strategy = "",
    since: Since = None,
    until: Until = None,
) -> None:
    """A selection by the day of its slots, oldest first."""
    wanted = _wanted(prompt, analyst, strategy, since, until)
    with here.desk() as desk, desk.transactions.read() as t:
        found = desk.scoreboard.performance(t, wanted)
    columns: dict[str, Callable[[Day], object]] = {
        "day": lambda one: one.day,
        "signals": lambda one: one.figures.signals,
        "buys": lambda one: one.figures.buys,
        "executed": lambda one: one.figures.money.executed,
        "won": lambda one: one.figures.bought.wins,
        "lost": lambda one: one.figures.bought.losses,
        "R": lambda one: _two(one.figures.bought.average_r),
        "best": lambda one: _two(one.figures.bought.best_r),
        "worst": lambda one: _two(one.figures.bought.worst_r),
        "sum of R": lambda one: _two(one.total_r),
        "P&L": lambda one: one.figures.money.pnl,
    }
    rows(here, found.days, columns, empty="no signal is counted yet")


@command(app)
def compare(
    here: Here,
    prompts: Annotated[list[str], typer.Argument(help="Two to ten: NAME or NAME@2.")],
    analyst: Analyst = "",
    strategy: Strategy = "",
    since: Since = None,
    until: Until = None,
) -> None:
    """Prompts side by side; the first is what the others are held against."""
    with here.desk() as desk, desk.transactions.read() as t:
        wanted = _wanted("", analyst, strategy, since, until)
        found = desk.scoreboard.compare(t, prompts, wanted)
    columns: dict[str, Callable[[Compared], object]] = {
        "prompt": lambda one: one.name,
        "signals": lambda one: one.figures.signals,
        "n": lambda one: _sample(one.figures.bought)["n"],
        "won": lambda one: _percent(one.figures.bought.win_rate),
        "R": lambda one: _two(one.figures.bought.average_r),
        "95 %": lambda one: _interval(one.figures.bought.r_interval),
        "apart": lambda one: _interval(one.difference),
        "": lambda one: "" if one is found[0] or one.distinguishable else "not distinguishable",
        "P&L": lambda one: one.figures.money.pnl,
        "after cost": lambda one: one.figures.money.after_cost,
    }
    rows(here, found, columns, empty="")


@command(app)
def calibration(
    here: Here,
    prompt: Prompt = "",
    analyst: Analyst = "",
    strategy: Strategy = "",
    since: Since = None,
    until: Until = None,
) -> None:
    """What stated confidences were worth: how often the target came before the stop."""
    with here.desk() as desk, desk.transactions.read() as t:
        found = desk.scoreboard.calibration(t, _wanted(prompt, analyst, strategy, since, until))
    columns: dict[str, Callable[[Bin], object]] = {
        "confidence": lambda one: f"{one.low:.0%} to {one.high:.0%}",
        "n": lambda one: one.n,
        "said": lambda one: f"{one.said:.0%}",
        "came": lambda one: f"{one.came:.0%}",
        "95 %": lambda one: _interval(one.interval),
    }
    if here.json:
        done(here, "", found)
        return
    rows(here, found.bins, columns, empty="no signal with a confidence has a known end yet")
    if found.brier is not None:
        print(f"Brier {found.brier:.3f} of {found.n}, base rate {found.base_brier:.3f}")


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
        found = desk.scoreboard.told(t, identity)
    if found is None:
        raise NotFound(
            f"run {short(identity)} has no signal that is counted",
            where="run",
            remedy="scoreboard label takes new signals up",
        )
    counts = found.outcome
    shown = _subject(found.subject) | {"counts": None if counts is None else f"revision {counts.revision}"}
    shown |= {f"  revision {one.revision}": ended(one) for one in found.outcomes}
    facts(here, found, shown)


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
    done(here, f"{short(said.run)}: {ended(said)}", said)


def _wanted(
    prompt: str, analyst: str, strategy: str, since: datetime | None, until: datetime | None, kind: str = ""
) -> Wanted:
    name, version = named(prompt)
    return Wanted(
        prompt=name,
        version=version,
        analyst=analyst,
        strategy=strategy,
        since=since.date() if since else None,
        until=until.date() if until else None,
        kind=kind,
    )


def ended(one: Outcome) -> str:
    """An outcome in one line."""
    r = "" if one.r is None else f" {_two(one.r)} R"
    where = "" if one.exit is None else f" at {one.exit}"
    when = "" if one.ended_on is None else f" on {one.ended_on}"
    why = "" if not one.reason else f", {one.said_by}: {one.reason}"
    return f"{one.ending.replace('_', ' ')}{r}{where}{when}{why}"


def _two(number: Decimal | None) -> str | None:
    """With its sign, to two places."""
    return None if number is None else f"{number:+.2f}"


def _percent(share: Decimal | None) -> str | None:
    return None if share is None else f"{share:.0%}"


def _interval(one: Interval | None) -> str | None:
    return None if one is None else f"{one.low:.2f} to {one.high:.2f}"


def _subject(one: Subject) -> dict[str, object]:
    barriers = one.barriers
    return {
        "signal": f"{one.action} {one.symbol} at {one.slot:%Y-%m-%d %H:%M}Z",
        "prompt": prompt_label(one.prompt, one.prompt_version),
        "analyst": f"{one.engine} {one.model}",
        "strategy": f"{one.strategy} v{one.strategy_version}",
        "stop": barriers.stop if barriers.stop is not None else barriers.stop_distance,
        "target": barriers.target if barriers.stop is not None else barriers.target_distance,
        "horizon": f"{barriers.horizon} bars",
        "the rules say": one.rules,
        "the coin says": "BUY" if one.coin else "nothing",
    }
