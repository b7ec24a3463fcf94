"""Indicators of one's own: Python files of the home folder, where the settings allow it."""

from glassdesk.adapters.indicators.folder import own_kinds, own_mark

__all__ = ["own_kinds", "own_mark"]
