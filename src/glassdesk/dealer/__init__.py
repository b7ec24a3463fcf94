"""The dealer's door: the loop around one turn."""

from glassdesk.dealer.role import DealerRole

__all__ = ["DealerRole"]
