"""One simulated broker: exchange, gateway, faults and the truth about them."""

import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from ibkr_simulator.exchange import money
from ibkr_simulator.exchange.accounts import Account, CashEntry
from ibkr_simulator.exchange.accounts import Kind as AccountKind
from ibkr_simulator.exchange.exchange import Changed, Exchange
from ibkr_simulator.exchange.listings import Listings
from ibkr_simulator.exchange.market import Market
from ibkr_simulator.exchange.orders import Execution, Order
from ibkr_simulator.exchange.tapes.choice import load
from ibkr_simulator.gateway import Gateway, Limits, SecondFactor
from ibkr_simulator.instants import SECOND, Instant
from ibkr_simulator.messages import Observer, Request
from ibkr_simulator.notices import Notices
from ibkr_simulator.pacing import Pacer
from ibkr_simulator.question_log import QuestionLog
from ibkr_simulator.scenarios.catalogue import CATALOGUE
from ibkr_simulator.scenarios.faults import Faults
from ibkr_simulator.switches import Switches, account_kinds
from ibkr_simulator.timetable import last_maintenance, last_reset
from ibkr_simulator.truth import (
    TruthLog,
    account_body,
    cash_from,
    execution_from,
    order_body,
    order_from,
    position_body,
    restore_account,
    restore_position,
)

Watcher = Callable[[Changed], None]


class World:
    """Everything the doors work on. One thread uses it."""

    def __init__(
        self, *, market: Market, switches: Switches, seed: int, start: Instant, truth: TruthLog
    ) -> None:
        self.seed = seed
        self.switches = switches
        self.truth = truth
        self.gateway = Gateway(seed)
        self.pacer = Pacer()
        self.question_log = QuestionLog()
        self.notices = Notices()
        self.alerts: dict[int, Any] = {}
        self.exchange = Exchange(market, _accounts(switches), switches, seed, start)
        self.exchange.away_since = self._away_since
        self.in_round: Callable[[], bool] = lambda: False
        self.watchers: list[Watcher] = []
        self.time_watchers: list[Callable[[], None]] = []
        self.streams: list[Any] = []
        self.charts_open = 0
        self.certificate_watchers: list[Callable[[], None]] = []
        self.observers: list[Observer] = []
        self._selected: tuple[int, str] = (0, "")
        self._limits_of, self._limits = (-1, -1), Limits()
        self._postponed: list[tuple[Instant, Callable[[], object]]] = []
        self._restore_or_begin()
        self.exchange.listeners.append(self._record)
        self.faults = Faults(CATALOGUE, self, lambda text: truth.keep("faults", text))
        self.faults.restore(truth.kept("faults"))

    @property
    def now(self) -> Instant:
        """Simulated time."""
        return self.exchange.now

    # --- accounts

    @property
    def accounts(self) -> dict[str, Account]:
        """Every account of the login, by id."""
        return self.exchange.books.accounts

    @property
    def listings(self) -> Listings:
        """Every contract of the tape."""
        return self.exchange.market.listings

    @property
    def account(self) -> Account:
        """The selected account: the first, until this brokerage session chooses another [§6]."""
        epoch, chosen = self._selected
        return self.accounts[chosen] if chosen and epoch == self.gateway.epoch else self.exchange.account

    def select(self, account_id: str) -> bool:
        """Choose an account for this brokerage session; answers whether it was another one before."""
        changed = account_id != self.account.account_id
        self._selected = (self.gateway.epoch, account_id)
        return changed

    def day_profit(self, account: Account | None = None) -> int:
        """Change of net liquidation since the last New York midnight, in cents; deposits do not count."""
        return self.exchange.books.day_profit(account or self.account, self.now)

    def _away_since(self) -> Instant | None:
        return None if self.gateway.user else self.gateway.signed_in_at

    # --- time

    def advance(self, until: Instant, *, tickled: bool) -> int:
        """Move time; `tickled` when somebody is there who could keep the session awake."""
        passed = max(0, until - self.now)
        happened = self._deliver(until) + self.exchange.advance(until)
        if tickled:
            self.gateway.idle += passed
        self.age()
        self.truth.keep("now", str(self.now))
        if happened:
            # What a client may read of it must survive this process.
            self.truth.flush()
        for watcher in self.time_watchers:
            watcher()
        return happened

    def postpone(self, delay: Instant, action: Callable[[], object]) -> None:
        """Let something happen later in market time."""
        self._postponed.append((self.now + delay, action))

    def _deliver(self, until: Instant) -> int:
        """What was postponed up to an instant, each at its own time. Answers how much happened on the way."""
        due = sorted((row for row in self._postponed if row[0] <= until), key=lambda row: row[0])
        self._postponed = [row for row in self._postponed if row[0] > until]
        happened = len(due)
        for at, action in due:
            happened += self.exchange.advance(at)
            action()
        return happened

    def age(self) -> None:
        """Let the clocks of the sessions strike."""
        before, key = self.gateway.signed_in_at, (self.now, self.switches.version)
        if key != self._limits_of:
            self._limits_of, self._limits = key, session_limits(self.switches, self.now)
        self.gateway.age(self.now, self._limits)
        if self.gateway.signed_in_at != before:
            self.truth.keep("signed_in_at", str(self.gateway.signed_in_at))

    def sign_in(self, user: str) -> None:
        """The person signs in; with a second factor only the phone's yes completes it."""
        seconds = self.switches.number("two_factor_seconds")
        if seconds:
            establish = self.ready_at() - self.now
            confirmed_at = self.now + seconds * SECOND
            self.gateway.await_second_factor(
                SecondFactor(user=user, confirmed_at=confirmed_at, establish=establish)
            )
            return
        self.gateway.sign_in(user, self.now, self.ready_at())
        self.truth.keep("signed_in_at", str(self.now))

    def confirm(self) -> bool:
        """The person's phone says yes; False when it was not asked."""
        confirmed = self.gateway.confirm(self.now)
        self.truth.keep("signed_in_at", str(self.gateway.signed_in_at))
        return confirmed

    def ready_at(self) -> Instant:
        """When a brokerage session opened now will be established."""
        return self.now + self.switches.number("establish_seconds") * SECOND

    # --- pacing

    def paced(self, what: str) -> bool:
        """Whether the request passes the pacing rules."""
        mode = self.switches.text("pacing")
        now, basis = self.pacing_time()
        broken = self.pacer.count(what, now, basis=basis)
        if mode == "off":
            return True
        most = self.switches.number("block_after")
        return self.pacer.allows(broken, now, full=mode == "full", penalty=self._penalty(), block_after=most)

    def _penalty(self) -> Instant:
        return self.switches.number("penalty_seconds") * SECOND

    def pacing_time(self) -> tuple[Instant, str]:
        """The instant requests are paced by, and of which clock it is."""
        # With nobody in the round market time stands still, and every client would be refused for ever.
        if self.in_round():
            return self.now, "market"
        return time.monotonic_ns() // 1000, "machine"

    def replace_certificate(self) -> None:
        """Another certificate stands in the gateway's door [F-17]."""
        for watcher in self.certificate_watchers:
            watcher()

    # --- truth

    def log_request(self, request: Request, status: int, cut: str) -> None:
        """Append a request to the truth."""
        body = {
            "at": self.now,
            "method": request.method,
            "path": request.path,
            "query": dict(request.query),
            "body": request.body,
            "status": status,
            "cut": cut,
            "faults": self.faults.struck(),
        }
        self.truth.write(self.now, "request", "", body)

    def _record(self, changed: Changed) -> None:
        if isinstance(changed, Order):
            self.truth.write(self.now, "order", str(changed.order_id), order_body(changed))
        elif isinstance(changed, Execution):
            self.truth.write(self.now, "execution", changed.execution_id, asdict(changed))
            self._record_position(self.exchange.books.of(changed.account), changed.conid)
        elif isinstance(changed, CashEntry):
            self.truth.write(self.now, "cash", changed.reference, asdict(changed))
        elif isinstance(changed, Account):
            self.truth.write(self.now, "account", changed.account_id, account_body(changed))
        else:
            self.truth.write(self.now, "split", str(changed.conid), asdict(changed))
            for account in self.accounts.values():
                self._record_position(account, changed.conid)
        for watcher in self.watchers:
            watcher(changed)

    def _record_position(self, account: Account, conid: int) -> None:
        position = account.positions.get(conid)
        if position is not None:
            key, body = f"{account.account_id} {conid}", position_body(account, position)
            self.truth.write(self.now, "position", key, body)

    def _restore_or_begin(self) -> None:
        self.gateway.signed_in_at = int(self.truth.kept("signed_in_at") or self.now)
        kept = self.truth.kept("now")
        if kept is not None:
            self.exchange.now = int(kept)
            self._restore_books()
            return
        self.exchange.listeners.append(self._record)
        for account in self.accounts.values():
            self.exchange.fund(money.cents(self.switches.text("start_cash")), "start", account)
        self.exchange.listeners.clear()
        self.truth.keep("now", str(self.now))
        self.truth.flush()

    def _restore_books(self) -> None:
        books = self.exchange.books
        orders = [order_from(body) for body in self.truth.latest("order")]
        self.exchange.restore(orders, [execution_from(body) for body in self.truth.rows("execution")])
        for body in self.truth.rows("cash"):
            entry = cash_from(body)
            books.of(entry.account).move(entry)
        for account in self.accounts.values():
            account.settle(self.now)
        for body in self.truth.latest("position"):
            restore_position(books.of(body["account"]), body)
        for body in self.truth.latest("account"):
            restore_account(books.of(body["account"]), body)


def session_limits(switches: Switches, now: Instant) -> Limits:
    """The clocks that end sessions, as the switches set them."""
    hour, maintenance = switches.text("reset_hour"), switches.number("weekend_maintenance_minutes")
    return Limits(
        daily=switches.on("daily_login"),
        idle=switches.number("idle_timeout_seconds") * SECOND,
        reset=None if hour == "off" else last_reset(now, int(hour), switches.number("reset_minutes")),
        maintenance=last_maintenance(now, maintenance) if maintenance else None,
    )


def _accounts(switches: Switches) -> list[Account]:
    kinds: dict[str, AccountKind] = account_kinds(switches)
    return [Account(account_id=account_id, kind=kind) for account_id, kind in kinds.items()]


def open_world(
    *, home: Path | None, tape_name: str, seed: int, start: Instant | None, switches: Switches
) -> World:
    """A world on a tape, with its truth in the home; without a start it begins where the tape says.

    Raises TapeMissing, BadTape, OtherWorld.
    """
    # First, so that a tape that cannot be read does not give its name to the home.
    market = Market(load(tape_name, seed), seed)
    if home is not None:
        home.mkdir(parents=True, exist_ok=True)
    truth = TruthLog(home / "truth.sqlite" if home else None)
    accounts = ",".join(account_kinds(switches))
    truth.identify({"tape": tape_name, "seed": str(seed), "account": accounts})
    begins = market.tape.begins if start is None else start
    return World(market=market, switches=switches, seed=seed, start=begins, truth=truth)
