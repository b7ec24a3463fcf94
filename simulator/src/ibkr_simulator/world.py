"""One simulated broker: exchange, gateway, faults and the truth about them."""

import time
from collections.abc import Callable, Mapping
from dataclasses import asdict
from decimal import Decimal
from pathlib import Path
from typing import Any

from ibkr_simulator.exchange import money, tape
from ibkr_simulator.exchange.accounts import Account, CashEntry
from ibkr_simulator.exchange.exchange import Changed, Exchange
from ibkr_simulator.exchange.listings import Listings
from ibkr_simulator.exchange.market import Market
from ibkr_simulator.exchange.orders import Execution, Order
from ibkr_simulator.gateway import Gateway
from ibkr_simulator.instants import SECOND, Instant, new_york_day, new_york_midnight
from ibkr_simulator.messages import Request
from ibkr_simulator.pacing import Pacer
from ibkr_simulator.scenarios.catalogue import CATALOGUE
from ibkr_simulator.scenarios.faults import Faults
from ibkr_simulator.switches import Switches
from ibkr_simulator.truth import TruthLog, cash_from, execution_from, order_body, order_from, position_body

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
        self.exchange = Exchange(market, Account(account_id=switches.text("account")), switches, seed, start)
        self.in_round: Callable[[], bool] = lambda: False
        self.watchers: list[Watcher] = []
        self.time_watchers: list[Callable[[], None]] = []
        self.streams: list[Any] = []
        self.certificate_watchers: list[Callable[[], None]] = []
        self._postponed: list[tuple[Instant, Callable[[], object]]] = []
        self._restore_or_begin()
        self.exchange.listeners.append(self._record)
        self.faults = Faults(CATALOGUE, self, lambda text: truth.keep("faults", text))
        self.faults.restore(truth.kept("faults"))

    @property
    def now(self) -> Instant:
        """Simulated time."""
        return self.exchange.now

    @property
    def listings(self) -> Listings:
        """Every contract of the tape."""
        return self.exchange.market.listings

    @property
    def account(self) -> Account:
        """The only account."""
        return self.exchange.account

    def day_profit(self) -> int:
        """Change of net liquidation since the last session's close, in cents; deposits do not count."""
        return self.exchange.equity() - self._day_start_equity()

    def _day_start_equity(self) -> int:
        since = new_york_midnight(new_york_day(self.now))
        today = [execution for execution in self.exchange.effective() if execution.at >= since]
        cash, held = self.account.cash, {p.conid: p.quantity for p in self.account.positions.values()}
        for execution in today:
            sign = 1 if execution.side == "BUY" else -1
            cash += sign * execution.quantity * execution.price + execution.commission
            held[execution.conid] -= sign * execution.quantity
        market = self.exchange.market
        marks = {conid: market.quote(conid, since) for conid in held}
        return cash + sum(quantity * quote.last for c, quantity in held.items() if (quote := marks[c]))

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
        limit = self.switches.number("idle_timeout_seconds") * SECOND
        self.gateway.age(self.now, daily=self.switches.on("daily_login"), idle_limit=limit)

    def sign_in(self, user: str) -> None:
        """The person signs in."""
        self.gateway.sign_in(user, self.now, self.ready_at())

    def ready_at(self) -> Instant:
        """When a brokerage session opened now will be established."""
        return self.now + self.switches.number("establish_seconds") * SECOND

    # --- pacing

    def paced(self, what: str) -> bool:
        """Whether the request passes the pacing rules."""
        mode = self.switches.text("pacing")
        if mode == "off":
            return True
        now, basis = self._pacing_time()
        return self.pacer.allows(what, now, basis=basis, full=mode == "full", penalty=self._penalty())

    def box(self, penalty: Instant) -> None:
        """Put the username into the penalty box."""
        now, basis = self._pacing_time()
        self.pacer.allows("", now, basis=basis, full=False, penalty=penalty)
        self.pacer.box(now, penalty)

    def _penalty(self) -> Instant:
        return self.switches.number("penalty_seconds") * SECOND

    def _pacing_time(self) -> tuple[Instant, str]:
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
        elif isinstance(changed, CashEntry):
            self.truth.write(self.now, "cash", changed.reference, asdict(changed))
        else:
            self.truth.write(self.now, "split", str(changed.conid), asdict(changed))
        self._record_position(changed)
        for watcher in self.watchers:
            watcher(changed)

    def _record_position(self, changed: Changed) -> None:
        if isinstance(changed, CashEntry | Order):
            return
        position = self.account.positions.get(changed.conid)
        if position is not None:
            self.truth.write(self.now, "position", str(position.conid), position_body(position))

    def _restore_or_begin(self) -> None:
        kept = self.truth.kept("now")
        if kept is None:
            self.exchange.listeners.append(self._record)
            self.exchange.fund(money.cents(self.switches.text("start_cash")), "start")
            self.exchange.listeners.clear()
            self.truth.keep("now", str(self.now))
            self.truth.flush()
            return
        self.exchange.now = int(kept)
        self._restore_books()

    def _restore_books(self) -> None:
        orders = [order_from(body) for body in self.truth.latest("order")]
        self.exchange.restore(orders, [execution_from(body) for body in self.truth.rows("execution")])
        for body in self.truth.rows("cash"):
            self.account.move(cash_from(body))
        for body in self.truth.latest("position"):
            self._restore_position(body)

    def _restore_position(self, body: Mapping[str, Any]) -> None:
        position = self.account.position(int(body["conid"]), str(body["symbol"]))
        position.quantity = int(body["quantity"])
        position.cost, position.realized = Decimal(body["cost"]), Decimal(body["realized"])


def open_world(*, home: Path | None, tape_name: str, seed: int, start: Instant, switches: Switches) -> World:
    """A world on a tape, with its truth in the home. Raises TapeMissing, OtherWorld."""
    if home is not None:
        home.mkdir(parents=True, exist_ok=True)
    truth = TruthLog(home / "truth.sqlite" if home else None)
    truth.identify({"tape": tape_name, "seed": str(seed), "account": switches.text("account")})
    market = Market(tape.load(tape_name), seed)
    return World(market=market, switches=switches, seed=seed, start=start, truth=truth)
