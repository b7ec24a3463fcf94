"""Named lists of contracts, made from tickers; only what is ambiguous is asked about."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from glassdesk.kernel.clock import Clock
from glassdesk.kernel.errors import Conflict, InvalidInput, NotFound
from glassdesk.kernel.unit_of_work import Transaction
from glassdesk.workflow.contracts.model import Contract
from glassdesk.workflow.contracts.scope import out_of_scope
from glassdesk.workflow.contracts.service import Contracts
from glassdesk.workflow.contracts.typed import Typed, read, spellings

_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Watchlist:
    """Contracts under a name, in the order they were listed. Each change is a new version."""

    name: str
    version: int
    contracts: tuple[Contract, ...]
    changed_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """What a ticker means here: one contract, several to choose from, or none and why."""

    typed: Typed
    candidates: tuple[Contract, ...] = ()
    problem: str = ""

    @property
    def chosen(self) -> Contract | None:
        """The one contract; `None` where a person must choose or there is none."""
        return self.candidates[0] if len(self.candidates) == 1 else None


class WatchlistStore(Protocol):
    """Watchlists by name."""

    def put(self, t: Transaction, watchlist: Watchlist) -> None:
        """Insert or replace by name; the version itself stays for ever. Raises `Conflict` for one that is
        there with other contracts."""
        ...

    def last_version(self, t: Transaction, name: str) -> int:
        """The highest version ever kept under a name, also of a list that is gone; 0 without one."""
        ...

    def note(self, t: Transaction, run: str, watchlist: Watchlist) -> None:
        """Which version a run was made from; once for each run."""
        ...

    def seen_by(self, t: Transaction, run: str) -> Watchlist | None:
        """The version a run was made from, as it was; `None` for a run of named symbols."""
        ...

    def get(self, t: Transaction, name: str) -> Watchlist | None:
        """By name."""
        ...

    def all(self, t: Transaction) -> Sequence[Watchlist]:
        """Every list, by name."""
        ...

    def remove(self, t: Transaction, name: str) -> None:
        """Forget a list; its versions stay."""
        ...


class Audit(Protocol):
    """Where an act is written down."""

    def append(
        self,
        t: Transaction,
        actor: str,
        kind: str,
        ref: str,
        body: object = None,
        *,
        before: object = ...,
        after: object = ...,
    ) -> object:
        """Append one row in the caller's transaction."""
        ...


class Watchlists:
    """From pasted tickers to a list of contracts."""

    def __init__(self, store: WatchlistStore, contracts: Contracts, audit: Audit, clock: Clock) -> None:
        self._store = store
        self._contracts = contracts
        self._audit = audit
        self._clock = clock

    def match(self, text: str) -> tuple[Match, ...]:
        """What each ticker of `text` means at the broker. Raises `InvalidInput`, `SessionNotReady` or
        `ReadFailed`."""
        typed = read(text)
        asked = sorted({spelling for one in typed for spelling in spellings(one.symbol)})
        listings = self._contracts.listings(asked)
        return tuple(_match(one, listings) for one in typed)

    def picked(self, matches: Sequence[Match], picks: Mapping[str, int]) -> tuple[Contract, ...]:
        """One contract for each match, `picks` by ticker deciding where there are several, 0 leaving one out.

        Raises `InvalidInput` naming the first ticker that is still open.
        """
        found: dict[int, Contract] = {}
        for match in matches:
            contract = _picked(match, picks.get(match.typed.symbol, match.typed.conid))
            if contract is not None:
                found[contract.conid] = contract
        if not found:
            raise InvalidInput("no contract is left", where="text", remedy="paste at least one ticker")
        return tuple(found.values())

    def save(
        self,
        t: Transaction,
        name: str,
        contracts: Sequence[Contract],
        actor: str,
        *,
        version: int | None = None,
    ) -> Watchlist:
        """Keep a list and remember its contracts; the same list again changes nothing.

        `version` is the one the person changed; `None` replaces whatever is there. Raises `InvalidInput` for
        a name that is none, and `Conflict` where somebody else changed it meanwhile.
        """
        if not _NAME.fullmatch(name):
            remedy = "lower-case letters, digits, - and _, at most 40, e.g. large-caps"
            raise InvalidInput(f"{name!r} is no name of a list", where="name", remedy=remedy)
        before = self._store.get(t, name)
        if version is not None and version != (before.version if before else 0):
            raise Conflict(f"the list {name} was changed meanwhile", where="name", remedy="open it again")
        if before is not None and before.contracts == tuple(contracts):
            return before
        after = Watchlist(
            name=name,
            version=self._store.last_version(t, name) + 1,
            contracts=tuple(contracts),
            changed_at=self._clock.now(),
        )
        for contract in contracts:
            self._contracts.remember(t, contract)
        self._store.put(t, after)
        self._audit.append(t, actor, "watchlist.save", name, after, before=before, after=after)
        return after

    def get(self, t: Transaction, name: str) -> Watchlist:
        """By name. Raises `NotFound`."""
        found = self._store.get(t, name)
        if found is None:
            raise NotFound(
                f"there is no watchlist {name!r}", where="name", remedy="glassdesk watchlists list"
            )
        return found

    def seen_by(self, t: Transaction, run: str) -> Watchlist | None:
        """The version a run was made from, as it was; `None` for a run of named symbols."""
        return self._store.seen_by(t, run)

    def list(self, t: Transaction) -> Sequence[Watchlist]:
        """Every list, by name."""
        return self._store.all(t)

    def remove(self, t: Transaction, name: str, actor: str) -> None:
        """Forget a list. Strategies with symbols of their own keep them; one that trades the list enters
        nothing any more. Raises `NotFound`."""
        before = self.get(t, name)
        self._store.remove(t, name)
        self._audit.append(t, actor, "watchlist.remove", name, before, before=before, after=None)


def _match(typed: Typed, listings: Mapping[str, Sequence[Contract]]) -> Match:
    every = [contract for spelling in spellings(typed.symbol) for contract in listings.get(spelling, ())]
    if not every:
        return Match(typed=typed, problem=f"no stock or ETF is called {typed.symbol}")
    traded = [contract for contract in every if not out_of_scope(contract)]
    if not traded:
        return Match(typed=typed, problem=f"{typed.symbol}: {out_of_scope(every[0])}")
    meant = [one for one in traded if _meant(typed, one)]
    if not meant:
        places = ", ".join(f"{one.exchange} ({one.conid})" for one in traded)
        return Match(typed=typed, problem=f"{typed.symbol} is not listed so; it is at {places}")
    return Match(typed=typed, candidates=tuple(meant))


def _meant(typed: Typed, contract: Contract) -> bool:
    listing = contract.exchange.upper()
    return typed.conid in (None, contract.conid) and (
        not typed.exchange or listing.startswith(typed.exchange)
    )


def _picked(match: Match, pick: int | None) -> Contract | None:
    symbol, where = match.typed.symbol, f"line {match.typed.line}"
    if pick == 0:
        return None
    if match.problem:
        raise InvalidInput(match.problem, where=where, remedy="correct it or leave it out")
    chosen = match.chosen or next((one for one in match.candidates if one.conid == pick), None)
    if chosen is None:
        names = ", ".join(f"{one.conid} {one.name} ({one.exchange})" for one in match.candidates)
        remedy = f"choose one, e.g. {symbol}={match.candidates[0].conid}"
        raise InvalidInput(f"{symbol} is ambiguous: {names}", where=where, remedy=remedy)
    return chosen
