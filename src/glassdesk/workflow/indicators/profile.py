"""Volume by price: how much was traded in each row of a fixed grid."""

from __future__ import annotations

import numpy as np

from glassdesk.workflow.indicators.kind import BoolArray, Columns, FloatArray, IntArray


def rows_of(columns: Columns, height: float) -> tuple[int, FloatArray]:
    """Each bar's volume by row, spread evenly over the logarithms of its range, and the lowest row's number.

    Row k reaches from exp(k · height) to exp((k + 1) · height).
    """
    low, high = np.log(columns.low) / height, np.log(columns.high) / height
    first, last = int(np.floor(low.min())), int(np.floor(high.max()))
    edges = np.arange(first, last + 1)
    reach = high - low
    inside = np.minimum(high[:, None], edges + 1) - np.maximum(low[:, None], edges)
    still = (np.floor(low)[:, None] == edges).astype(np.float64)
    share = np.where(
        reach[:, None] > 0,
        np.maximum(inside, 0) / np.where(reach > 0, reach, 1)[:, None],
        still,
    )
    return first, share * columns.volume[:, None]


def windows(volumes: FloatArray, length: int) -> FloatArray:
    """The sums of every `length` bars in a row, by row of the grid. What is noise beside the whole is 0."""
    running = np.vstack([np.zeros(volumes.shape[1]), np.cumsum(volumes, axis=0)])
    sums = running[length:] - running[:-length]
    return np.where(sums > 1e-9 * totals(sums)[:, None], sums, 0.0)


def totals(profile: FloatArray) -> FloatArray:
    """The volume of every window, added row by row: empty rows of a wider grid, which later bars may bring,
    change no digit of it."""
    return np.asarray(np.cumsum(profile, axis=1)[:, -1], dtype=np.float64)


def busiest(profile: FloatArray) -> IntArray:
    """For every window the row in which most was traded; of equal ones the lowest."""
    return np.asarray(np.argmax(profile, axis=1), dtype=np.int64)


def value_area(profile: FloatArray, top: IntArray, part: float) -> tuple[IntArray, IntArray]:
    """The lowest and the highest row of the value area, which holds `part` of the volume.

    It grows from the busiest row by the busier one of its two neighbours, upwards where they are equal, and
    never beyond the rows that were traded in: how far the grid reaches hangs on bars of other windows.
    """
    count, rows = profile.shape
    edge = np.full((count, 1), -1.0)
    cells = np.hstack([edge, np.where(_within(profile), profile, -1.0), edge]).ravel()
    first = np.arange(count) * (rows + 2) + 1
    low, high = first + top, first + top
    held, wanted = np.maximum(cells[low], 0), part * totals(profile)
    while (grows := held < wanted).any():
        above, below = cells.take(high + 1), cells.take(low - 1)
        up = grows & (above >= below)
        down = grows & (above < below)
        high, low = high + up, low - down
        held = held + up * above + down * below
    return low - first, high - first


def _within(profile: FloatArray) -> BoolArray:
    """From the lowest to the highest row that was traded in."""
    traded = profile > 0
    below = np.logical_or.accumulate(traded, axis=1)
    above = np.logical_or.accumulate(traded[:, ::-1], axis=1)[:, ::-1]
    return np.asarray(below & above, dtype=np.bool_)
