"""Keeps models within their budgets and leaves one alone while it fails. Whoever is not asked abstains.

What a call may cost is reserved in the database before it is sent, by writers that stand in one line: two
workers cannot both take the last dollar. Exits and stops never wait for a model: they are at the broker.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal

from glassdesk.kernel.clock import Clock, format_instant
from glassdesk.kernel.unit_of_work import Transaction, Transactions
from glassdesk.workflow.notifications.model import Severity
from glassdesk.workflow.notifications.service import Notifications
from glassdesk.workflow.signals.breaker import Breaker
from glassdesk.workflow.signals.calls import REPLAY, CallOutcome, CallRecord, Capability, ModelCall, Spent
from glassdesk.workflow.signals.ports import CallStore

BUSY = "the provider's line is full"
"""Why a call may not be sent just now."""

_WARNING = Decimal("0.8")
_UNDER_WAY = timedelta(seconds=150)
"""A try without an end after so long is over: its process died."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowance:
    """What models may be asked and may cost, in US dollars. Days and months are of UTC, in market time."""

    per_call: Decimal = Decimal("0.50")
    strategy_per_day: Decimal = Decimal(10)
    per_day: Decimal = Decimal(20)
    per_month: Decimal = Decimal(200)
    calls_per_day: int = 2_000
    max_output: int = 4_000
    """Tokens that one answer may have, reasoning included."""
    concurrency: int = 8
    """Calls of one provider under way at once, of all processes together."""
    breaker: Breaker = field(default_factory=Breaker)


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """One budget, what of it is used, and by what it is named."""

    name: str
    used: Decimal
    most: Decimal
    unit: str = "US dollars"

    @property
    def share(self) -> Decimal:
        """Used part; a budget of nothing is used up."""
        return self.used / self.most if self.most > 0 else Decimal(1)


class Governor:
    """Reserve before a call, settle after it. Safe from any number of threads and processes."""

    def __init__(
        self,
        transactions: Transactions,
        store: CallStore,
        clock: Clock,
        notifications: Notifications,
        allowance: Allowance | None = None,
    ) -> None:
        self._transactions = transactions
        self._store = store
        self._clock = clock
        self._notifications = notifications
        self.allowance = allowance or Allowance()

    def reserve(self, call: ModelCall) -> tuple[ModelCall, str]:
        """Write the call down, with its number and instant, if it may be sent; else why not: `BUSY` passes by
        itself."""
        with self._transactions.begin() as t:
            now = self._clock.now()
            refusal = (
                self._resting(t, call.endpoint, now)
                or self._busy(t, call.endpoint, now)
                or self._beyond(t, call, now)
            )
            number = len(self._store.of_run(t, call.run)) + 1
            numbered = replace(call, call=f"{call.call}/{number}", at=now)
            if not refusal:
                self._store.reserve(t, numbered)
        return numbered, refusal

    def settle(self, outcome: CallOutcome) -> None:
        """Write down how it ended, and tell a person when a model starts to rest."""
        with self._transactions.begin() as t:
            self._store.settle(t, outcome)
            if outcome.failure:
                self._tell_rest(t, outcome.endpoint)

    def answered(self, run: str, key: str) -> CallOutcome | None:
        """The whole answer that this run, or the one that is replayed, already got under a key: it is not
        paid twice."""
        with self._transactions.read() as t:
            own = run.removeprefix(REPLAY)
            known = [*self._store.of_run(t, run), *(self._store.of_run(t, own) if own != run else ())]
            for record in known:
                if record.call.key == key and record.outcome is not None and not record.outcome.failure:
                    return record.outcome
        return None

    def limits(self, t: Transaction, strategy: str = "") -> tuple[Limit, ...]:
        """Every budget with what is used of it now; a strategy's own stands beside these, in its version."""
        return self._limits(t, strategy, self._clock.now())

    def now(self) -> datetime:
        """Market time, by which budgets and rests are counted."""
        return self._clock.now()

    def resting_until(self, t: Transaction, endpoint: str) -> datetime | None:
        """Until when an endpoint is left alone; `None` where it may be asked."""
        ends = self._store.ends(t, endpoint, self.allowance.breaker.looks_back)
        return self.allowance.breaker.resting_until(ends)

    def calls(self, t: Transaction, *, run: str | None = None, limit: int = 100) -> Sequence[CallRecord]:
        """Calls of a run in order, or the newest ones."""
        return self._store.recent(t, limit) if run is None else self._store.of_run(t, run)

    def capabilities(self, t: Transaction) -> Sequence[Capability]:
        """What the last probe of every endpoint found."""
        return self._store.capabilities(t)

    def keep(self, found: Capability) -> None:
        """Keep what a probe found."""
        with self._transactions.begin() as t:
            self._store.put_capability(t, found)

    def _resting(self, t: Transaction, endpoint: str, now: datetime) -> str:
        until = self.resting_until(t, endpoint)
        if until is None:
            return ""
        # After the rest one call tries it; the others wait for its end.
        trying = self._store.open_since(t, endpoint, max(until, now - _UNDER_WAY))
        if now >= until and not trying:
            return ""
        failures = self.allowance.breaker.failures
        return f"{endpoint} failed {failures} times in a row: not asked until {format_instant(until)}"

    def _busy(self, t: Transaction, endpoint: str, now: datetime) -> str:
        """Calls that other processes have under way count too: they stand in the database."""
        provider = provider_of(endpoint)
        under_way = self._store.under_way(t, now - _UNDER_WAY)
        return (
            BUSY
            if sum(provider_of(one) == provider for one in under_way) >= self.allowance.concurrency
            else ""
        )

    def _beyond(self, t: Transaction, call: ModelCall, now: datetime) -> str:
        if call.reserved > self.allowance.per_call:
            return f"a call may cost {self.allowance.per_call} US dollars, this one up to {call.reserved:.4f}"
        for limit in self._limits(t, call.strategy, now):
            more = call.reserved if limit.unit == "US dollars" else Decimal(1)
            if limit.used + more > limit.most:
                self._tell(t, limit, now, "used up", Severity.WARNING)
                return f"{limit.name}: {limit.used:.2f} of {limit.most} {limit.unit} are used"
            if limit.used + more >= _WARNING * limit.most:
                self._tell(t, limit, now, "nearly used up", Severity.WARNING)
        return ""

    def _limits(self, t: Transaction, strategy: str, now: datetime) -> tuple[Limit, ...]:
        day = now.replace(hour=0, minute=0, second=0, microsecond=0)
        today, month = self._store.spent(t, day), self._store.spent(t, day.replace(day=1))
        allowed = self.allowance
        found = [
            Limit(name="model budget of the day", used=today.cost, most=allowed.per_day),
            Limit(name="model budget of the month", used=month.cost, most=allowed.per_month),
            _counted("model calls of the day", today, allowed.calls_per_day),
        ]
        if strategy:
            own = self._store.spent(t, day, strategy)
            found.append(
                Limit(name=f"model budget of {strategy}", used=own.cost, most=allowed.strategy_per_day)
            )
        return tuple(found)

    def _tell(self, t: Transaction, limit: Limit, now: datetime, state: str, severity: Severity) -> None:
        self._notifications.tell(
            t,
            f"models:{limit.name}:{state}:{now.date()}",
            severity,
            f"The {limit.name} is {state}",
            f"{limit.used:.2f} of {limit.most} {limit.unit}. Whoever is not asked abstains; "
            "exits and stops go on.",
            "models:budgets",
        )

    def _tell_rest(self, t: Transaction, endpoint: str) -> None:
        until = self.resting_until(t, endpoint)
        if until is None:
            return
        self._notifications.tell(
            t,
            f"models:{endpoint}:resting:{until.date()}",
            Severity.WARNING,
            f"{endpoint} is left alone",
            f"It failed {self.allowance.breaker.failures} times in a row; tried again after "
            f"{format_instant(until)}.",
            "models:breaker",
        )


def provider_of(endpoint: str) -> str:
    """Whose line a call stands in: a hosted provider's for all of its models, else the server's."""
    engine, _, rest = endpoint.partition(":")
    _, at, server = rest.rpartition("@")
    return f"{engine}@{server}" if at else engine


def _counted(name: str, spent: Spent, most: int) -> Limit:
    return Limit(name=name, used=Decimal(spent.calls), most=Decimal(most), unit="calls")
