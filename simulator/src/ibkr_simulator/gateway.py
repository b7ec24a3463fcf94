"""The gateway's two sessions: the outer one a person opens, and the brokerage session on top of it."""

from collections import Counter, deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ibkr_simulator.exchange import ids
from ibkr_simulator.instants import DAY, Instant, new_york_day
from ibkr_simulator.timetable import Window

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
    opened_at: Instant = 0
    accounts_primed: bool = False
    orders_primed: bool = False
    orders_filtered: bool = False
    trades_primed: bool = False
    pnl_primed: bool = False
    history_open: bool = False
    suppressed: set[str] = field(default_factory=set)
    snapshots: dict[int, int] = field(default_factory=dict)
    snapshots_asked: dict[int, Instant] = field(default_factory=dict)
    searched: set[int] = field(default_factory=set)
    streamed: "Counter[int]" = field(default_factory=Counter)

    def lines(self) -> set[int]:
        """Contracts that take a market data line: snapshots and streams share them."""
        return {*self.snapshots, *(+self.streamed)}


@dataclass(frozen=True, slots=True, kw_only=True)
class CachedPositions:
    """Position rows as the gateway last read them."""

    at: Instant
    rows: list[Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """The clocks that end sessions. `idle` 0 means never; of the windows the one that began last counts."""

    daily: bool = False
    idle: Instant = 0
    reset: Window | None = None
    maintenance: Window | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SecondFactor:
    """Somebody whose password was right, and whose phone has not confirmed yet."""

    user: str
    confirmed_at: Instant
    establish: Instant


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
        self.waiting: SecondFactor | None = None
        self.locked_until: Instant = 0
        self.limits = Limits()
        self._inits: deque[Instant] = deque()
        self._seen: Instant = 0
        self._seed = seed
        self._epoch = 0

    def sign_in(self, user: str, now: Instant, ready_at: Instant) -> None:
        """A person signs in; the gateway opens the brokerage session by itself [1.2]."""
        self._seen = max(self._seen, now)
        self.user, self.signed_in_at, self.waiting = user, now, None
        self.portfolio_primed, self.positions = False, {}
        self.connected, self.competing = True, False
        self.open_brokerage(ready_at)

    def await_second_factor(self, waiting: SecondFactor) -> None:
        """The password was right; nobody is signed in before the phone confirms."""
        self.sign_out()
        self.waiting = waiting

    def confirm(self, now: Instant) -> bool:
        """The phone says yes; False when nobody waits for it."""
        if self.waiting is None:
            return False
        self.sign_in(self.waiting.user, now, now + self.waiting.establish)
        return True

    def sign_out(self) -> None:
        """Both sessions end."""
        self.user, self.waiting = None, None
        self.portfolio_primed = False
        self.drop_brokerage()

    def open_brokerage(self, ready_at: Instant) -> None:
        """A new brokerage session: priming, suppressions and subscriptions start afresh."""
        self._epoch += 1
        self.brokerage = Brokerage(epoch=self._epoch, ready_at=ready_at, opened_at=self._seen)
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

    def age(self, now: Instant, limits: Limits) -> None:
        """Apply the clocks that end sessions [F-03, F-09, F-10, F-18], and the phone that confirms one."""
        self._seen, self.limits = now, limits
        if self.waiting is not None and now >= self.waiting.confirmed_at:
            self.confirm(self.waiting.confirmed_at)
        if self.user and limits.daily and new_york_day(self.signed_in_at) != new_york_day(now):
            self.sign_out()
        if self.brokerage and limits.idle and self.idle > limits.idle:
            self.drop_brokerage()
        for window in (limits.reset, limits.maintenance):
            if self.brokerage and window and self.brokerage.opened_at < window.begins:
                self.drop_brokerage()

    def interrupted(self) -> Window | None:
        """The broker's own interruption that goes on now."""
        windows = (self.limits.maintenance, self.limits.reset)
        return next((window for window in windows if window and window.has(self._seen)), None)

    def count_init(self, now: Instant, most: int, lock: Instant) -> bool:
        """Count an attempt to open the brokerage session. One too many in a day ends both sessions, and no
        sign-in is taken before `lock` has passed [F-14]: False."""
        self._inits.append(now)
        while self._inits[0] <= now - DAY:
            self._inits.popleft()
        if not most or len(self._inits) <= most:
            return True
        self.sign_out()
        self.locked_until = now + lock
        self._inits.clear()
        return False

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
            "connected": self.connected and self.interrupted() is None,
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
