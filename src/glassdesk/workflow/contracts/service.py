"""Verbs of the contracts step."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from glassdesk.kernel.clock import Clock
from glassdesk.kernel.errors import GlassdeskError, InvalidInput, NotFound
from glassdesk.kernel.unit_of_work import Transaction, Transactions
from glassdesk.workflow.contracts.model import Contract, ContractRules, Hours, SearchResult
from glassdesk.workflow.contracts.ports import BrokerContracts, Calendar, ContractStore
from glassdesk.workflow.contracts.scope import out_of_scope

LOOK_AHEAD = timedelta(days=10)


class Contracts:
    """From a ticker to a contract, its rules and its hours."""

    def __init__(
        self,
        transactions: Transactions,
        broker: BrokerContracts,
        store: ContractStore,
        calendar: Calendar,
        clock: Clock,
    ) -> None:
        self._transactions = transactions
        self._broker = broker
        self._store = store
        self._calendar = calendar
        self._clock = clock

    def search(self, text: str) -> list[SearchResult]:
        """Every listing that matches, with the reason where T-18 excludes it. Raises `InvalidInput` on empty
        text."""
        wanted = text.strip()
        if not wanted or len(wanted) > 40:
            raise InvalidInput(
                "nothing to look for", where="symbol", remedy="type a ticker or a company's name"
            )
        return [_result(contract) for contract in self._broker.search(wanted)]

    def resolve(self, symbol: str) -> Contract:
        """The one US stock listing of a ticker, looked up at the broker. Raises `InvalidInput` when there is
        none or more than one; the message lists the candidates."""
        wanted = symbol.strip().upper()
        tradable = [c for c in self._broker.stocks([wanted]).get(wanted, ()) if not out_of_scope(c)]
        if not tradable:
            raise InvalidInput(
                f"no US stock or ETF is called {wanted!r}", where="symbol", remedy="search by name"
            )
        if len(tradable) > 1:
            names = ", ".join(f"{c.conid} {c.name} ({c.exchange})" for c in tradable)
            raise InvalidInput(
                f"{wanted!r} is ambiguous: {names}",
                where="symbol",
                remedy="only a ticker of one listing can be taken",
            )
        return tradable[0]

    def listings(self, symbols: Sequence[str]) -> Mapping[str, Sequence[Contract]]:
        """Every listing of these tickers at the broker, those out of scope included. Raises
        `SessionNotReady` or `ReadFailed`."""
        return self._broker.stocks(symbols)

    def remember(self, t: Transaction, contract: Contract) -> None:
        """Keep a chosen contract."""
        self._store.put_contract(t, contract, seen_at=self._clock.now())

    def known(self, t: Transaction) -> Sequence[Contract]:
        """Every contract ever chosen, by symbol."""
        return self._store.all_contracts(t)

    def contract(self, t: Transaction, conid: int) -> Contract:
        """A chosen contract. Raises `NotFound`."""
        found = self._store.contract(t, conid)
        if found is None:
            raise NotFound(
                f"conid {conid} is not known here", where="conid", remedy="search its symbol first"
            )
        return found

    def by_symbol(self, t: Transaction, symbol: str) -> Contract:
        """The one chosen contract of a ticker. Raises `NotFound` or `InvalidInput` when several were
        chosen."""
        found = self._store.by_symbol(t, symbol.strip().upper())
        if not found:
            raise NotFound(f"{symbol.upper()} is not known here", where="symbol", remedy="search it first")
        if len(found) > 1:
            raise InvalidInput(
                f"{symbol.upper()} names several contracts",
                where="symbol",
                remedy="only a ticker of one listing can be taken",
            )
        return found[0]

    def rules(self, t: Transaction, conid: int) -> ContractRules | None:
        """The rules as last fetched, whatever their age."""
        return self._store.rules(t, conid)

    def tick(self, t: Transaction, conid: int, price: Decimal) -> Decimal | None:
        """The increment at a price by the rules as last fetched; `None` where that is not known."""
        return _tick(self._store.rules(t, conid), price)

    def fetch_tick(self, conid: int, price: Decimal) -> Decimal | None:
        """As above, by the rules of today where the broker tells them: it is only asked, never needed."""
        with suppress(GlassdeskError):
            return _tick(self.fetch_rules(conid), price)
        with self._transactions.read() as t:
            return self.tick(t, conid, price)

    def fetch_rules(self, conid: int) -> ContractRules:
        """The rules, as kept while they hold, else from the broker (and kept)."""
        with self._transactions.read() as t:
            cached = self._store.rules(t, conid)
        now = self._clock.now()
        if cached is not None and cached.hold(now):
            return cached
        fresh = self._broker.rules(conid, fetched_at=now)
        with self._transactions.begin() as t:
            self._store.put_rules(t, fresh)
        return fresh

    def zone(self, exchange: str) -> ZoneInfo:
        """Zone of an exchange's calendar."""
        return ZoneInfo(self._calendar.zone(exchange))

    def hours(self, exchange: str, session: date) -> Hours | None:
        """Regular hours of a session date."""
        return self._calendar.hours(exchange, session)

    def sessions(self, exchange: str, first: date, last: date) -> Sequence[Hours]:
        """All sessions of a range, oldest first."""
        return self._calendar.sessions(exchange, first, last)

    def sessions_ahead(self, exchange: str, now: datetime, count: int) -> Sequence[Hours]:
        """The next `count` sessions that have not closed, soonest first; fewer where the calendar ends."""
        today = now.astimezone(self.zone(exchange)).date()
        ahead = self._calendar.sessions(exchange, today, today + LOOK_AHEAD)
        return [hours for hours in ahead if hours.closes_at > now][:count]

    def next_session(self, exchange: str, after: datetime) -> Hours:
        """The first session that opens after an instant. Raises `NotFound` beyond the calendar."""
        first = after.astimezone(self.zone(exchange)).date()
        for hours in self._calendar.sessions(exchange, first, first + LOOK_AHEAD):
            if hours.opens_at > after:
                return hours
        raise NotFound(f"the calendar of {exchange} ends before the next session")

    def last_closed_session(self, exchange: str, now: datetime) -> Hours:
        """The newest session whose close has passed: the bar that must be there (`T-06`)."""
        today = now.astimezone(self.zone(exchange)).date()
        for hours in reversed(self._calendar.sessions(exchange, today - LOOK_AHEAD, today)):
            if hours.closes_at <= now:
                return hours
        raise NotFound(f"the calendar of {exchange} has no closed session before {today}")

    def session_at(self, exchange: str, instant: datetime) -> Hours | None:
        """The session whose regular hours contain the instant."""
        hours = self._calendar.hours(exchange, instant.astimezone(self.zone(exchange)).date())
        return hours if hours is not None and hours.contains(instant) else None

    def session_end(self, exchange: str, instant: datetime) -> datetime:
        """Close of the session at an instant, or of the next one."""
        current = self.session_at(exchange, instant)
        return (current or self.next_session(exchange, instant)).closes_at

    def is_open(self, exchange: str, instant: datetime) -> bool:
        """True during regular hours."""
        return self.session_at(exchange, instant) is not None


def _tick(rules: ContractRules | None, price: Decimal) -> Decimal | None:
    try:
        return rules.tick_at(price) if rules is not None else None
    except ValueError:
        return None


def _result(contract: Contract) -> SearchResult:
    reason = out_of_scope(contract)
    return SearchResult(contract=contract, tradable=not reason, reason=reason)
