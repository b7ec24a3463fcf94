"""Verbs of the charts step."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import tzinfo

from glassdesk.kernel.canonical import digest, sha256_hex
from glassdesk.workflow.charts.dates import local_times
from glassdesk.workflow.charts.drawing import draw
from glassdesk.workflow.charts.header import TIMEFRAMES, Heading
from glassdesk.workflow.charts.limits import check_spec, zone_called
from glassdesk.workflow.charts.model import Chart, ChartSpec, Level, Picture
from glassdesk.workflow.charts.ports import Rasteriser
from glassdesk.workflow.charts.reading_code import reading_code
from glassdesk.workflow.charts.scene import Scene
from glassdesk.workflow.charts.svg import to_svg
from glassdesk.workflow.charts.window import Window, window_over
from glassdesk.workflow.contracts.model import Contract
from glassdesk.workflow.indicators.model import IndicatorValues
from glassdesk.workflow.market_data.model import BarSet


class Charts:
    """Draws what the model and the person see. Keeps nothing: the pipeline stores the bytes."""

    def __init__(self, rasteriser: Rasteriser) -> None:
        self._rasteriser = rasteriser

    def draw(
        self,
        spec: ChartSpec,
        contract: Contract,
        bar_set: BarSet,
        values: IndicatorValues,
        levels: Sequence[Level] = (),
        *,
        zone: str,
        running: bool = False,
    ) -> Picture:
        """The newest `spec.bars` bars with the lines over them. Equal input gives equal bytes.

        `values` are computed over all bars of `bar_set`; `zone` is the exchange's; `running` says that the
        newest bar is still open and hatches it (`T-04`). Raises `InvalidInput` for a spec out of range, a
        zone that does not exist, no bars, or values of other bars.
        """
        scene, code, window = _scene(spec, contract, bar_set, values, levels, zone=zone, running=running)
        svg = to_svg(scene)
        png, pixels_sha256 = self._rasteriser.picture(scene)
        chart = Chart(
            timeframe=bar_set.size,
            theme=spec.theme,
            width=spec.width,
            height=spec.height,
            svg_sha256=sha256_hex(svg),
            png_sha256=sha256_hex(png),
            pixels_sha256=pixels_sha256,
            code=code,
            first_bar=window.bars[0].session,
            last_bar=window.bars[-1].session,
            n_bars=len(window),
        )
        return Picture(chart=chart, svg=svg, png=png)

    def with_levels(
        self,
        spec: ChartSpec,
        contract: Contract,
        bar_set: BarSet,
        values: IndicatorValues,
        levels: Sequence[Level],
        *,
        zone: str,
    ) -> bytes:
        """The same chart as SVG with price levels over it: for people, no analyst is shown it. Raises
        `InvalidInput`."""
        running = bar_set.so_far
        return to_svg(_scene(spec, contract, bar_set, values, levels, zone=zone, running=running)[0])

    def pixels_sha256(self, png: bytes) -> str:
        """What a stored picture shows, however it was packed. Raises `InvalidInput` for no PNG."""
        return self._rasteriser.pixels_sha256(png)


def _scene(
    spec: ChartSpec,
    contract: Contract,
    bar_set: BarSet,
    values: IndicatorValues,
    levels: Sequence[Level],
    *,
    zone: str,
    running: bool,
) -> tuple[Scene, str, Window]:
    check_spec(spec)
    where = zone_called(zone)
    window = window_over(bar_set.bars, values, spec.bars, running=running)
    code = reading_code(_data_sha256(spec, contract, bar_set, window, levels))
    heading = Heading(
        title=_title(spec, contract, bar_set), last_bar=_last_bar(bar_set, where, zone), code=code
    )
    return draw(spec, heading, window, levels, bar_set.size, where), code, window


def _title(spec: ChartSpec, contract: Contract, bar_set: BarSet) -> str:
    words = (contract.symbol, contract.exchange, TIMEFRAMES[bar_set.size], spec.title)
    return " · ".join(word for word in words if word)


def _last_bar(bar_set: BarSet, where: tzinfo, zone: str) -> str:
    last, still = bar_set.last, ", still open" if bar_set.so_far else ""
    if not bar_set.size.intraday:
        return f"{last.session.isoformat()}{still}"
    time = local_times([last], bar_set.size, where)[0]
    return f"{time:%Y-%m-%d %H:%M} {zone.rpartition('/')[2].replace('_', ' ')}{still}"


def _data_sha256(
    spec: ChartSpec, contract: Contract, bar_set: BarSet, window: Window, levels: Sequence[Level]
) -> str:
    """Of everything that the picture tells: another price, line or level is another hash."""
    lines = {entry.label: entry.rows for entry in (*window.overlays, *window.own)}
    return digest((spec, contract, bar_set.size, window.bars, lines, tuple(levels), window.running))
