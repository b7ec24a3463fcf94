"""Nouns of the session step."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from glassdesk.kernel.ids import AccountKind


class SessionState(StrEnum):
    """What the brokerage session can do; only `READY` reads and sends orders."""

    UNREACHABLE = "unreachable"
    """The gateway does not answer."""
    SIGNED_OUT = "signed_out"
    """Nobody is signed in [F-01]: a person has to."""
    NO_BRIDGE = "no_bridge"
    """Signed in, no brokerage session [F-02]: init can repair it."""
    HALF_READY = "half_ready"
    """Authenticated, accounts not loaded yet [F-04]: wait."""
    COMPETING = "competing"
    """The username is in use elsewhere [F-05]: a person decides."""
    READY = "ready"


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionStatus:
    """One look at the session. `message` is the broker's own words, if any."""

    state: SessionState
    seen_at: datetime
    message: str = ""
    sso_expires_at: datetime | None = None

    @property
    def ready(self) -> bool:
        return self.state is SessionState.READY


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """An account of the login with the broker's facts about it."""

    account: str
    is_paper: bool
    currency: str = "USD"


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountProof:
    """Three facts that must agree before anything is sent: configured kind, the broker's `isPaper`, the id's
    prefix."""

    account: str
    configured: AccountKind
    broker_is_paper: bool
    prefix_is_paper: bool

    @property
    def agrees(self) -> bool:
        """Paper and simulated accounts need both paper facts; a live one needs neither."""
        wanted = self.configured is not AccountKind.LIVE
        return self.broker_is_paper == wanted and self.prefix_is_paper == wanted
