"""What a chart may be asked for."""

from __future__ import annotations

from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from glassdesk.kernel.errors import InvalidInput
from glassdesk.workflow.charts.model import ChartSpec

LIMITS = {"bars": (10, 400), "width": (640, 2560), "height": (480, 2000)}


def check_spec(spec: ChartSpec) -> None:
    """Raises `InvalidInput` naming the setting and its range."""
    for name, (low, high) in LIMITS.items():
        value = getattr(spec, name)
        if not low <= value <= high:
            raise InvalidInput(
                f"{name} is {value}", where=f"chart.{name}", remedy=f"a whole number from {low} to {high}"
            )
    if len(spec.title) > 80:
        raise InvalidInput("the title is too long", where="chart.title", remedy="80 characters at most")


def zone_called(name: str) -> ZoneInfo:
    """The IANA zone. Raises `InvalidInput`."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError) as unknown:
        raise InvalidInput(
            f"there is no time zone {name!r}", where="zone", remedy="an IANA name such as America/New_York"
        ) from unknown
