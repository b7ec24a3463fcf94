"""Where a road begins or ends: a home, as its settings say."""

from __future__ import annotations

from dataclasses import dataclass

from glassdesk.kernel.clock import Clock
from glassdesk.kernel.ids import AccountKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """One home."""

    account: str
    kind: AccountKind
    broker: str
    """`gateway` or `simulator`."""
    deployment: str
    version: str
    clock: Clock
    unset: tuple[str, ...]
    """Settings of the limits that nobody set by hand."""
    delayed: bool
    """Entries on delayed quotes are allowed."""
