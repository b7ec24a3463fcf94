"""A webhook of one's own: the message as JSON, posted."""

from __future__ import annotations

import logging

import httpx2

from glassdesk.kernel.clock import format_instant
from glassdesk.kernel.errors import InvalidInput, Unavailable
from glassdesk.workflow.notifications.model import Message
from glassdesk.workflow.notifications.ports import Channel

SECONDS = 8.0
"""Less than the first pause before a message is tried again."""


class WebhookChannel(Channel):
    """Posts to an address that may be a secret: no word of it leaves this object."""

    def __init__(self, name: str, url: str) -> None:
        self.name = name
        self._url = url
        # its lines would name the address
        logging.getLogger("httpx2").setLevel(logging.WARNING)

    def check(self) -> None:
        """Raise `InvalidInput` for what is no address."""
        try:
            host = httpx2.URL(self._url).host
        except httpx2.InvalidURL:
            host = ""
        if not host:
            raise InvalidInput("a webhook without a host", where=self.name, remedy="https://HOST/PATH")

    def send(self, message: Message) -> None:
        """One POST; any answer but 2xx is a failure."""
        try:
            answer = httpx2.post(
                self._url,
                json=document(message),
                headers={"idempotency-key": message.key},
                timeout=SECONDS,
                follow_redirects=False,
            )
        except (httpx2.HTTPError, httpx2.InvalidURL) as failure:
            raise Unavailable(type(failure).__name__, where=self.name) from None
        if not answer.is_success:
            raise Unavailable(f"HTTP {answer.status_code}", where=self.name)


def document(message: Message) -> dict[str, object]:
    """The message for a program."""
    return {
        "key": message.key,
        "keys": message.keys,
        "count": message.count,
        "severity": message.severity.value,
        "title": message.title,
        "body": message.body,
        "ref": message.ref,
        "at": format_instant(message.created_at),
        "audit": message.audit,
    }
