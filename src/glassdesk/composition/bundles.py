"""Strategy files, handed to the doors."""

from glassdesk.adapters.bundles import dump_strategy, load_strategy, strategy_from, strategy_to

__all__ = ["dump_strategy", "load_strategy", "strategy_from", "strategy_to"]
