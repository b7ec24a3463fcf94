"""What the positions step needs from outside."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from glassdesk.kernel.unit_of_work import Transaction
from glassdesk.workflow.positions.model import Adjustment, AppliedExits, Break, BrokerPosition


class BrokerPositions(Protocol):
    """Position reads of the broker. Raise `SessionNotReady` or `ReadFailed`."""

    def positions(self, account: str) -> Sequence[BrokerPosition]:
        """Near real time, un-cached (`/portfolio2`); contracts at zero may be listed or not [F-71, F-74]."""
        ...


class PositionStore(Protocol):
    """What the broker said last, opening rows of the owner's lane (`T-11`), and breaks."""

    def put_broker_positions(
        self, t: Transaction, account: str, positions: Sequence[BrokerPosition], *, seen_at: datetime
    ) -> None:
        """Replace the last reading of the account."""
        ...

    def broker_positions(self, t: Transaction, account: str) -> Sequence[BrokerPosition]:
        """The last reading."""
        ...

    def put_opening(self, t: Transaction, position: BrokerPosition, *, seen_at: datetime) -> None:
        """Append a holding found at first sight of the account; once per (account, conid)."""
        ...

    def openings(self, t: Transaction, account: str) -> Sequence[BrokerPosition]:
        """Holdings of the owner's lane at first sight."""
        ...

    def add_adjustment(self, t: Transaction, one: Adjustment) -> None:
        """Append; the same row again is harmless."""
        ...

    def adjustments(self, t: Transaction, account: str) -> Sequence[Adjustment]:
        """All of an account, oldest first."""
        ...

    def add_exit_rules(self, t: Transaction, one: AppliedExits) -> None:
        """Append; the same row again is harmless."""
        ...

    def exit_rules(self, t: Transaction, account: str) -> Sequence[AppliedExits]:
        """What was applied to holdings of an account, oldest first."""
        ...

    def put_break(self, t: Transaction, found: Break) -> None:
        """Insert or replace the open break of (account, conid)."""
        ...

    def close_break(self, t: Transaction, account: str, conid: int, *, closed_at: datetime) -> None:
        """Close the open break, if any."""
        ...

    def open_breaks(self, t: Transaction) -> Sequence[Break]:
        """Breaks not closed yet."""
        ...
