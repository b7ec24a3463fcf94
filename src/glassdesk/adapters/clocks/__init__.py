"""Clocks of this machine, and one moved by hand."""

from glassdesk.adapters.clocks.manual import ManualClock
from glassdesk.adapters.clocks.system import SystemClock, SystemStopwatch

__all__ = ["ManualClock", "SystemClock", "SystemStopwatch"]
