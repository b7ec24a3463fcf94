"""The log as a channel; the page needs none, it reads the outbox."""

from __future__ import annotations

import logging

from glassdesk.workflow.notifications.model import Notification, Severity

_LEVELS = {Severity.INFO: logging.INFO, Severity.WARNING: logging.WARNING, Severity.ALARM: logging.ERROR}
_log = logging.getLogger("glassdesk.notifications")


class LogChannel:
    """Writes one line per notification."""

    name = "log"

    def send(self, notification: Notification) -> None:
        """Never fails."""
        _log.log(
            _LEVELS[notification.severity],
            "%s: %s (%s)",
            notification.title,
            notification.body,
            notification.key,
        )
