"""Verbs of the strategies step."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import islice, takewhile

from glassdesk.kernel.canonical import digest
from glassdesk.kernel.clock import Clock
from glassdesk.kernel.errors import Conflict, Denied, GlassdeskError, InvalidInput, NotFound
from glassdesk.kernel.money import exact, tidy
from glassdesk.kernel.unit_of_work import Transaction
from glassdesk.workflow.contracts.model import Contract
from glassdesk.workflow.contracts.scope import calendar_of, out_of_scope
from glassdesk.workflow.contracts.service import Contracts
from glassdesk.workflow.contracts.watchlists import WatchlistStore
from glassdesk.workflow.indicators.catalogue import complete_set
from glassdesk.workflow.indicators.compute import compute
from glassdesk.workflow.lineage.audit import Audit
from glassdesk.workflow.market_data.model import BarSet, BarSize
from glassdesk.workflow.market_data.service import MarketData
from glassdesk.workflow.prompts.model import PromptRef
from glassdesk.workflow.prompts.service import Prompts
from glassdesk.workflow.signals.budget import Budgets
from glassdesk.workflow.signals.conditions.needs import frames_read
from glassdesk.workflow.signals.conditions.past import Past, past
from glassdesk.workflow.strategies import checks, timing
from glassdesk.workflow.strategies.model import (
    DecisionBar,
    Outlook,
    Preview,
    Strategy,
    StrategyContract,
    StrategyRow,
    StrategyState,
    Traded,
)
from glassdesk.workflow.strategies.outlook import SEEN_BARS, Cost, outlook
from glassdesk.workflow.strategies.passing import bar_set, passing
from glassdesk.workflow.strategies.ports import Agenda, StrategyStore

Problems = list[InvalidInput]
RULES = "rules"
"""The analyst that every desk has."""
PAST_BARS = 253
"""A year of daily bars."""
MOST_SLOTS = 12_000
"""Instants looked at: a week of every minute."""


def content_sha256(strategy: Strategy) -> str:
    """Digest of a strategy whatever its version number: the same text twice is the same version."""
    return digest(replace(strategy, version=0))


class Strategies:
    """One immutable, versioned object per strategy version."""

    def __init__(
        self,
        store: StrategyStore,
        contracts: Contracts,
        prompts: Prompts,
        audit: Audit,
        clock: Clock,
        account: str,
        *,
        market_data: MarketData,
        watchlists: WatchlistStore,
        budgets: Budgets,
        analysts: Collection[str],
        desk_rules: bool,
        capital: Decimal | None,
        agenda: Agenda,
    ) -> None:
        self._store = store
        self._contracts = contracts
        self._prompts = prompts
        self._audit = audit
        self._clock = clock
        self._account = account
        self._market_data = market_data
        self._watchlists = watchlists
        self._budgets = budgets
        self.analysts = tuple(sorted(analysts))
        """Names that a strategy may give as its analyst."""
        self._desk_rules = desk_rules
        self._capital = capital
        self._agenda = agenda

    def problems(self, t: Transaction, strategy: Strategy) -> Problems:
        """Everything that keeps the strategy from being kept; empty means nothing does."""
        found, traded = checks.problems(strategy), self.traded(t, strategy)
        found += [
            problem for contract in traded.contracts for problem in self._contract_problems(t, contract.conid)
        ]
        if traded.problem:
            remedy = "make it under Watchlists, or name symbols"
            found.append(InvalidInput(traded.problem, where="watchlist", remedy=remedy))
        found += self._prompt_problems(t, strategy) + self._account_problems(strategy)
        return found + self._analyst_problems(strategy)

    def traded(self, t: Transaction, strategy: Strategy, held: Collection[StrategyContract] = ()) -> Traded:
        """What it trades now. A watchlist is looked up; what the strategy holds goes on, listed or not."""
        if not strategy.watchlist:
            return Traded(contracts=strategy.contracts)
        found = self._watchlists.get(t, strategy.watchlist)
        listed = found.contracts if found else ()
        here = tuple(StrategyContract(conid=one.conid, symbol=one.symbol) for one in listed)
        conids = {one.conid for one in here}
        extra = tuple(sorted((one for one in held if one.conid not in conids), key=lambda one: one.conid))
        problem = ""
        if not here:
            what = "is empty" if found else "is gone"
            problem = f"the watchlist {strategy.watchlist!r} {what}"
        return Traded(contracts=here + extra, watchlist=found, problem=problem)

    def spent(self, t: Transaction, strategy: Strategy, now: datetime) -> tuple[Decimal, Decimal]:
        """For questions to its analyst, of the day and of the month, in USD."""
        return self._budgets.spent(t, strategy.name, now)

    def refused(self, t: Transaction, strategy: Strategy, now: datetime) -> str:
        """Why its next question would not be asked; empty where it would."""
        rules = strategy.analyst == RULES or (not strategy.analyst and self._desk_rules)
        return "" if rules else self._budgets.would_refuse(t, strategy.name, strategy.budget, now)

    def claim(self, t: Transaction, strategy: Strategy, traded: Traded) -> None:
        """Own what a watchlist gives, unless it belongs to another strategy (`T-13`)."""
        if strategy.watchlist:
            conids = [one.conid for one in traded.contracts]
            self._store.claim(t, strategy.account, strategy.name, conids)

    def check(self, t: Transaction, strategy: Strategy) -> None:
        """Raises the first of `problems`."""
        for problem in self.problems(t, strategy):
            raise problem

    def create(self, t: Transaction, strategy: Strategy, *, author: str, message: str = "") -> StrategyRow:
        """Keep a new version (version 1 of a new name, disabled); the same content as the newest is that
        version. Raises `InvalidInput`."""
        full = replace(strategy, indicators=complete_set(strategy.indicators))
        self.check(t, full)
        newest = self._store.latest(t, full.name)
        sha256 = content_sha256(full)
        if newest is not None and newest.sha256 == sha256:
            return newest
        row = StrategyRow(
            strategy=replace(full, version=newest.strategy.version + 1 if newest else 1),
            sha256=sha256,
            state=newest.state if newest else StrategyState.DISABLED,
            author=author,
            created_at=self._clock.now(),
            message=message,
        )
        if newest is not None:
            self._agenda.settle(t, full.name)
        self._store.add_version(t, row)
        self._agenda.plan(t, full.name)
        ref, body = f"{full.name}@{row.strategy.version}", {"sha256": sha256}
        before = newest.sha256 if newest else None
        self._audit.append(t, author, "strategy.version", ref, body, before=before, after=sha256)
        return row

    def list(self, t: Transaction) -> Sequence[StrategyRow]:
        """Newest version of every name."""
        return self._store.all_latest(t)

    def get(self, t: Transaction, name: str, version: int | None = None) -> StrategyRow:
        """One version, the newest by default. Raises `NotFound`."""
        found = self._store.latest(t, name) if version is None else self._store.version(t, name, version)
        if found is None:
            wanted = name if version is None else f"{name} version {version}"
            raise NotFound(f"there is no strategy {wanted}", where="strategy", remedy="see `strategies list`")
        return found

    def owner_of(self, t: Transaction, account: str, conid: int) -> str | None:
        """Name of the enabled or closing strategy that owns the contract (`T-13`)."""
        return self._store.owner_of(t, account, conid)

    def versions(self, t: Transaction, name: str) -> Sequence[StrategyRow]:
        """All versions of a name, oldest first."""
        self.get(t, name)
        return self._store.versions(t, name)

    def enable(self, t: Transaction, name: str, actor: str) -> StrategyRow:
        """Let it run from its next slot on. Raises `Denied` with the owner's name where a contract belongs to
        another strategy (`T-13`)."""
        row = self.get(t, name)
        self._refuse_archived(row)
        self.check(t, row.strategy)
        traded = self.traded(t, row.strategy)
        for contract in traded.contracts:
            owner = self._store.owner_of(t, row.strategy.account, contract.conid)
            if owner not in (None, name):
                raise Denied(
                    f"{contract.symbol} belongs to the strategy {owner}",
                    where="contracts",
                    remedy=f"disable {owner} first, or leave {contract.symbol} out",
                )
        self.claim(t, row.strategy, traded)
        return self._set_state(t, name, StrategyState.ENABLED, actor)

    def disable(self, t: Transaction, name: str, actor: str, *, holds_shares: bool) -> StrategyRow:
        """No new entries; while it holds shares it closes: exits and stops go on (`T-15`)."""
        self._refuse_archived(self.get(t, name))
        state = StrategyState.CLOSING if holds_shares else StrategyState.DISABLED
        return self._set_state(t, name, state, actor)

    def archive(self, t: Transaction, name: str, actor: str, *, holds_shares: bool) -> StrategyRow:
        """Put it away for good. Raises `Conflict` while it runs or owns shares or orders."""
        row = self.get(t, name)
        if row.state in (StrategyState.ENABLED, StrategyState.CLOSING) or holds_shares:
            raise Conflict(
                f"{name} is {row.state} or owns shares",
                where="strategy",
                remedy="disable it and let it close",
            )
        return self._set_state(t, name, StrategyState.ARCHIVED, actor)

    def preview(self, t: Transaction, strategy: Strategy, now: datetime) -> Preview:
        """Next slots, the bar the next one would see, what it could lose and needs, and what is wrong."""
        found = self.problems(t, strategy)
        slots = () if any(p.where.startswith("timing") for p in found) else self._slots(strategy, now)
        return Preview(
            slots=slots,
            decides_on=self._decides_on(strategy, slots[0]) if slots else None,
            minimum_bars=_minimum(strategy),
            outlook=self._outlook(t, strategy, now) if slots else None,
            problems=tuple(str(problem) for problem in found),
        )

    def past(self, strategy: Strategy, contract: Contract, now: datetime) -> Past | None:
        """At which bars of the last year its conditions were true, on one contract; `None` without any.
        Raises what reading bars raises, `InvalidInput` for what cannot be, and `NotFound` without bars."""
        conditions, size, exchange = strategy.conditions, strategy.bar_size, calendar_of(contract)
        if conditions is None:
            return None
        checks.check_conditions(strategy)
        count = min(checks.bars_needed(strategy) + PAST_BARS, checks.MOST_BARS)
        bars = self._market_data.closed_bars(contract, size, count, as_of=now, exchange=exchange)
        if not bars.bars:
            raise NotFound(
                f"there are no bars of {contract.symbol}", where="bars", remedy="try another symbol"
            )
        longer = {
            one: self._market_data.longer(bars, one, as_of=now, exchange=exchange)
            for one in frames_read(conditions, size)
        }
        values = compute(complete_set(strategy.indicators), bars.bars)
        return past(conditions, bars, values, longer, strategy.indicators)

    def _outlook(self, t: Transaction, strategy: Strategy, now: datetime) -> Outlook:
        size, week = strategy.bar_size, now + timedelta(days=7)
        slots = takewhile(lambda slot: slot < week, islice(self._ahead(strategy, now), MOST_SLOTS))
        contracts = self.traded(t, strategy).contracts
        needed = _minimum(strategy)
        count = SEEN_BARS if strategy.conditions is None else needed + PAST_BARS
        seen = {one.conid: self._market_data.seen(t, one.conid, size, count, as_of=now) for one in contracts}
        usual = self._budgets.usual_cost(t, strategy.name)
        resolved = replace(strategy, contracts=contracts)
        sets = (bar_set(one, size, seen[one.conid]) for one in contracts)

        def longer(bars: BarSet, longer_size: BarSize) -> BarSet:
            return self._market_data.longer(bars, longer_size, as_of=now, exchange=strategy.timing.exchange)

        passed = passing(resolved, sets, longer, needed)
        cost = self._cost(strategy, usual)
        return outlook(resolved, self._capital, slots, seen, now, cost=cost, passing=passed)

    def _cost(self, strategy: Strategy, usual: Decimal | None) -> Cost:
        """Of one question, and what says so."""
        if strategy.analyst == RULES or (not strategy.analyst and self._desk_rules):
            return Cost(each=Decimal(0), why="rules cost nothing")
        if usual is not None:
            return Cost(each=usual, why=f"{tidy(exact(usual))} each, the mean of its last questions")
        most = strategy.budget.per_question
        if most is not None:
            return Cost(each=most, why=f"{tidy(most)} each at most, as its budget says")
        return Cost(each=None, why="known once a question was asked, or with budget.per_question")

    def _slots(self, strategy: Strategy, now: datetime) -> tuple[datetime, ...]:
        return tuple(islice(self._ahead(strategy, now), 5))

    def _ahead(self, strategy: Strategy, now: datetime) -> Iterator[datetime]:
        """Instants that the exchange does not keep from being a slot."""
        exchange = strategy.timing.exchange
        zone = self._contracts.zone(exchange)
        for instant in islice(timing.instants(strategy.timing, now, self._contracts.sessions), MOST_SLOTS):
            hours = self._contracts.hours(exchange, instant.astimezone(zone).date())
            if not timing.closed(strategy.timing, instant, hours, zone):
                yield instant

    def _decides_on(self, strategy: Strategy, slot: datetime) -> date | None:
        try:
            exchange = strategy.timing.exchange
            running = self._contracts.session_at(exchange, slot)
            if strategy.decision_bar is DecisionBar.SO_FAR and running is not None:
                return running.session
            return self._contracts.last_closed_session(exchange, slot).session
        except GlassdeskError:
            return None

    def followers(self, t: Transaction, prompt: str) -> Sequence[str]:
        """Names of the strategies that trade, or still hold, and ask this prompt (R-11)."""
        trades = (StrategyState.ENABLED, StrategyState.CLOSING)
        rows = [row for row in self.list(t) if row.state in trades]
        return [row.strategy.name for row in rows if any(ref.name == prompt for ref in row.strategy.prompts)]

    def _set_state(self, t: Transaction, name: str, state: StrategyState, actor: str) -> StrategyRow:
        before = self.get(t, name)
        if before.state is not state:
            self._agenda.settle(t, name)
            self._store.set_state(t, name, state, at=self._clock.now())
            self._agenda.plan(t, name)
            self._audit.append(t, actor, "strategy.state", name, {"before": before.state, "after": state})
        return self.get(t, name)

    @staticmethod
    def _refuse_archived(row: StrategyRow) -> None:
        if row.state is StrategyState.ARCHIVED:
            raise Conflict(f"{row.strategy.name} is archived", where="strategy", remedy="clone it")

    def _contract_problems(self, t: Transaction, conid: int) -> Problems:
        try:
            reason = out_of_scope(self._contracts.contract(t, conid))
        except NotFound as missing:
            return [InvalidInput(missing.problem, where="contracts", remedy=missing.remedy)]
        return [InvalidInput(reason, where="contracts", remedy="charts only, no orders")] if reason else []

    def _prompt_problems(self, t: Transaction, strategy: Strategy) -> Problems:
        found = (self._problems_of(t, strategy, ref) for ref in strategy.prompts)
        return [problem for problems in found for problem in problems]

    def _problems_of(self, t: Transaction, strategy: Strategy, ref: PromptRef) -> Problems:
        name = ref.name
        try:
            found = self._prompts.resolve(t, ref, strategy=strategy.name)
        except GlassdeskError as problem:
            return [InvalidInput(problem.problem, where="prompt", remedy=problem.remedy)]
        if not found.version.body:
            return [
                InvalidInput(f"{name} is a system part only", where="prompt", remedy="name one that asks")
            ]
        if found.version.number and self._prompts.prompt(t, name).archived_at is not None:
            return [InvalidInput(f"{name} is archived", where="prompt", remedy=f"prompts unarchive {name}")]
        return []

    def _analyst_problems(self, strategy: Strategy) -> Problems:
        if strategy.analyst in ("", *self.analysts):
            return []
        problem = f"there is no analyst {strategy.analyst!r} on this desk"
        remedy = f"empty for the desk's, or one of {', '.join(self.analysts)}"
        return [InvalidInput(problem, where="analyst", remedy=remedy)]

    def _account_problems(self, strategy: Strategy) -> Problems:
        if strategy.account == self._account:
            return []
        problem = f"account {strategy.account!r} is not this desk's"
        return [InvalidInput(problem, where="account", remedy=f"use {self._account}")]


def _minimum(strategy: Strategy) -> int:
    try:
        return checks.bars_needed(strategy)
    except InvalidInput:
        return 0
