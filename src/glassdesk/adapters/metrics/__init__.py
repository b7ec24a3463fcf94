"""Figures as Prometheus scrapes them: counted from what is written down, and timed in this process."""

from glassdesk.adapters.metrics.latencies import Latencies
from glassdesk.adapters.metrics.serving import FiguresServer
from glassdesk.adapters.metrics.tallies import Tallies, told

__all__ = ["FiguresServer", "Latencies", "Tallies", "told"]
