"""The signed session cookie and the CSRF token bound to it. Machine time: market time may stand still."""

from __future__ import annotations

import hmac
import secrets
from dataclasses import dataclass
from typing import Any

from itsdangerous import BadSignature, URLSafeTimedSerializer

COOKIE = "glassdesk_session"


@dataclass(frozen=True, slots=True, kw_only=True)
class WebSession:
    """One browser's visit. `generation` is the owner's at sign-in, 0 before; `key` seeds its CSRF token."""

    key: str
    generation: int = 0
    notice: str = ""
    """One sentence for the next page: what the last act led to."""


class Sessions:
    """Reads and writes session cookies and tokens."""

    def __init__(self, secret: str, hours: int) -> None:
        self._cookies = URLSafeTimedSerializer(secret, salt="glassdesk-session")
        self._secret = secret.encode()
        self.seconds = hours * 3600

    def new(self, *, generation: int = 0) -> WebSession:
        """A fresh session: its key is never carried over a sign-in."""
        return WebSession(key=secrets.token_urlsafe(24), generation=generation)

    def read(self, cookie: str | None) -> WebSession | None:
        """The session of a cookie, `None` when absent, forged or too old."""
        try:
            raw: Any = self._cookies.loads(cookie or "", max_age=self.seconds)
        except BadSignature:
            return None
        return WebSession(key=raw["k"], generation=raw["g"], notice=raw.get("n", ""))

    def write(self, session: WebSession) -> str:
        """The cookie's value."""
        return self._cookies.dumps({"k": session.key, "g": session.generation, "n": session.notice})

    def token(self, session: WebSession) -> str:
        """The CSRF token that belongs to this session and no other."""
        return hmac.digest(self._secret, f"csrf|{session.key}".encode(), "sha256").hex()

    def token_fits(self, session: WebSession, token: str) -> bool:
        """True for the session's own token."""
        return hmac.compare_digest(self.token(session).encode(), token.encode())
