"""The nodes a run grows from: code, strategy version, slot, the run itself."""

from __future__ import annotations

from glassdesk.kernel.clock import format_instant
from glassdesk.kernel.unit_of_work import Transaction
from glassdesk.workflow.runs.model import Run
from glassdesk.workflow.runs.parts import Parts


def record_roots(parts: Parts, t: Transaction, run: Run) -> None:
    """Record them with the claim; again is harmless."""
    row = parts.strategies.get(t, run.strategy, run.version)
    record = parts.lineage.record
    code = record(t, kind="code", entity=parts.code_version, content={"version": parts.code_version})
    strategy = record(
        t, kind="strategy", entity=f"{run.strategy}@{run.version}", content=row.strategy, parents=[code.node]
    )
    slot = record(
        t,
        kind="slot",
        entity=f"{run.strategy}@{format_instant(run.slot)}",
        content={"strategy": run.strategy, "instant": run.slot},
        parents=[strategy.node],
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
        parents=[slot.node],
        run=run.run,
    )
