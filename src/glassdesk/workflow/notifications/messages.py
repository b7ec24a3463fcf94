"""What goes out together, and how it reads."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime

from glassdesk.workflow.notifications.model import COLLAPSE, Message, Notification, Severity

SHOWN = 10
"""Notifications that one message spells out; of more it says how many."""

_ORDER = (Severity.INFO, Severity.WARNING, Severity.ALARM)
Group = tuple[str, str]


def group_of(one: Notification) -> Group:
    """Strategy and kind: what shares a message. Without a kind every notification stands alone."""
    return one.strategy, one.kind or one.key


def ready(
    waiting: Iterable[Notification],
    told: Mapping[Group, datetime],
    now: datetime,
    held: Callable[[Severity, datetime], bool],
) -> list[list[Notification]]:
    """Those not told yet, by message, oldest first: a group that was told less than a minute ago waits, and
    so does what quiet hours hold."""
    groups: dict[Group, list[Notification]] = {}
    for one in waiting:
        if one.told_at is None:
            groups.setdefault(group_of(one), []).append(one)
    return [
        sorted(members, key=lambda one: (one.created_at, one.key))
        for group, members in groups.items()
        if not held(worst(members), now) and (group not in told or now - told[group] >= COLLAPSE)
    ]


def worst(members: Sequence[Notification]) -> Severity:
    """The severity of a message: that of its worst."""
    return max((one.severity for one in members), key=_ORDER.index)


def compose(members: Sequence[Notification], audit: str) -> Message:
    """The message of one notification, or of several with how many they are."""
    first = members[0]
    several = len(members) > 1
    return Message(
        key=first.key,
        keys=tuple(one.key for one in members),
        severity=worst(members),
        title=f"{len(members)} × {first.title}" if several else first.title,
        body=_together(members) if several else first.body,
        ref=first.ref,
        created_at=first.created_at,
        audit=audit,
    )


def _together(members: Sequence[Notification]) -> str:
    lines = [f"{one.title}: {one.body}" if one.body else one.title for one in members[:SHOWN]]
    rest = len(members) - SHOWN
    return "\n".join([*lines, f"and {rest} more"] if rest > 0 else lines)
