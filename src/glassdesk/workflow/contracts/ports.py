"""What the contracts step needs from outside."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Protocol

from glassdesk.kernel.unit_of_work import Transaction
from glassdesk.workflow.contracts.model import Contract, ContractRules, Hours


class BrokerContracts(Protocol):
    """Contract reads of the broker. Raise `SessionNotReady` or `ReadFailed`."""

    def search(self, text: str) -> Sequence[Contract]:
        """Contracts whose symbol or name matches `text`, every listing, none filtered [§3 secdef/search]."""
        ...

    def stocks(self, symbols: Sequence[str]) -> Mapping[str, Sequence[Contract]]:
        """Stock listings of exactly these symbols [§3 trsrv/stocks]; empty where one is unknown."""
        ...

    def contract(self, conid: int) -> Contract:
        """One contract by number. Raises `NotFound`."""
        ...

    def rules(self, conid: int, *, fetched_at: datetime) -> ContractRules:
        """How the contract may be ordered. Raises `NotFound`."""
        ...

    def hours(self, conid: int, exchange: str) -> Sequence[Hours]:
        """About six days of regular hours from today, as the broker states them."""
        ...


class Calendar(Protocol):
    """Regular hours of an exchange, past and a year ahead; all instants aware UTC."""

    def hours(self, exchange: str, session: date) -> Hours | None:
        """The hours of that session date, `None` on a day without one."""
        ...

    def sessions(self, exchange: str, first: date, last: date) -> Sequence[Hours]:
        """All sessions from `first` to `last`, both included, oldest first."""
        ...

    def zone(self, exchange: str) -> str:
        """IANA zone of the exchange."""
        ...


class ContractStore(Protocol):
    """Contracts, rules and broker hours, cached."""

    def put_contract(self, t: Transaction, contract: Contract, *, seen_at: datetime) -> None:
        """Insert or replace by conid."""
        ...

    def contract(self, t: Transaction, conid: int) -> Contract | None:
        """By number."""
        ...

    def by_symbol(self, t: Transaction, symbol: str) -> Sequence[Contract]:
        """All known contracts of this symbol."""
        ...

    def all_contracts(self, t: Transaction) -> Sequence[Contract]:
        """Every contract ever chosen, by symbol."""
        ...

    def put_rules(self, t: Transaction, rules: ContractRules) -> None:
        """Insert or replace by conid."""
        ...

    def rules(self, t: Transaction, conid: int) -> ContractRules | None:
        """By number, whatever its age."""
        ...
