"""The log as a channel; the page needs none, it reads the outbox."""

from __future__ import annotations

import logging

from glassdesk.workflow.notifications.model import Message, Severity
from glassdesk.workflow.notifications.ports import Channel

_LEVELS = {Severity.INFO: logging.INFO, Severity.WARNING: logging.WARNING, Severity.ALARM: logging.ERROR}
_log = logging.getLogger("glassdesk.notifications")


class LogChannel(Channel):
    """Writes one line per message."""

    name = "log"

    def check(self) -> None:
        """There is always a log."""

    def send(self, message: Message) -> None:
        """Never fails."""
        body = message.body.replace("\n", " | ")
        level = _LEVELS[message.severity]
        _log.log(level, "%s: %s (key %s, audit %s)", message.title, body, message.key, message.audit)
