"""A contract's bars, lines, marks and levels as numbers, for the chart that a person moves about in."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from zoneinfo import ZoneInfo

from glassdesk.desk import Desk
from glassdesk.kernel.unit_of_work import Transaction
from glassdesk.workflow.charts.header import TIMEFRAMES
from glassdesk.workflow.charts.model import LevelKind, Theme
from glassdesk.workflow.charts.theme import PALETTES
from glassdesk.workflow.charts.window import Drawn, window_over
from glassdesk.workflow.contracts.model import Contract
from glassdesk.workflow.contracts.scope import calendar_of
from glassdesk.workflow.indicators.compute import minimum_bars
from glassdesk.workflow.indicators.kind import Colour, Look, Output, Panel
from glassdesk.workflow.indicators.model import IndicatorSet
from glassdesk.workflow.market_data.model import Bar, BarSize
from glassdesk.workflow.orders.model import OrderState, Role
from glassdesk.workflow.signals.model import Action

MOST_BARS = 1000
Time = str | int
"""The session date of daily and longer bars; else seconds, of the exchange's wall clock as if it were UTC."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChartBar:
    """Prices in the contract's currency, volume in shares."""

    time: Time
    open: float
    high: float
    low: float
    close: float
    volume: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ChartLine:
    """One output of an indicator, a value per bar; `turns` has the sign that colours each stroke."""

    name: str
    title: str
    look: Look
    light: str
    dark: str
    values: tuple[float | None, ...]
    turns: tuple[float | None, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ChartPane:
    """An indicator: over the candles, or in a pane of its own."""

    label: str
    meaning: str
    own: bool
    guides: tuple[float, ...]
    lines: tuple[ChartLine, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ChartMark:
    """A signal or a fill at the bar in which it came; `link` is the page that tells why."""

    time: Time
    kind: str
    """`BUY` or `SELL` of a signal, `bought` or `sold` of a fill."""
    text: str
    link: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ChartLevel:
    """A price that matters now: the entry, the stop, the target of a position."""

    price: float
    title: str
    light: str
    dark: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ChartView:
    """Everything of one chart; the newest bars, oldest first."""

    symbol: str
    title: str
    zone: str
    places: int
    up: tuple[str, str]
    """Colours of rising and, in `down`, of falling bars: light and dark."""
    down: tuple[str, str]
    bars: tuple[ChartBar, ...]
    panes: tuple[ChartPane, ...]
    marks: tuple[ChartMark, ...]
    levels: tuple[ChartLevel, ...]
    problems: tuple[str, ...]
    notes: tuple[str, ...]


def chart_view(desk: Desk, contract: Contract, wanted: IndicatorSet, size: BarSize, count: int) -> ChartView:
    """The newest `count` closed bars with the set's lines over them. Raises what reading bars raises."""
    exchange, needed = calendar_of(contract), minimum_bars(wanted)
    bar_set = desk.market_data.closed_bars(
        contract, size, min(count + needed, MOST_BARS), as_of=desk.clock.now(), exchange=exchange
    )
    window = window_over(
        bar_set.bars, desk.indicators.compute(wanted, bar_set.bars), count, running=bar_set.so_far
    )
    zone = desk.contracts.zone(exchange)
    shown = _Shown(bars=window.bars, size=size, zone=zone)
    with desk.transactions.read() as t:
        marks, levels = _marks(desk, t, contract, shown), _levels(desk, t, contract)
    return ChartView(
        symbol=contract.symbol,
        title=" · ".join((contract.symbol, contract.exchange, TIMEFRAMES[size])),
        zone=str(zone),
        places=window.places,
        up=_both("up"),
        down=_both("down"),
        bars=tuple(_bar(shown, bar) for bar in window.bars),
        panes=tuple(_pane(entry) for entry in (*window.overlays, *window.own)),
        marks=marks,
        levels=levels,
        problems=bar_set.quality.problems,
        notes=bar_set.quality.notes,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Shown:
    bars: Sequence[Bar]
    size: BarSize
    zone: ZoneInfo

    def time(self, bar: Bar) -> Time:
        if not self.size.intraday:
            return bar.session.isoformat()
        wall = bar.start.astimezone(self.zone).replace(tzinfo=ZoneInfo("UTC"))
        return int(wall.timestamp())

    def at(self, instant: datetime) -> Time | None:
        """The bar that had begun last at an instant; `None` before the first."""
        place = bisect_right([bar.start for bar in self.bars], instant) - 1
        return self.time(self.bars[place]) if place >= 0 else None


def _bar(shown: _Shown, bar: Bar) -> ChartBar:
    return ChartBar(
        time=shown.time(bar),
        open=float(bar.open),
        high=float(bar.high),
        low=float(bar.low),
        close=float(bar.close),
        volume=float(bar.volume),
    )


def _both(name: str) -> tuple[str, str]:
    return getattr(PALETTES[Theme.LIGHT], name), getattr(PALETTES[Theme.DARK], name)


def _pane(entry: Drawn) -> ChartPane:
    outputs = list(zip(entry.kind.outputs, entry.rows, strict=True))
    following = [after for _, after in pairwise(outputs)]
    lines = [
        _line(output, row, following[place][1] if place < len(following) else ())
        for place, (output, row) in enumerate(outputs)
        if output.look is not Look.HIDDEN
    ]
    return ChartPane(
        label=entry.label,
        meaning=entry.kind.meaning,
        own=entry.kind.panel is Panel.OWN,
        guides=entry.kind.guides,
        lines=tuple(lines),
    )


def _line(output: Output, row: tuple[float | None, ...], after: tuple[float | None, ...]) -> ChartLine:
    colour: Colour = output.colour
    return ChartLine(
        name=output.suffix,
        title=output.title,
        look=output.look,
        light=PALETTES[Theme.LIGHT].colours[colour],
        dark=PALETTES[Theme.DARK].colours[colour],
        values=row,
        turns=after if output.look in (Look.TREND, Look.DOTS) else (),
    )


def _marks(desk: Desk, t: Transaction, contract: Contract, shown: _Shown) -> tuple[ChartMark, ...]:
    signals = [
        (row.slot, row.signal.action.value, row.signal.action.value, f"/runs/{row.signal.run}")
        for row in desk.signals.recent(t, conid=contract.conid)
        if row.signal.action in (Action.BUY, Action.SELL)
    ]
    fills = [
        (
            fill.execution.executed_at,
            "bought" if fill.execution.side.value == "BUY" else "sold",
            f"{fill.execution.quantity:f} at {fill.execution.price:f}",
            f"/orders/{fill.order}",
        )
        for fill in desk.tracking.fills(t, desk.account, conid=contract.conid)
    ]
    return tuple(_placed(shown, sorted([*signals, *fills])))


def _placed(shown: _Shown, found: Iterable[tuple[datetime, str, str, str]]) -> Iterable[ChartMark]:
    for instant, kind, text, link in found:
        time = shown.at(instant)
        if time is not None:
            yield ChartMark(time=time, kind=kind, text=text, link=link)


_ROLES = {Role.STOP: LevelKind.STOP, Role.TARGET: LevelKind.TARGET}


def _levels(desk: Desk, t: Transaction, contract: Contract) -> tuple[ChartLevel, ...]:
    held = [one for one in desk.positions.held(t, desk.account) if one.conid == contract.conid]
    if not held:
        return ()
    living = [state for state in OrderState if not state.final]
    legs = [
        order for order in desk.orders.orders(t, states=living, conid=contract.conid) if order.role in _ROLES
    ]
    prices = [
        (one.average_price, LevelKind.ENTRY, f"entry {one.quantity:f}") for one in held if one.average_price
    ]
    prices += [
        (price, _ROLES[order.role], order.role.value)
        for order in legs
        if (price := order.ticket.price) is not None
    ]
    return tuple(
        ChartLevel(
            price=float(price),
            title=title,
            light=PALETTES[Theme.LIGHT].levels[kind],
            dark=PALETTES[Theme.DARK].levels[kind],
        )
        for price, kind, title in prices
    )
