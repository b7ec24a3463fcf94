"""Channels by the schemes of their addresses."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from glassdesk.adapters.notify.services import EXAMPLES, ServiceChannel
from glassdesk.adapters.notify.webhook import WebhookChannel
from glassdesk.kernel.errors import InvalidInput
from glassdesk.workflow.notifications.ports import Channel

WEBHOOKS = ("https", "http")
NAMES = {"mailto": "e-mail", "mailtos": "e-mail", "ntfys": "ntfy", "tgram": "telegram"}


def open_channels(urls: Sequence[str], *, where: str, taken: Sequence[str] = ()) -> tuple[Channel, ...]:
    """One channel for each address, named after its service and, from the second of a service on, a number.
    Raises `InvalidInput` for a scheme that is not allowed, without a word of the address."""
    seen = Counter(name.partition(" ")[0] for name in taken)
    opened: list[Channel] = []
    for place, url in enumerate(urls, start=1):
        scheme = url.partition(":")[0].lower()
        service = "webhook" if scheme in WEBHOOKS else NAMES.get(scheme, scheme)
        if scheme not in WEBHOOKS and scheme not in EXAMPLES:
            raise InvalidInput(
                f"address {place} has a scheme that is not allowed",
                where=where,
                remedy=f"allowed are {', '.join(sorted((*WEBHOOKS, *EXAMPLES)))}",
            )
        seen[service] += 1
        name = service if seen[service] == 1 else f"{service} {seen[service]}"
        opened.append(WebhookChannel(name, url) if scheme in WEBHOOKS else ServiceChannel(name, scheme, url))
    return tuple(opened)
