"""E-mail, ntfy, Telegram and Slack, through one library."""

from __future__ import annotations

import logging
import threading
import warnings
from typing import Any

from glassdesk.kernel.errors import InvalidInput, Unavailable
from glassdesk.workflow.notifications.model import Message, Severity
from glassdesk.workflow.notifications.ports import Channel

EXAMPLES = {
    "mailto": "mailto://USER:PASSWORD@HOST?to=YOU@HOST",
    "mailtos": "mailtos://USER:PASSWORD@HOST?to=YOU@HOST",
    "ntfy": "ntfy://HOST/TOPIC",
    "ntfys": "ntfys://HOST/TOPIC",
    "tgram": "tgram://BOT_TOKEN/CHAT_ID",
    "slack": "slack://TOKEN_A/TOKEN_B/TOKEN_C/CHANNEL",
}
"""The schemes that are allowed, each with what its address looks like."""

_TYPES = {Severity.INFO: "info", Severity.WARNING: "warning", Severity.ALARM: "failure"}
_opening = threading.Lock()


class ServiceChannel(Channel):
    """One address of a service. The library is loaded when it is first needed; it says nothing to the log,
    where tokens would stand."""

    def __init__(self, name: str, scheme: str, url: str) -> None:
        self.name = name
        self._scheme = scheme
        self._url = url
        self._opened: Any = None

    def check(self) -> None:
        """Raise `InvalidInput` for an address that the service cannot read."""
        with _opening:
            self._opened = self._opened or _open(self._url)
        if self._opened is None:
            raise InvalidInput(
                "this address cannot be read",
                where=self.name,
                remedy=f"it looks like {EXAMPLES[self._scheme]}",
            )

    def send(self, message: Message) -> None:
        """What the library does with it; it only says whether it went."""
        self.check()
        try:
            taken = self._opened.notify(
                title=message.title, body=message.text, notify_type=_TYPES[message.severity]
            )
        except Exception as failure:  # noqa: BLE001 - whatever a service may raise, it is not delivered
            raise Unavailable(type(failure).__name__, where=self.name) from None
        if not taken:
            raise Unavailable("not taken", where=self.name)


def _open(url: str) -> Any:
    for name in ("apprise", "urllib3", "requests"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
    with warnings.catch_warnings():
        # its plug-ins import what Python is about to drop
        warnings.simplefilter("ignore", DeprecationWarning)
        # a second that only those pay who send through it
        import apprise

        return apprise.Apprise.instantiate(url, suppress_exceptions=True)
