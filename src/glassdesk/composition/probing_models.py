"""Probes of the models that the settings name, with a chart drawn for it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from glassdesk.composition.models import chosen_models
from glassdesk.desk import Desk
from glassdesk.settings import Settings
from glassdesk.workflow.charts.model import ChartSpec
from glassdesk.workflow.contracts.model import Contract
from glassdesk.workflow.indicators.compute import compute
from glassdesk.workflow.indicators.model import IndicatorSet, IndicatorSpec
from glassdesk.workflow.market_data.model import Bar, BarSet, BarSize, Quality
from glassdesk.workflow.signals.calls import Capability
from glassdesk.workflow.signals.prices import load_prices
from glassdesk.workflow.signals.probing import Prober

_BARS = 40
_FIRST = date(2019, 12, 23)
_CONTRACT = Contract(
    conid=1, symbol="PROBE", name="A probe", sec_type="STK", exchange="SMART", currency="USD"
)
_LINES = IndicatorSet(name="probe", indicators=(IndicatorSpec(kind="sma", params=(("length", 20),)),))


def probe_models(desk: Desk, settings: Settings) -> Iterator[Capability]:
    """Ask every model of the settings once; what was found is kept. Raises `InvalidInput`."""
    prober = Prober(desk.governor, load_prices(settings.model_prices), desk.clock, desk.stopwatch)
    png, code = _picture(desk)
    for model in chosen_models(settings):
        yield prober.probe(model, png, code)


def _picture(desk: Desk) -> tuple[bytes, str]:
    """A chart and its code; another day has another code, so that no answer of before fits."""
    bars = BarSet(
        conid=1,
        symbol="PROBE",
        size=BarSize.DAY,
        bars=tuple(_bar(number, desk.clock.now()) for number in range(_BARS)),
        quality=Quality(expected_last=None),
    )
    values = compute(_LINES, bars.bars)
    drawn = desk.charts.draw(ChartSpec(), _CONTRACT, bars, values, zone="America/New_York")
    return drawn.png, drawn.chart.code


def _bar(number: int, now: datetime) -> Bar:
    day = _FIRST + timedelta(days=number)
    level = Decimal(100) + number % 7 + Decimal(now.timetuple().tm_yday) / 100
    return Bar(
        start=datetime.combine(day, datetime.min.time(), tzinfo=UTC),
        session=day,
        open=level,
        high=level + 1,
        low=level - 1,
        close=level + Decimal("0.5"),
        volume=Decimal(1_000_000),
    )
