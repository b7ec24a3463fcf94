"""The address that is told that the desk watches: a GET, as every dead-man's switch takes it."""

from __future__ import annotations

from urllib.parse import urlsplit

import httpx2

from glassdesk.kernel.errors import Unavailable

SECONDS = 8.0
TAKE_FAIL = ("hc-ping.com", "uptime.betterstack.com")
"""Services where `/fail` behind the address means failure."""


class HeartbeatAddress:
    """The address is a secret: no word of it leaves this object. Without an address for failures, none is
    told: then silence says it."""

    def __init__(self, url: str, fail_url: str = "") -> None:
        self._url = url
        known = urlsplit(url).hostname in TAKE_FAIL
        self._fail_url = fail_url or (f"{url.rstrip('/')}/fail" if known else "")

    def send(self, well: bool) -> None:
        """One request; any answer but 2xx is a failure. Raises `Unavailable`."""
        url = self._url if well else self._fail_url
        if not url:
            return
        try:
            answer = httpx2.get(url, timeout=SECONDS, follow_redirects=False)
        except (httpx2.HTTPError, httpx2.InvalidURL) as failure:
            raise Unavailable(type(failure).__name__, where="heartbeat_url") from None
        if not answer.is_success:
            raise Unavailable(f"HTTP {answer.status_code}", where="heartbeat_url")
