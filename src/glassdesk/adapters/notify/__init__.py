"""Channels that reach a person."""

from glassdesk.adapters.notify.log import LogChannel
from glassdesk.adapters.notify.opening import open_channels

__all__ = ["LogChannel", "open_channels"]
