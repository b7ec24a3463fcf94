"""Contracts: what was chosen, and how it may be ordered."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import BigInteger, Column, ForeignKeyConstraint, Integer, Table, delete, func, select

from glassdesk.adapters.database import rows
from glassdesk.adapters.database.schema import append_only, metadata
from glassdesk.adapters.database.transactions import unit
from glassdesk.adapters.database.types import Instant, Json, Words
from glassdesk.kernel.errors import Conflict
from glassdesk.kernel.unit_of_work import Transaction
from glassdesk.workflow.contracts.model import Contract, ContractRules
from glassdesk.workflow.contracts.ports import ContractStore
from glassdesk.workflow.contracts.watchlists import Watchlist, WatchlistStore

contracts = Table(
    "contracts",
    metadata,
    Column("conid", BigInteger, primary_key=True, autoincrement=False),
    Column("symbol", Words, nullable=False, index=True),
    Column("name", Words, nullable=False),
    Column("sec_type", Words, nullable=False),
    Column("exchange", Words, nullable=False),
    Column("currency", Words, nullable=False),
    Column("seen_at", Instant, nullable=False),
)

contract_rules = Table(
    "contract_rules",
    metadata,
    Column("conid", BigInteger, primary_key=True, autoincrement=False),
    Column("fetched_at", Instant, nullable=False),
    Column("body", Json(ContractRules), nullable=False),
)

watchlists = Table(
    "watchlists",
    metadata,
    Column("name", Words, primary_key=True),
    Column("body", Json(Watchlist), nullable=False),
)

watchlist_versions = append_only(
    Table(
        "watchlist_versions",
        metadata,
        Column("name", Words, primary_key=True),
        Column("version", Integer, primary_key=True, autoincrement=False),
        Column("body", Json(Watchlist), nullable=False),
    )
)

run_watchlists = append_only(
    Table(
        "run_watchlists",
        metadata,
        Column("run", Words, primary_key=True),
        Column("name", Words, nullable=False),
        Column("version", Integer, nullable=False),
        ForeignKeyConstraint(["name", "version"], ["watchlist_versions.name", "watchlist_versions.version"]),
    )
)

_VERSIONS = watchlist_versions.c
_CONTRACT = rows.select_value(contracts, Contract).order_by(contracts.c.symbol, contracts.c.conid)


class DatabaseContractStore(ContractStore):
    """Contracts and rules by conid."""

    def put_contract(self, t: Transaction, contract: Contract, *, seen_at: datetime) -> None:
        rows.put(unit(t), contracts, {**rows.fields_of(contract), "seen_at": seen_at})

    def contract(self, t: Transaction, conid: int) -> Contract | None:
        statement = _CONTRACT.where(contracts.c.conid == conid)
        return rows.optional(Contract, unit(t).execute(statement).first())

    def by_symbol(self, t: Transaction, symbol: str) -> Sequence[Contract]:
        return rows.values(Contract, unit(t).execute(_CONTRACT.where(contracts.c.symbol == symbol)))

    def all_contracts(self, t: Transaction) -> Sequence[Contract]:
        return rows.values(Contract, unit(t).execute(_CONTRACT))

    def put_rules(self, t: Transaction, rules: ContractRules) -> None:
        row = {"conid": rules.conid, "fetched_at": rules.fetched_at, "body": rules}
        rows.put(unit(t), contract_rules, row)

    def rules(self, t: Transaction, conid: int) -> ContractRules | None:
        statement = select(contract_rules.c.body).where(contract_rules.c.conid == conid)
        found: ContractRules | None = unit(t).execute(statement).scalar()
        return found


class DatabaseWatchlistStore(WatchlistStore):
    """Watchlists by name."""

    def put(self, t: Transaction, watchlist: Watchlist) -> None:
        work, name = unit(t), watchlist.name
        version = {"name": name, "version": watchlist.version, "body": watchlist}
        if not rows.insert_new(work, watchlist_versions, version):
            raise Conflict(f"the list {name} has a version {watchlist.version} already", where="name")
        rows.put(work, watchlists, {"name": name, "body": watchlist})

    def last_version(self, t: Transaction, name: str) -> int:
        statement = select(func.max(_VERSIONS.version)).where(_VERSIONS.name == name)
        return unit(t).execute(statement).scalar() or 0

    def note(self, t: Transaction, run: str, watchlist: Watchlist) -> None:
        row = {"run": run, "name": watchlist.name, "version": watchlist.version}
        rows.insert_new(unit(t), run_watchlists, row)

    def seen_by(self, t: Transaction, run: str) -> Watchlist | None:
        seen = run_watchlists.c
        same = (seen.name == _VERSIONS.name) & (seen.version == _VERSIONS.version)
        statement = select(_VERSIONS.body).join(run_watchlists, same).where(seen.run == run)
        found: Watchlist | None = unit(t).execute(statement).scalar()
        return found

    def get(self, t: Transaction, name: str) -> Watchlist | None:
        statement = select(watchlists.c.body).where(watchlists.c.name == name)
        found: Watchlist | None = unit(t).execute(statement).scalar()
        return found

    def all(self, t: Transaction) -> Sequence[Watchlist]:
        return unit(t).execute(select(watchlists.c.body).order_by(watchlists.c.name)).scalars().all()

    def remove(self, t: Transaction, name: str) -> None:
        unit(t).execute(delete(watchlists).where(watchlists.c.name == name))
