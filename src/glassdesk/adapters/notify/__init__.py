"""Channels that reach a person."""

from glassdesk.adapters.notify.log import LogChannel

__all__ = ["LogChannel"]
