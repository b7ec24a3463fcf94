"""`indicators`: the catalogue, named sets, and values over a contract's bars."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from glassdesk.cli.here import Here, command, step
from glassdesk.cli.show import rows, working
from glassdesk.cli.symbols import contract_of
from glassdesk.desk import Desk
from glassdesk.kernel.errors import InvalidInput
from glassdesk.workflow.contracts.scope import calendar_of
from glassdesk.workflow.indicators.catalogue import kind_of, label
from glassdesk.workflow.indicators.kind import Kind
from glassdesk.workflow.indicators.model import IndicatorSet, IndicatorSpec
from glassdesk.workflow.indicators.presets import PRESETS
from glassdesk.workflow.market_data.model import BarSize

app = step("Indicators and named sets of them.")


@command(app, "list")
def list_all(here: Here) -> None:
    """Every indicator with its parameters."""
    with here.desk() as desk:
        found = [_told(kind) for kind in desk.indicators.catalogue()]
    rows(
        here,
        found,
        {
            "kind": lambda one: one["kind"],
            "parameters": lambda one: ", ".join(f"{name} {text}" for name, text in one["parameters"].items()),
            "meaning": lambda one: one["meaning"],
        },
        empty="none",
    )


def _told(kind: Kind) -> dict[str, Any]:
    parameters = {p.name: f"{p.default:g} ({p.low:g}…{p.high:g} {p.unit})" for p in kind.parameters}
    return {"kind": kind.kind, "title": kind.title, "parameters": parameters, "meaning": kind.meaning}


@command(app)
def sets(here: Here) -> None:
    """Named sets: kept ones, and those that come with the program."""
    with here.desk() as desk:
        found = _sets(desk)
    rows(
        here,
        found,
        {
            "name": lambda one: one.name,
            "indicators": lambda one: ", ".join(label(spec) for spec in one.indicators),
        },
        empty="none",
    )


@command(app)
def preview(
    here: Here,
    symbol: Annotated[str, typer.Argument(help="A ticker.")],
    wanted: Annotated[
        list[str] | None,
        typer.Option("--indicator", "-i", metavar="KIND[:NAME=N,…]", help="E.g. rsi:length=2"),
    ] = None,
    set_name: Annotated[
        str, typer.Option("--set", help="A named set, where no indicator is given.")
    ] = "standard",
    bars: Annotated[int, typer.Option(min=1, max=1000, help="Bars read.")] = 250,
    last: Annotated[int, typer.Option(min=1, max=1000, help="Bars shown.")] = 5,
) -> None:
    """Values over a contract's last daily bars."""
    with here.desk() as desk, working("reading bars"):
        chosen = _given(wanted) if wanted else _named(desk, set_name)
        contract = contract_of(desk, symbol)
        bar_set = desk.market_data.closed_bars(
            contract, BarSize.DAY, bars, as_of=desk.clock.now(), exchange=calendar_of(contract)
        )
        values = desk.indicators.compute(chosen, bar_set.bars)
    found = [
        {"session": bar.session, "close": bar.close} | {line.name: line.values[at] for line in values.lines}
        for at, bar in enumerate(bar_set.bars)
    ][-last:]
    names = ["session", "close", *values.names]
    rows(here, found, {name: lambda one, name=name: _short(one[name]) for name in names}, empty="no bars")  # type: ignore[misc]


def _short(value: object) -> object:
    return f"{value:.4f}" if isinstance(value, float) else value


def _sets(desk: Desk) -> list[IndicatorSet]:
    with desk.transactions.read() as t:
        kept = list(desk.indicators.list(t))
    names = {one.name for one in kept}
    return kept + [preset for preset in PRESETS if preset.name not in names]


def _named(desk: Desk, name: str) -> IndicatorSet:
    found = {one.name: one for one in _sets(desk)}
    if name not in found:
        raise InvalidInput(f"there is no set {name!r}", where="--set", remedy=f"one of {', '.join(found)}")
    return found[name]


def _given(wanted: list[str]) -> IndicatorSet:
    return IndicatorSet(name="preview", indicators=tuple(_spec(text) for text in wanted))


def _spec(text: str) -> IndicatorSpec:
    kind, _, rest = text.partition(":")
    kind_of(kind)
    pairs = [pair.partition("=") for pair in rest.split(",") if pair]
    return IndicatorSpec(kind=kind, params=tuple((name, _number(text, value)) for name, _, value in pairs))


def _number(text: str, value: str) -> float:
    try:
        return float(value)
    except ValueError as failure:
        raise InvalidInput(f"{value!r} is no number", where=text, remedy="e.g. rsi:length=2") from failure
