"""Tags that would overlap are pushed apart, each as little as possible."""

from __future__ import annotations

from collections.abc import Sequence


def spread(wanted: Sequence[float], gap: float, low: float, high: float) -> list[float]:
    """Places nearest to the `wanted` ones (ascending), `gap` apart, all within `low` to `high`.

    The least squares solution: neighbours that collide share their mean. Raises ValueError without room.
    """
    if (len(wanted) - 1) * gap > high - low + 1e-9:
        raise ValueError(f"no room for {len(wanted)} places {gap} apart between {low} and {high}")
    groups: list[tuple[float, int]] = []
    for index, place in enumerate(wanted):
        total, size = place - index * gap, 1
        while groups and groups[-1][0] / groups[-1][1] > total / size:
            before, count = groups.pop()
            total, size = total + before, size + count
        groups.append((total, size))
    levelled = [total / size for total, size in groups for _ in range(size)]
    last = high - (len(wanted) - 1) * gap
    return [min(max(place, low), last) + index * gap for index, place in enumerate(levelled)]
