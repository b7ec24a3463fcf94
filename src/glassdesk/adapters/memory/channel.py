"""A way to reach a person who reads later."""

from __future__ import annotations

from glassdesk.kernel.errors import Unavailable
from glassdesk.workflow.notifications.model import Notification
from glassdesk.workflow.notifications.ports import Channel


class MemoryChannel(Channel):
    """`sent` holds what was delivered; while `broken` nothing is."""

    name = "memory"

    def __init__(self) -> None:
        self.sent: list[Notification] = []
        self.broken = False

    def send(self, notification: Notification) -> None:
        if self.broken:
            raise Unavailable("this channel is broken on purpose", where=self.name)
        self.sent.append(notification)
