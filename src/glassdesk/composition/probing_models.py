"""Probes of the models that the settings name, with a chart drawn for it."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from glassdesk.composition.ground import Ground
from glassdesk.composition.models import chosen_models
from glassdesk.desk import Desk
from glassdesk.kernel.errors import GlassdeskError
from glassdesk.workflow.charts.model import ChartSpec
from glassdesk.workflow.charts.service import Charts
from glassdesk.workflow.contracts.model import Contract
from glassdesk.workflow.indicators.compute import compute
from glassdesk.workflow.indicators.model import IndicatorSet, IndicatorSpec
from glassdesk.workflow.market_data.model import Bar, BarSet, BarSize, Quality
from glassdesk.workflow.signals.calls import Capability
from glassdesk.workflow.signals.governor import Governor
from glassdesk.workflow.signals.prices import load_prices
from glassdesk.workflow.signals.probing import Prober

_log = logging.getLogger(__name__)

_BARS = 40
_FIRST = date(2019, 12, 23)
_CONTRACT = Contract(
    conid=1, symbol="PROBE", name="A probe", sec_type="STK", exchange="SMART", currency="USD"
)
_LINES = IndicatorSet(name="probe", indicators=(IndicatorSpec(kind="sma", params=(("length", 20),)),))


def probe_models(ground: Ground, governor: Governor, charts: Charts) -> Iterator[Capability]:
    """Ask every model of the settings once; what was found is kept. Raises `InvalidInput`."""
    settings = ground.settings
    prober = Prober(governor, load_prices(settings.model_prices), ground.clock, ground.stopwatch)
    png, code = _picture(charts, ground.clock.now())
    for model in chosen_models(settings):
        yield prober.probe(model, png, code)


def at_start(desk: Desk) -> None:
    """Warn of models that cannot be asked, and probe those that nobody has probed, beside everything else."""
    for problem in desk.endpoints.problems.values():
        _log.warning("%s", problem)
    with desk.transactions.read() as t:
        unknown = desk.endpoints.unknown(t, desk.governor)
    if unknown:
        threading.Thread(target=_probe, args=(desk,), name="probe", daemon=True).start()


def _probe(desk: Desk) -> None:
    try:
        for found in desk.endpoints.probe():
            _log.info("%s: %s", found.endpoint, found.failure or "probed")
    except GlassdeskError as failure:
        _log.warning("the probe of models was cut short: %s", failure)


def _picture(charts: Charts, now: datetime) -> tuple[bytes, str]:
    """A chart and its code; another day has another code, so that no answer of before fits."""
    bars = BarSet(
        conid=1,
        symbol="PROBE",
        size=BarSize.DAY,
        bars=tuple(_bar(number, now) for number in range(_BARS)),
        quality=Quality(expected_last=None),
    )
    values = compute(_LINES, bars.bars)
    drawn = charts.draw(ChartSpec(), _CONTRACT, bars, values, zone="America/New_York")
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
