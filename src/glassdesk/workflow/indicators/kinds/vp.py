"""Volume profile."""

from __future__ import annotations

import numpy as np

from glassdesk.workflow.indicators.kind import (
    Colour,
    Columns,
    Family,
    FloatArray,
    Kind,
    Look,
    Output,
    Panel,
    Parameter,
    Settings,
    length,
)
from glassdesk.workflow.indicators.profile import busiest, rows_of, value_area, windows


def compute(columns: Columns, settings: Settings) -> tuple[FloatArray, ...]:
    """The profile of the last `length` bars: its busiest price, and the edges of its value area.

    A bar's volume is spread evenly over its range; rows are `row` percent high and stand on a grid that does
    not move, so a row is the same row for every bar.
    """
    length, height = int(settings["length"]), np.log1p(settings["row"] / 100)
    if len(columns.close) < length:
        nothing = np.full_like(columns.close, np.nan)
        return nothing, nothing, nothing
    first, volumes = rows_of(columns, float(height))
    profile = windows(volumes, length)
    top = busiest(profile)
    lower, upper = value_area(profile, top, settings["area"] / 100)
    found = np.full((3, len(columns.close)), np.nan)
    edges = np.exp(np.array([upper + 1, top + 0.5, lower]) * height + first * height)
    found[:, length - 1 :] = np.where(profile.sum(axis=1) > 0, edges, np.nan)
    return found[0], found[1], found[2]


VP = Kind(
    kind="vp",
    title="Volume profile",
    family=Family.LEVELS,
    meaning="The price at which most was traded, and the range that holds most of the volume.",
    parameters=(
        length(100, low=2),
        Parameter(name="row", title="Row height", default=1, low=0.1, high=10, unit="percent", whole=False),
        Parameter(name="area", title="Value area", default=70, low=10, high=95, unit="percent"),
    ),
    outputs=(
        Output(suffix="_high", title="VAH", look=Look.LEVEL_NOW, colour=Colour.PURPLE),
        Output(suffix="_poc", title="POC", look=Look.LEVEL_NOW, colour=Colour.ORANGE),
        Output(suffix="_low", title="VAL", look=Look.LEVEL_NOW, colour=Colour.PURPLE),
    ),
    panel=Panel.PRICE,
    minimum_bars=lambda settings: int(settings["length"]),
    compute=compute,
    convention="From bars, not from trades; rows on a fixed grid; no value where nothing was traded.",
)
