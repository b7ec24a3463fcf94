"""What was changed last, by topic: how a page learns that it shows something old."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Protocol

from glassdesk.kernel.unit_of_work import Transaction


class Changes(Protocol):
    """A counter for each topic, moved in the transaction of the change itself."""

    def versions(self, t: Transaction) -> Mapping[str, int]:
        """How often each topic was changed, by committed transactions of any process."""
        ...

    def listen(self, ring: Callable[[], None]) -> Callable[[], None]:
        """Ring after each commit of this process that moved a counter; answers what ends that. `ring` is
        called on the thread that committed and returns at once."""
        ...
