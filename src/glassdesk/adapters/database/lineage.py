"""Lineage: nodes of the Merkle graph, artifact rows, calls."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from graphlib import TopologicalSorter
from typing import Any

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Integer, Table, select

from glassdesk.adapters.database import rows
from glassdesk.adapters.database.schema import append_only, metadata, refuse
from glassdesk.adapters.database.transactions import Unit, unit
from glassdesk.adapters.database.types import Counter, Instant, Words
from glassdesk.kernel.errors import IntegrityViolation
from glassdesk.kernel.unit_of_work import Transaction
from glassdesk.workflow.lineage.model import Artifact, Call, Node
from glassdesk.workflow.lineage.ports import LineageStore

_artifacts = append_only(
    Table(
        "artifacts",
        metadata,
        Column("sha256", Words, primary_key=True),
        Column("size", BigInteger, nullable=False),
        Column("media_type", Words, nullable=False),
    )
)

_nodes = append_only(
    Table(
        "nodes",
        metadata,
        Column("node", Words, primary_key=True),
        Column("kind", Words, nullable=False),
        Column("entity", Words, nullable=False, index=True),
        Column("run", Words, ForeignKey("runs.run", deferrable=True, initially="DEFERRED"), index=True),
        Column("content", Words, nullable=False),
        Column("content_sha256", Words, nullable=False),
        Column("sha256", Words, nullable=False),
    )
)

_parents = append_only(
    Table(
        "node_parents",
        metadata,
        Column("node", Words, ForeignKey("nodes.node"), primary_key=True),
        Column("place", Integer, primary_key=True, autoincrement=False),
        Column("parent", Words, ForeignKey("nodes.node"), nullable=False),
    )
)

_node_artifacts = append_only(
    Table(
        "node_artifacts",
        metadata,
        Column("node", Words, ForeignKey("nodes.node"), primary_key=True),
        Column("place", Integer, primary_key=True, autoincrement=False),
        Column(
            "sha256",
            Words,
            ForeignKey("artifacts.sha256", deferrable=True, initially="DEFERRED"),
            nullable=False,
        ),
    )
)

_calls = Table(
    "calls",
    metadata,
    Column("call", Counter, primary_key=True),
    Column("purpose", Words, nullable=False),
    Column("method", Words, nullable=False),
    Column("path", Words, nullable=False),
    Column("request", Words, nullable=False),
    Column("status", Integer),
    Column("response_sha256", Words),
    Column("response_digest", Words, nullable=False),
    Column("error", Words, nullable=False),
    Column("started_at", Instant, nullable=False),
    Column("machine_ms", Integer, nullable=False),
    Index("ix_calls_purpose", "purpose", "call"),
)
refuse(_calls, "no_update", "UPDATE", "calls are never changed")
# retention may drop what no run refers to
refuse(
    _calls,
    "no_delete",
    "DELETE",
    "calls of a run are never deleted",
    when="substr(OLD.purpose, 1, 4) = 'run:'",
)

_FIELDS = ("node", "kind", "entity", "run", "content", "content_sha256", "sha256")


class DatabaseLineageStore(LineageStore):
    """Nodes, artifacts and calls, as rows."""

    def add_node(self, t: Transaction, node: Node) -> None:
        work = unit(t)
        if not rows.insert_new(work, _nodes, {name: getattr(node, name) for name in _FIELDS}):
            _same(work, node)
            return
        self._link(work, node)

    def _link(self, work: Unit, node: Node) -> None:
        known = set(work.execute(select(_nodes.c.node).where(_nodes.c.node.in_(node.parents))).scalars())
        missing = [parent for parent in node.parents if parent not in known]
        if missing:
            raise IntegrityViolation(f"{node.node} comes from {missing[0]}, which is not stored")
        rows.insert(work, _parents, _places(node.node, "parent", node.parents))
        rows.insert(work, _node_artifacts, _places(node.node, "sha256", node.artifacts))

    def node(self, t: Transaction, node: str) -> Node | None:
        return next(iter(_read(unit(t), [node])), None)

    def nodes_of_entity(self, t: Transaction, entity: str) -> Sequence[Node]:
        same = rows.starts_with(_nodes.c.entity, entity) if len(entity) >= 8 else _nodes.c.entity == entity
        work = unit(t)
        return _read(work, work.execute(select(_nodes.c.node).where(same)).scalars())

    def nodes_of_run(self, t: Transaction, run: str) -> Sequence[Node]:
        work = unit(t)
        return _read(work, work.execute(select(_nodes.c.node).where(_nodes.c.run == run)).scalars())

    def ancestry(self, t: Transaction, node: str) -> Sequence[Node]:
        line = select(_nodes.c.node).where(_nodes.c.node == node).cte("line", recursive=True)
        line = line.union(select(_parents.c.parent).join(line, _parents.c.node == line.c.node))
        work = unit(t)
        return _read(work, work.execute(select(line.c.node)).scalars())

    def add_artifact(self, t: Transaction, artifact: Artifact) -> None:
        rows.insert_new(unit(t), _artifacts, rows.fields_of(artifact))

    def artifact(self, t: Transaction, sha256: str) -> Artifact | None:
        statement = rows.select_value(_artifacts, Artifact).where(_artifacts.c.sha256 == sha256)
        return rows.optional(Artifact, unit(t).execute(statement).first())

    def add_call(self, t: Transaction, call: Call) -> None:
        row = {name: item for name, item in rows.fields_of(call).items() if name != "call"}
        rows.insert(unit(t), _calls, row)

    def calls(self, t: Transaction, purpose_prefix: str) -> Sequence[Call]:
        statement = rows.select_value(_calls, Call).where(rows.starts_with(_calls.c.purpose, purpose_prefix))
        return rows.values(Call, unit(t).execute(statement.order_by(_calls.c.call).limit(500)))


def _places(node: str, name: str, items: Iterable[str]) -> list[dict[str, object]]:
    return [{"node": node, "place": place, name: item} for place, item in enumerate(items)]


def _same(work: Unit, node: Node) -> None:
    stored = work.execute(select(_nodes.c.sha256).where(_nodes.c.node == node.node)).scalar()
    if stored != node.sha256:
        raise IntegrityViolation(f"{node.node} is stored with hash {stored}, not {node.sha256}")


def _read(work: Unit, names: Iterable[str]) -> list[Node]:
    """Whole nodes, parents before children; what does not depend on each other by name."""
    wanted = sorted(set(names))
    parents = _linked(work, _parents, "parent", wanted)
    artifacts = _linked(work, _node_artifacts, "sha256", wanted)
    found = {}
    for row in _in_parts(work, _nodes, wanted):
        fields = {name: row[name] for name in _FIELDS}
        name = row["node"]
        found[name] = Node(**fields, parents=parents.get(name, ()), artifacts=artifacts.get(name, ()))
    graph = {
        name: [parent for parent in node.parents if parent in found] for name, node in sorted(found.items())
    }
    return [found[name] for name in TopologicalSorter(graph).static_order()]


def _linked(work: Unit, table: Table, name: str, wanted: Sequence[str]) -> dict[str, tuple[str, ...]]:
    linked: dict[str, list[tuple[int, str]]] = {}
    for row in _in_parts(work, table, wanted):
        linked.setdefault(row["node"], []).append((row["place"], row[name]))
    return {node: tuple(item for _, item in sorted(items)) for node, items in linked.items()}


def _in_parts(work: Unit, table: Table, wanted: Sequence[str]) -> Iterable[dict[str, Any]]:
    """Rows of these nodes, asked for in parts: SQLite bounds the number of parameters."""
    for start in range(0, len(wanted), 500):
        part = select(table).where(table.c.node.in_(wanted[start : start + 500]))
        for row in work.execute(part):
            yield row._asdict()
