"""`indicators`: the catalogue, and values or a picture over a contract's bars."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer

from glassdesk.cli.files import write_bytes
from glassdesk.cli.here import Here, command, step
from glassdesk.cli.indicator_sets import app as sets_app
from glassdesk.cli.indicator_sets import specs_of
from glassdesk.cli.show import done, facts, rows, working
from glassdesk.cli.symbols import contract_of
from glassdesk.cli.trial import desk_or_trial
from glassdesk.desk import Desk
from glassdesk.kernel.errors import InvalidInput, Unavailable
from glassdesk.workflow.charts.model import ChartSpec, Theme
from glassdesk.workflow.contracts.model import Contract
from glassdesk.workflow.contracts.scope import calendar_of
from glassdesk.workflow.indicators.catalogue import complete, kind_of, line_names
from glassdesk.workflow.indicators.kind import Family, Kind
from glassdesk.workflow.indicators.model import IndicatorSet, IndicatorSpec, IndicatorValues
from glassdesk.workflow.market_data.model import BarSet, BarSize, Quality

app = step("Indicators and named sets of them.")
app.add_typer(sets_app, name="sets", help="Named sets, in versions.")


@command(app, "list")
def list_all(
    here: Here,
    family: Annotated[Family | None, typer.Option(help="Only these.")] = None,
) -> None:
    """Every indicator with its parameters."""
    with here.desk() as desk:
        found = [_told(kind) for kind in desk.indicators.catalogue() if family in (None, kind.family)]
    rows(
        here,
        found,
        {
            "kind": lambda one: one["kind"],
            "family": lambda one: one["family"],
            "parameters": lambda one: ", ".join(f"{name} {text}" for name, text in one["parameters"].items()),
            "meaning": lambda one: one["meaning"],
        },
        empty="none",
    )


def _told(kind: Kind) -> dict[str, Any]:
    parameters = {p.name: f"{p.word(p.default)} ({_range(p)})" for p in kind.parameters}
    return {
        "kind": kind.kind,
        "title": kind.title,
        "family": kind.family,
        "parameters": parameters,
        "meaning": kind.meaning,
    }


def _range(parameter: Any) -> str:
    if parameter.options:
        return ", ".join(parameter.options)
    return f"{parameter.low:g}…{parameter.high:g} {parameter.unit}"


@command(app)
def show(here: Here, kind: Annotated[str, typer.Argument(help="A kind of the list.")]) -> None:
    """One indicator: what it tells, its parameters, its lines, whose arithmetic it is."""
    with here.desk():
        entry = kind_of(kind)
    usual = complete(IndicatorSpec(kind=kind))
    told = _told(entry) | {
        "lines": list(line_names(usual)),
        "bars needed": entry.minimum_bars(dict(usual.params)),
        "drawn": "over the candles" if entry.panel == "price" else "in a panel of its own",
        "convention": entry.convention or "as on TradingView",
    }
    facts(
        here,
        told,
        {
            "indicator": f"{entry.title} ({entry.family.value})",
            "meaning": entry.meaning,
            **{f"  {name}": text for name, text in told["parameters"].items()},
            "lines": ", ".join(told["lines"]),
            "bars needed": told["bars needed"],
            "drawn": told["drawn"],
            "convention": told["convention"],
        },
    )


@command(app)
def preview(
    here: Here,
    symbol: Annotated[str, typer.Argument(help="A ticker.")],
    wanted: Annotated[
        list[str] | None,
        typer.Option("--indicator", "-i", metavar="KIND[:NAME=VALUE,…]", help="E.g. rsi:length=2"),
    ] = None,
    set_name: Annotated[
        str, typer.Option("--set", help="A named set, where no indicator is given.")
    ] = "standard",
    version: Annotated[int | None, typer.Option(help="Of the set; the newest by default.")] = None,
    bars: Annotated[int, typer.Option(min=1, max=1000, help="Bars read.")] = 250,
    last: Annotated[int, typer.Option(min=1, max=1000, help="Bars shown.")] = 5,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="A .png or .svg file to draw into instead.")
    ] = None,
    theme: Annotated[Theme, typer.Option(help="Of the picture.")] = Theme.LIGHT,
) -> None:
    """Values over a contract's last daily bars, or a picture of them."""
    if output is not None and output.suffix not in (".png", ".svg"):
        raise InvalidInput(f"{output.name} is no picture's name", where="--output", remedy="end it in .png")
    with desk_or_trial(here) as desk, working("reading bars"):
        chosen = specs_of(wanted) if wanted else _named(desk, set_name, version)
        found = _computed(desk, symbol, chosen, bars)
        picture = found.drawn(desk, theme) if output is not None else None
    if output is not None and picture is not None:
        write_bytes(output, picture.svg if output.suffix == ".svg" else picture.png)
        done(here, f"{found.contract.symbol} {chosen.name} is drawn in {output}", picture.chart)
        return
    _table(here, found, last)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Found:
    """Bars of a contract with the values over them."""

    contract: Contract
    bar_set: BarSet
    values: IndicatorValues

    def drawn(self, desk: Desk, theme: Theme) -> Any:
        zone = str(desk.contracts.zone(calendar_of(self.contract)))
        spec = ChartSpec(theme=theme)
        return desk.charts.draw(spec, self.contract, self.bar_set, self.values, zone=zone)


def _computed(desk: Desk, symbol: str, chosen: IndicatorSet, bars: int) -> _Found:
    contract = contract_of(desk, symbol)
    try:
        bar_set = desk.market_data.closed_bars(
            contract, BarSize.DAY, bars, as_of=desk.clock.now(), exchange=calendar_of(contract)
        )
    except Unavailable as away:
        bar_set = _kept(desk, contract, bars, away)
    return _Found(contract=contract, bar_set=bar_set, values=desk.indicators.compute(chosen, bar_set.bars))


def _kept(desk: Desk, contract: Contract, bars: int, away: Unavailable) -> BarSet:
    """What the desk has read before, while nobody can ask the broker; raises `away` where that is nothing."""
    with desk.transactions.read() as t:
        found = desk.market_data.seen(t, contract.conid, BarSize.DAY, bars, as_of=desk.clock.now())
    if not found:
        raise away
    say = f"kept bars up to {found[-1].session}: {away.problem}"
    print(say, file=sys.stderr)
    quality = Quality(expected_last=None, problems=(say,), notes=())
    return BarSet(
        conid=contract.conid, symbol=contract.symbol, size=BarSize.DAY, bars=tuple(found), quality=quality
    )


def _table(here: Here, found: _Found, last: int) -> None:
    lines = [
        {"session": bar.session, "close": bar.close}
        | {line.name: line.values[at] for line in found.values.lines}
        for at, bar in enumerate(found.bar_set.bars)
    ][-last:]
    names = ["session", "close", *found.values.names]
    rows(here, lines, {name: lambda one, name=name: _short(one[name]) for name in names}, empty="no bars")  # type: ignore[misc]


def _short(value: object) -> object:
    return f"{value:.4f}" if isinstance(value, float) else value


def _named(desk: Desk, name: str, version: int | None) -> IndicatorSet:
    with desk.transactions.read() as t:
        known = [one.name for one in desk.indicators.newest(t)]
        if name not in known:
            raise InvalidInput(
                f"there is no set {name!r}", where="--set", remedy=f"one of {', '.join(known)}"
            )
        return desk.indicators.get(t, name, version)
