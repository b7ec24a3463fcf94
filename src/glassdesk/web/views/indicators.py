"""A set of indicators over a real symbol: the picture, what the newest bar says, what is missing."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass

from glassdesk.desk import Desk
from glassdesk.kernel.errors import GlassdeskError
from glassdesk.web.forms.fields import say
from glassdesk.workflow.charts.model import ChartSpec, Theme
from glassdesk.workflow.contracts.model import Contract
from glassdesk.workflow.contracts.scope import calendar_of
from glassdesk.workflow.indicators.catalogue import kind_of
from glassdesk.workflow.indicators.compute import minimum_bars
from glassdesk.workflow.indicators.kind import Panel
from glassdesk.workflow.indicators.model import IndicatorSet, Shortfall
from glassdesk.workflow.market_data.model import BarSet, BarSize

SHOWN = 120
MOST_BARS = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class SetPreview:
    """What the page shows below the form."""

    symbol: str = ""
    picture: str = ""
    """A PNG as text (base64)."""
    last_bar: str = ""
    values: tuple[tuple[str, float | None], ...] = ()
    """Each line by the name that prompts and rules use, at the newest bar."""
    missing: tuple[Shortfall, ...] = ()
    problem: str = ""


def preview(desk: Desk, contract: Contract | None, wanted: IndicatorSet, theme: Theme) -> SetPreview:
    """The set over a contract's newest daily bars; what stands in the way is told, not raised."""
    if contract is None:
        return SetPreview(problem="No symbol is remembered yet; the set is drawn as soon as one is.")
    if not wanted.indicators:
        return SetPreview(symbol=contract.symbol, problem="Choose an indicator.")
    try:
        return _drawn(desk, contract, IndicatorSet(name="preview", indicators=wanted.indicators), theme)
    except GlassdeskError as problem:
        return SetPreview(symbol=contract.symbol, problem=say(problem))


def _drawn(desk: Desk, contract: Contract, wanted: IndicatorSet, theme: Theme) -> SetPreview:
    bar_set = bars_for(desk, contract, wanted)
    values = desk.indicators.compute(wanted, bar_set.bars)
    zone = str(desk.contracts.zone(calendar_of(contract)))
    spec = ChartSpec(bars=SHOWN, width=1024, height=_height(wanted), theme=theme)
    picture = desk.charts.draw(spec, contract, bar_set, values, zone=zone)
    return SetPreview(
        symbol=contract.symbol,
        picture=b64encode(picture.png).decode(),
        last_bar=bar_set.last.session.isoformat(),
        values=tuple((name, values.last(name)) for name in values.names),
        missing=desk.indicators.missing(wanted, bar_set.bars),
    )


def bars_for(desk: Desk, contract: Contract, wanted: IndicatorSet) -> BarSet:
    """Daily bars enough for the set and a picture of it. Raises what reading bars raises."""
    count = min(max(250, minimum_bars(wanted) + SHOWN), MOST_BARS)
    return desk.market_data.closed_bars(
        contract, BarSize.DAY, count, as_of=desk.clock.now(), exchange=calendar_of(contract)
    )


def _height(wanted: IndicatorSet) -> int:
    own = sum(kind_of(spec.kind).panel is Panel.OWN for spec in wanted.indicators)
    return 560 + 95 * own


def chosen(known: Sequence[Contract], conid: str) -> Contract | None:
    """The contract of that number, else the first one."""
    found = [contract for contract in known if str(contract.conid) == conid]
    return next(iter([*found, *known]), None)
