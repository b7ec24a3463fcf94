"""The nodes a run grows from: code, strategy version, slot, the run itself."""

from __future__ import annotations

from glassdesk.kernel.canonical import decode_text
from glassdesk.kernel.clock import format_instant
from glassdesk.kernel.errors import IntegrityViolation
from glassdesk.kernel.unit_of_work import Transaction
from glassdesk.workflow.lineage.model import Node
from glassdesk.workflow.runs.model import Run
from glassdesk.workflow.runs.parts import Parts
from glassdesk.workflow.strategies.model import Strategy


def record_roots(parts: Parts, t: Transaction, run: Run) -> None:
    """Record them with the first claim; a run keeps the code it began with. Raises `IntegrityViolation` where
    the strategy is another one than its node says."""
    strategy = _strategy(parts, t, run)
    if parts.lineage.node(t, f"run:{run.run}") is not None:
        return
    record = parts.lineage.record
    code = record(t, kind="code", entity=parts.code_version, content={"version": parts.code_version})
    slot = record(
        t,
        kind="slot",
        entity=f"{run.strategy}@{format_instant(run.slot)}",
        content={"strategy": run.strategy, "instant": run.slot},
        parents=[strategy.node, *_watchlist(parts, t, run)],
    )
    record(
        t,
        kind="run",
        entity=run.run,
        content={
            "kind": run.kind,
            "slot": run.slot,
            "conid": run.conid,
            "symbol": run.symbol,
            "account": run.account,
        },
        parents=[slot.node, code.node],
        run=run.run,
    )


def _strategy(parts: Parts, t: Transaction, run: Run) -> Node:
    """The version's node, once for all programs: a newer one may know fields that the node does not."""
    strategy = parts.strategies.get(t, run.strategy, run.version).strategy
    entity = f"{run.strategy}@{run.version}"
    known = parts.lineage.node(t, f"strategy:{entity}")
    if known is None:
        return parts.lineage.record(t, kind="strategy", entity=entity, content=strategy)
    if decode_text(Strategy, known.content) != strategy:
        raise IntegrityViolation(f"{known.node} says another strategy than its row")
    return known


def _watchlist(parts: Parts, t: Transaction, run: Run) -> list[str]:
    """The version of the list that the slot saw, where the strategy trades one."""
    seen = parts.watchlists.seen_by(t, run.run)
    if seen is None:
        return []
    content = {"name": seen.name, "version": seen.version, "contracts": seen.contracts}
    node = parts.lineage.record(
        t, kind="watchlist", entity=f"{seen.name}@{seen.version}", content=content, parents=[]
    )
    return [node.node]
