"""Runs of kind `manual`: acts of a person that the dealer carries out; they never pass the pipeline."""

from __future__ import annotations

from datetime import datetime

from glassdesk.kernel.unit_of_work import Transaction
from glassdesk.workflow.runs.model import Run, RunKind, RunState
from glassdesk.workflow.runs.ports import RunStore


class StoredManualRuns:
    """Implements `dealing.ports.ManualRuns` over the run store."""

    def __init__(self, store: RunStore) -> None:
        self._store = store

    def begin(
        self,
        t: Transaction,
        *,
        run: str,
        account: str,
        strategy: str,
        version: int,
        conid: int,
        symbol: str,
        at: datetime,
        reason: str,
    ) -> None:
        """Insert the run, reserved already; the same again is harmless."""
        self._store.add(
            t,
            Run(
                run=run,
                kind=RunKind.MANUAL,
                strategy=strategy,
                version=version,
                slot=at,
                conid=conid,
                symbol=symbol,
                account=account,
                state=RunState.RESERVED,
                reason=reason,
                created_at=at,
            ),
        )
