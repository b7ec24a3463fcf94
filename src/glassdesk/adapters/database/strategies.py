"""Strategies: versions for ever, one state per name."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    Select,
    Table,
    and_,
    delete,
    func,
    select,
    update,
)

from glassdesk.adapters.database import rows
from glassdesk.adapters.database.schema import append_only, metadata
from glassdesk.adapters.database.transactions import Unit, unit
from glassdesk.adapters.database.types import Instant, Json, Word, Words
from glassdesk.kernel.errors import Conflict, NotFound
from glassdesk.kernel.unit_of_work import Transaction
from glassdesk.workflow.strategies.model import StrategyRow, StrategyState
from glassdesk.workflow.strategies.ports import StrategyStore

strategies = Table(
    "strategies",
    metadata,
    Column("name", Words, primary_key=True),
    Column("state", Word(StrategyState), nullable=False),
    Column("changed_at", Instant, nullable=False),
)

strategy_versions = append_only(
    Table(
        "strategy_versions",
        metadata,
        Column("name", Words, ForeignKey("strategies.name"), primary_key=True),
        Column("version", Integer, primary_key=True, autoincrement=False),
        Column("sha256", Words, nullable=False),
        Column("author", Words, nullable=False),
        Column("created_at", Instant, nullable=False),
        Column("body", Json(StrategyRow), nullable=False),
    )
)

strategy_contracts = append_only(
    Table(
        "strategy_contracts",
        metadata,
        Column("name", Words, primary_key=True),
        Column("version", Integer, primary_key=True, autoincrement=False),
        Column("conid", BigInteger, primary_key=True, autoincrement=False),
        Column("account", Words, nullable=False),
        ForeignKeyConstraint(["name", "version"], ["strategy_versions.name", "strategy_versions.version"]),
        Index("ix_strategy_contracts_owner", "account", "conid"),
    )
)

strategy_claims = Table(
    "strategy_claims",
    metadata,
    Column("account", Words, primary_key=True),
    Column("conid", BigInteger, primary_key=True, autoincrement=False),
    Column("strategy", Words, ForeignKey("strategies.name"), nullable=False),
)

_OWNING = (StrategyState.ENABLED, StrategyState.CLOSING)
_LATEST = (
    select(strategy_versions.c.name, func.max(strategy_versions.c.version).label("version"))
    .group_by(strategy_versions.c.name)
    .subquery("latest")
)
_IS_LATEST = and_(
    strategy_versions.c.name == _LATEST.c.name, strategy_versions.c.version == _LATEST.c.version
)


def _rows() -> Select[Any]:
    joined = strategy_versions.join(strategies, strategies.c.name == strategy_versions.c.name)
    return select(strategy_versions.c.body, strategies.c.state).select_from(joined)


def _read(work: Unit, statement: Select[Any]) -> list[StrategyRow]:
    return [replace(row.body, state=row.state) for row in work.execute(statement)]


class DatabaseStrategyStore(StrategyStore):
    """Versions and states, as rows."""

    def add_version(self, t: Transaction, row: StrategyRow) -> None:
        work, strategy = unit(t), row.strategy
        name = {"name": strategy.name, "state": row.state, "changed_at": row.created_at}
        rows.insert_new(work, strategies, name)
        version = {
            "name": strategy.name,
            "version": strategy.version,
            "sha256": row.sha256,
            "author": row.author,
            "created_at": row.created_at,
            "body": row,
        }
        if not rows.insert_new(work, strategy_versions, version):
            raise Conflict(f"strategy {strategy.name} has a version {strategy.version} already")
        if not strategy.watchlist:
            work.execute(delete(strategy_claims).where(strategy_claims.c.strategy == strategy.name))
        contracts = sorted({contract.conid for contract in strategy.contracts})
        key = {"name": strategy.name, "version": strategy.version, "account": strategy.account}
        rows.insert(work, strategy_contracts, [{**key, "conid": conid} for conid in contracts])

    def latest(self, t: Transaction, name: str) -> StrategyRow | None:
        newest = _rows().where(strategy_versions.c.name == name).order_by(strategy_versions.c.version.desc())
        return next(iter(_read(unit(t), newest.limit(1))), None)

    def version(self, t: Transaction, name: str, version: int) -> StrategyRow | None:
        at = (strategy_versions.c.name == name, strategy_versions.c.version == version)
        return next(iter(_read(unit(t), _rows().where(*at))), None)

    def versions(self, t: Transaction, name: str) -> Sequence[StrategyRow]:
        statement = _rows().where(strategy_versions.c.name == name).order_by(strategy_versions.c.version)
        return _read(unit(t), statement)

    def all_latest(self, t: Transaction) -> Sequence[StrategyRow]:
        return _read(unit(t), _rows().join(_LATEST, _IS_LATEST).order_by(strategy_versions.c.name))

    def set_state(self, t: Transaction, name: str, state: StrategyState, *, at: datetime) -> None:
        change = update(strategies).where(strategies.c.name == name).values(state=state, changed_at=at)
        if unit(t).execute(change).rowcount == 0:
            raise NotFound(f"there is no strategy {name!r}")

    def owner_of(self, t: Transaction, account: str, conid: int) -> str | None:
        held = and_(
            strategy_contracts.c.name == _LATEST.c.name, strategy_contracts.c.version == _LATEST.c.version
        )
        statement = (
            select(strategies.c.name)
            .join(_LATEST, _LATEST.c.name == strategies.c.name)
            .join(strategy_contracts, held)
            .where(strategy_contracts.c.account == account, strategy_contracts.c.conid == conid)
            .where(strategies.c.state.in_(_OWNING))
            .order_by(strategies.c.name)
        )
        owner: str | None = unit(t).execute(statement).scalar()
        return owner or self._claimant(t, account, conid)

    def claim(
        self, t: Transaction, account: str, strategy: str, conids: Collection[int]
    ) -> Mapping[int, str]:
        work, claims = unit(t), strategy_claims.c
        work.execute(
            delete(strategy_claims).where(claims.strategy == strategy, claims.conid.not_in(list(conids)))
        )
        others: dict[int, str] = {}
        for conid in conids:
            owner = self.owner_of(t, account, conid)
            if owner in (None, strategy):
                rows.put(work, strategy_claims, {"account": account, "conid": conid, "strategy": strategy})
            else:
                others[conid] = str(owner)
        return others

    @staticmethod
    def _claimant(t: Transaction, account: str, conid: int) -> str | None:
        """Who owns it by a watchlist."""
        claims = strategy_claims.c
        statement = (
            select(claims.strategy)
            .join(strategies, strategies.c.name == claims.strategy)
            .where(claims.account == account, claims.conid == conid, strategies.c.state.in_(_OWNING))
        )
        owner: str | None = unit(t).execute(statement).scalar()
        return owner
