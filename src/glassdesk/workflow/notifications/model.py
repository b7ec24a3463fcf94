"""Nouns of the notifications step."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

COLLAPSE = timedelta(seconds=60)
"""At most one message of a strategy and kind in this time (`reliability.md` §2.11)."""
SECOND_AFTER = timedelta(minutes=2)
"""An alarm that nobody has acknowledged by then goes out through the second channels."""
GIVE_UP_AFTER = timedelta(hours=24)

_WORD = re.compile(r"[a-z][a-z_-]*")


class Severity(StrEnum):
    INFO = "info"
    WARNING = "warning"
    ALARM = "alarm"


@dataclass(frozen=True, slots=True, kw_only=True)
class Notification:
    """One thing a person should know. `key` is `<entity>:<event>`; the same key is told once."""

    key: str
    severity: Severity
    title: str
    body: str
    ref: str
    """Identity it leads to, e.g. `run:<id>`, `order:<id>`."""
    created_at: datetime
    kind: str = ""
    """What happened, without to whom: `order.filled`. One strategy's of one kind share a message."""
    strategy: str = ""
    told_at: datetime | None = None
    """When the message with it was first tried."""
    told_with: str = ""
    """The key of the notification whose message carries it: its own, where it came first."""
    sent_at: datetime | None = None
    """When every channel had it or had given up."""
    attempts: int = 0
    acknowledged_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """How far one message has come on one channel."""

    key: str
    channel: str
    attempts: int
    tried_at: datetime
    next_at: datetime
    """Not tried again before; set before a try, so that two dispatchers do not send the same."""
    delivered_at: datetime | None = None
    gave_up_at: datetime | None = None
    problem: str = ""

    @property
    def over(self) -> bool:
        """Nothing more is tried."""
        return self.delivered_at is not None or self.gave_up_at is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """What a channel delivers: one notification, or several of one strategy and kind."""

    key: str
    """The same in every try, on every channel: a duplicate is recognised by it."""
    keys: tuple[str, ...]
    severity: Severity
    title: str
    body: str
    ref: str
    created_at: datetime
    audit: str
    """Head of the audit chain, `row 812 3f9ab02c…`: a copy of it outside the database (`T-77`)."""

    @property
    def count(self) -> int:
        """How many notifications it carries."""
        return len(self.keys)

    @property
    def text(self) -> str:
        """The body with its footer."""
        return f"{self.body}\n\n{self.footer}".strip()

    @property
    def footer(self) -> str:
        """What a machine needs of it: the key, and the head of the audit chain."""
        return f"key {self.key}\naudit {self.audit}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelState:
    """How a channel does: for the page."""

    name: str
    second: bool
    delivered_at: datetime | None
    """The last time it took a message."""
    waiting: int
    """Messages that it has not taken yet."""
    problem: str
    """Of the newest try, where that failed."""


def kind_of(key: str) -> str:
    """`order.filled` of `order:ab12:filled`: the parts that are words, joined; a counter at the end goes."""
    words = [re.sub(r"-\d+$", "", part) for part in key.split(":")]
    return ".".join(word for word in words if _WORD.fullmatch(word))
