"""Strategies as files: YAML that a person writes, keeps and carries to another desk."""

from glassdesk.adapters.bundles.conditions import group_from, group_line
from glassdesk.adapters.bundles.strategies import dump_strategy, load_strategy, strategy_from, strategy_to

__all__ = ["dump_strategy", "group_from", "group_line", "load_strategy", "strategy_from", "strategy_to"]
