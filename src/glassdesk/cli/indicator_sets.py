"""`indicators sets`: named sets in versions; what comes with the program is version 0."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import typer

from glassdesk.cli.given import Home, Json, remember
from glassdesk.cli.here import OWNER, Here, command, here_of
from glassdesk.cli.show import done, facts, rows
from glassdesk.desk import Desk
from glassdesk.kernel.unit_of_work import Transaction
from glassdesk.workflow.indicators.catalogue import label
from glassdesk.workflow.indicators.model import IndicatorSet, IndicatorSetVersion
from glassdesk.workflow.indicators.writing import read_spec, write_spec

app = typer.Typer(add_completion=False, invoke_without_command=True)

Name = Annotated[str, typer.Argument(help="The set's name.")]
Wanted = Annotated[
    list[str] | None,
    typer.Option("--indicator", "-i", metavar="KIND[:NAME=VALUE,…]", help="E.g. rsi:length=2"),
]
Why = Annotated[str, typer.Option("--message", "-m", help="Why; it stands in the history.")]


@app.callback()
def every(ctx: typer.Context, home: Home = None, as_json: Json = False) -> None:
    """Without a further word: every set."""
    remember(ctx, home, as_json)
    if ctx.invoked_subcommand is None:
        _list(here_of(ctx.obj))


@command(app, "list")
def list_all(here: Here) -> None:
    """Every set: kept ones, and those that come with the program."""
    _list(here)


def _list(here: Here) -> None:
    with here.desk() as desk, desk.transactions.read() as t:
        found = desk.indicators.newest(t)
    rows(
        here,
        found,
        {
            "name": lambda one: one.name,
            "version": lambda one: one.version or "packaged",
            "indicators": lambda one: _labels(one.indicators),
        },
        empty="none",
    )


def _labels(indicators: IndicatorSet) -> str:
    return ", ".join(label(spec) for spec in indicators.indicators)


@command(app)
def show(
    here: Here,
    name: Name,
    version: Annotated[int | None, typer.Option(help="The newest by default.")] = None,
) -> None:
    """One set as it can be typed again, its versions, and which strategies use it."""
    with here.desk() as desk, desk.transactions.read() as t:
        one = desk.indicators.version(t, name, version)
        history = desk.indicators.versions(t, name)
        used = _users(desk, t, history)
    told = {
        "set": f"{one.name} version {one.version}" if one.version else f"{one.name}, comes with the program",
        "indicators": " ".join(f"-i {write_spec(spec)}" for spec in one.indicators.indicators),
        "used by": ", ".join(used),
        **{f"version {row.version}": _history(row) for row in history if row.version},
    }
    facts(here, {"set": one, "history": history, "used_by": used}, told)


def _history(row: IndicatorSetVersion) -> str:
    when = f"{row.created_at:%Y-%m-%d %H:%M}Z" if row.created_at else "before versions were kept"
    return f"{when} {row.author}: {row.message or '(no word)'}"


def _users(desk: Desk, t: Transaction, history: Sequence[IndicatorSetVersion]) -> list[str]:
    known = {row.indicators: row.version for row in history}
    return [
        f"{row.strategy.name} (version {known[row.strategy.indicators]})"
        for row in desk.strategies.list(t)
        if row.strategy.indicators in known
    ]


@command(app)
def create(
    here: Here,
    name: Name,
    wanted: Wanted = None,
    template: Annotated[str, typer.Option("--from", help="A set to begin with.")] = "",
    message: Why = "",
) -> None:
    """Keep a new set: from indicators, from another set, or from both."""
    with here.desk() as desk, desk.transactions.begin() as t:
        begin = desk.indicators.get(t, template).indicators if template else ()
        asked = IndicatorSet(name=name, indicators=(*begin, *specs_of(wanted or []).indicators))
        kept = desk.indicators.create(t, asked, author=OWNER, message=message)
        desk.audit.append(t, OWNER, "indicators.create", name, kept, before=None, after=kept)
    done(here, f"{name} is kept: {_labels(kept)}", kept)


@command(app)
def edit(here: Here, name: Name, wanted: Wanted = None, message: Why = "") -> None:
    """Keep a new version with exactly these indicators; what used an older one keeps it."""
    with here.desk() as desk, desk.transactions.begin() as t:
        before = desk.indicators.version(t, name)
        asked = IndicatorSet(name=name, indicators=specs_of(wanted or []).indicators)
        kept = desk.indicators.edit(t, asked, base=before.version, author=OWNER, message=message)
        desk.audit.append(
            t, OWNER, "indicators.edit", name, kept, before=before.indicators, after=kept.indicators
        )
    done(here, f"{name} version {kept.version} is kept: {_labels(kept.indicators)}", kept)


@command(app)
def archive(here: Here, name: Name) -> None:
    """Put a set away: no longer offered; its versions stay, and strategies keep theirs."""
    with here.desk() as desk, desk.transactions.begin() as t:
        newest = desk.indicators.archive(t, name, author=OWNER)
        desk.audit.append(t, OWNER, "indicators.archive", name, newest, before="kept", after="archived")
    done(here, f"{name} is archived after version {newest.version}", newest)


def specs_of(wanted: Sequence[str]) -> IndicatorSet:
    """The indicators typed, as a set without a name of its own."""
    return IndicatorSet(name="preview", indicators=tuple(read_spec(text) for text in wanted))
