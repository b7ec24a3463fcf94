"""A way to reach a person who reads later."""

from __future__ import annotations

from glassdesk.kernel.errors import Unavailable
from glassdesk.workflow.notifications.model import Message
from glassdesk.workflow.notifications.ports import Channel


class MemoryChannel(Channel):
    """`sent` holds what was delivered; while `broken` nothing is. `tries` counts both."""

    def __init__(self, name: str = "memory") -> None:
        self.name = name
        self.sent: list[Message] = []
        self.broken = False
        self.tries = 0

    def check(self) -> None:
        """Nothing can be wrong with it."""

    def send(self, message: Message) -> None:
        self.tries += 1
        if self.broken:
            raise Unavailable("this channel is broken on purpose", where=self.name)
        self.sent.append(message)
