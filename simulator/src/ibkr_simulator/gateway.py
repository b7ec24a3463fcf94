"""The gateway's two sessions: the outer one a person opens, and the brokerage session on top of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ibkr_simulator.exchange import ids
from ibkr_simulator.instants import Instant, new_york_day

USERS = ("paper", "demo")


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """One element of a question answer: a ticket's messages with their ids."""

    question_id: str
    messages: tuple[str, ...]
    message_ids: tuple[str, ...]
    follow_up: "Ask | None" = None


@dataclass(slots=True, kw_only=True)
class Pending:
    """An order request that waits for answers; `work` is what happens once all are yes."""

    asks: dict[str, Ask]
    work: Any


@dataclass(slots=True, kw_only=True)
class Brokerage:
    """What is bound to one brokerage session and lost with it."""

    epoch: int
    ready_at: Instant
    accounts_primed: bool = False
    orders_primed: bool = False
    orders_filtered: bool = False
    trades_primed: bool = False
    pnl_primed: bool = False
    suppressed: set[str] = field(default_factory=set)
    snapshots: dict[int, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class CachedPositions:
    """Position rows as the gateway last read them."""

    at: Instant
    rows: list[Any]


class NoBridge(RuntimeError):
    """Something needs a brokerage session and there is none."""


class Gateway:
    """Who is signed in, and the state of the brokerage session."""

    def __init__(self, seed: int) -> None:
        self.user: str | None = None
        self.signed_in_at: Instant = 0
        self.brokerage: Brokerage | None = None
        self.connected = True
        self.competing = False
        self.portfolio_primed = False
        self.pending: Pending | None = None
        self.prompts: dict[str, Any] = {}
        self.positions: dict[str, CachedPositions] = {}
        self.idle: Instant = 0
        self._seed = seed
        self._epoch = 0

    def sign_in(self, user: str, now: Instant, ready_at: Instant) -> None:
        """A person signs in; the gateway opens the brokerage session by itself [1.2]."""
        self.user, self.signed_in_at = user, now
        self.portfolio_primed, self.positions = False, {}
        self.connected, self.competing = True, False
        self.open_brokerage(ready_at)

    def sign_out(self) -> None:
        """Both sessions end."""
        self.user = None
        self.portfolio_primed = False
        self.drop_brokerage()

    def open_brokerage(self, ready_at: Instant) -> None:
        """A new brokerage session: priming, suppressions and subscriptions start afresh."""
        self._epoch += 1
        self.brokerage = Brokerage(epoch=self._epoch, ready_at=ready_at)
        self.pending, self.prompts, self.idle = None, {}, 0

    def drop_brokerage(self) -> None:
        """Only the brokerage session ends."""
        self.brokerage, self.pending = None, None

    def compete(self) -> None:
        """Another program takes the username [F-05]."""
        self.competing = True
        self.drop_brokerage()

    def forget_positions(self, account_id: str) -> None:
        """The next read of an account is fresh, and no longer sparse."""
        if account_id in self.positions:
            self.positions[account_id] = CachedPositions(at=-(10**18), rows=[])

    @property
    def open_session(self) -> Brokerage:
        """The brokerage session. Raises NoBridge; no handler is called without one."""
        if self.brokerage is None:
            raise NoBridge("there is no brokerage session")
        return self.brokerage

    def established(self, now: Instant) -> bool:
        """Whether the brokerage session has loaded its accounts."""
        return self.brokerage is not None and now >= self.brokerage.ready_at

    def age(self, now: Instant, *, daily: bool, idle_limit: Instant) -> None:
        """Apply the clocks that end sessions [F-03, F-10]."""
        if self.user and daily and new_york_day(self.signed_in_at) != new_york_day(now):
            self.sign_out()
        if self.brokerage and idle_limit and self.idle > idle_limit:
            self.drop_brokerage()

    @property
    def epoch(self) -> int:
        """Number of the brokerage session."""
        return self._epoch

    def token(self) -> str:
        """The websocket cookie of this session."""
        return ids.token(self._seed, self.user, self._epoch)

    def status(self, now: Instant) -> Mapping[str, Any]:
        """The body of `/iserver/auth/status`."""
        authenticated = self.brokerage is not None
        base: dict[str, Any] = {
            "authenticated": authenticated,
            "competing": self.competing,
            "connected": self.connected,
            "message": "",
            "MAC": "00:11:22:33:44:55",
        }
        if not authenticated:
            return base
        return base | {
            "established": self.established(now),
            "serverInfo": {
                "serverName": "JifN00001",
                "serverVersion": "Build 10.44.1d, Mar 3, 2026 1:55:32 PM",
            },
            "hardware_info": "abcd1234|00:11:22:33:44:55",
            "fail": "",
        }
