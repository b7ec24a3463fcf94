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
    TWO_FACTOR = "two_factor"
    """A person gave name and password and the second factor is not confirmed yet: confirm it on the phone."""
    NO_BRIDGE = "no_bridge"
    """Signed in, no brokerage session [F-02]: init can repair it."""
    HALF_READY = "half_ready"
    """Authenticated, accounts not loaded yet [F-04]: wait."""
    COMPETING = "competing"
    """The username is in use elsewhere [F-05]: a person decides."""
    RESETTING = "resetting"
    """Down inside the broker's nightly or weekly reset [F-09, F-18]: it comes back by itself."""
    READY = "ready"


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionStatus:
    """One look at the session. `message` is the broker's own words, if any.

    What one look cannot know is added by the dealer, which remembers the looks before.
    """

    state: SessionState
    seen_at: datetime
    message: str = ""
    sso_expires_at: datetime | None = None
    """When the present sign-in token ends; it renews itself, so a near instant is no fault [F-13]."""
    since: datetime | None = None
    """When the dealer first saw this state without another in between."""
    down_since: datetime | None = None
    """When it was first seen not ready; `None` while it is."""
    next_try_at: datetime | None = None
    """When the dealer looks or repairs next while it is not ready."""
    repairs: int = 0
    """Initialisations since the session last stayed ready; each waits longer than the one before [F-14]."""
    repaired_at: datetime | None = None
    """The last initialisation."""
    took_over_at: datetime | None = None
    """When the username was last taken from another session, without a person asking [F-05]."""
    quiet_until: datetime | None = None
    """Until then the broker's reset or maintenance lasts and no new order is sent [F-09]."""
    login_ends_at: datetime | None = None
    """The next forced sign-in [F-10]; `None` where the gateway asks for none."""
    competing_since: datetime | None = None
    """When another session of the username was first seen [F-05]."""

    @property
    def ready(self) -> bool:
        return self.state is SessionState.READY


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """An account of the login with the broker's facts about it."""

    account: str
    is_paper: bool
    currency: str = "USD"
    trading_type: str = ""
    """What may be traded and how it is paid, in the broker's word, e.g. `STKCASH`; empty where not stated."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PaidBy:
    """How purchases are paid (`T-56`): `cash` means with settled cash only; `origin` says who says so."""

    cash: bool
    origin: str


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


class GatewayCondition(StrEnum):
    """What stands at the gateway's address; only `TRUSTED` is told anything."""

    NOT_RUNNING = "not_running"
    """The connection is refused: nothing listens there."""
    SILENT = "silent"
    """Something listens and does not answer in time."""
    NOT_A_GATEWAY = "not_a_gateway"
    """It speaks no TLS: another program has the port."""
    UNKNOWN_CERTIFICATE = "unknown_certificate"
    """No certificate was accepted yet [F-17]."""
    CHANGED_CERTIFICATE = "changed_certificate"
    """Another certificate than the accepted one [F-17]."""
    REFUSED_CERTIFICATE = "refused_certificate"
    """The accepted certificate, which cannot be verified: expired, for example."""
    TRUSTED = "trusted"


@dataclass(frozen=True, slots=True, kw_only=True)
class GatewayProcess:
    """The gateway that this desk starts and watches (`gateway_dir`)."""

    state: str
    """`starting`, `running`, `used` (it listened already), `waiting` (for the next start), `stopped`."""
    pid: int | None = None
    starts: int = 0
    problem: str = ""
    remedy: str = ""
    log: str = ""
    """File with the gateway's own output."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GatewayLook:
    """One look at the gateway's address from this machine, without any request to it."""

    condition: GatewayCondition
    address: str
    """`localhost:5000`"""
    accepted: tuple[str, ...] = ()
    """SHA-256 fingerprints of the accepted certificates, `AB:CD:…`."""
    found: str = ""
    """The fingerprint that the gateway shows now."""
    detail: str = ""
    process: GatewayProcess | None = None
