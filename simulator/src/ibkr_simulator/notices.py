"""What the broker tells a person by itself, and how they want to be told [§2, §7.2]."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from ibkr_simulator.instants import Instant, seconds


@dataclass(slots=True, kw_only=True)
class Kind:
    """One kind of notification, switched on or off, with a disclaimer to read."""

    code: str
    name: str
    about: str
    on: bool = True
    read: bool = False


@dataclass(slots=True, kw_only=True)
class Notice:
    """One notification."""

    id: str
    at: Instant
    title: str
    text: str
    code: str
    read: bool = False

    def row(self) -> dict[str, Any]:
        """As `/fyi/notifications` lists it: the time is a text, in seconds."""
        return {
            "R": int(self.read),
            "D": f"{seconds(self.at)}.0",
            "MS": f"IBKR FYI: {self.title}",
            "MD": self.text,
            "ID": self.id,
            "HT": 0,
            "FC": self.code,
        }


@dataclass(slots=True, kw_only=True)
class Device:
    """A device that is told."""

    name: str
    id: str
    surface: str
    on: bool = True


def _kinds() -> dict[str, Kind]:
    rows = (
        ("BA", "Borrow Availability", "Notify me when shares have been located for a rejected short sale."),
        ("EA", "Upcoming Earnings", "Notify me of upcoming earnings announcements of my holdings."),
        ("OE", "Option or Future expiration", "Notify me before my options or futures expire."),
        ("SM", "System Messages", "Notify me of messages about my account."),
    )
    return {code: Kind(code=code, name=name, about=about) for code, name, about in rows}


@dataclass(slots=True)
class Notices:
    """Everything of one login."""

    kinds: dict[str, Kind] = field(default_factory=_kinds)
    posted: list[Notice] = field(default_factory=list)
    devices: dict[str, Device] = field(default_factory=dict)
    by_mail: bool = True

    def post(self, at: Instant, title: str, text: str) -> Notice:
        """Tell the person something."""
        number = f"{seconds(at)}{len(self.posted):04}"
        notice = Notice(id=number, at=at, title=title, text=text, code="SM")
        self.posted.append(notice)
        return notice

    def unread(self) -> int:
        """How many nobody has read."""
        return sum(not notice.read for notice in self.posted)

    def newest(self, most: int) -> Iterator[dict[str, Any]]:
        """Rows, the newest first."""
        return (notice.row() for notice in self.posted[::-1][:most])

    def find(self, number: str) -> Notice | None:
        """A notification by its id."""
        return next((notice for notice in self.posted if notice.id == number), None)
