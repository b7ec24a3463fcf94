"""A bar of any width."""

from collections.abc import Sequence
from dataclasses import dataclass

from ibkr_simulator.instants import Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """Prices in cents, volume in shares; `at` is the bar's start."""

    at: Instant
    open: int
    high: int
    low: int
    close: int
    volume: int


def merge(bars: Sequence[Bar]) -> Bar:
    """Several neighbours as one."""
    return Bar(
        at=bars[0].at,
        open=bars[0].open,
        high=max(bar.high for bar in bars),
        low=min(bar.low for bar in bars),
        close=bars[-1].close,
        volume=sum(bar.volume for bar in bars),
    )
