"""A run of a shipped strategy, from its slot to a signal or the reason why there is none."""

from __future__ import annotations

from dataclasses import dataclass

from glassdesk.adapters.bundles.strategies import load_strategy
from glassdesk.adapters.ibkr.callbook import CallBook
from glassdesk.adapters.memory.bell import MemoryBell
from glassdesk.composition.examples import example_files
from glassdesk.composition.pipelines import build_parts
from glassdesk.kernel.ids import run_id
from glassdesk.kernel.unit_of_work import Transaction
from glassdesk.workflow.market_data.model import BarSet
from glassdesk.workflow.runs.commit import load_story
from glassdesk.workflow.runs.model import Run, RunKind, RunState
from glassdesk.workflow.runs.pipeline import Pipeline
from glassdesk.workflow.schedules.model import Slot, SlotState
from tests.faults.stage import IBM, Stage

STRATEGY, SYMBOL = "ibm-reversion", "IBM"


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """How far a run came: its state and reason, the bars it took, and whether it has a signal."""

    run: Run
    bars: BarSet | None
    signal: bool


def decide(stage: Stage) -> Decided:
    """One run of the shipped strategy on IBM, now."""
    take_in(stage, STRATEGY, SYMBOL)
    run = _due(stage)
    return again(stage, run)


def again(stage: Stage, run: str) -> Decided:
    """Carry the run as far as it goes."""
    parts = build_parts(stage.ground, stage.desk, MemoryBell(), CallBook(), "worker")
    Pipeline(parts).execute(run)

    def look(t: Transaction) -> Decided:
        row, story = stage.ground.stores.runs.run(t, run), load_story(parts, t, run)
        assert row is not None
        return Decided(
            run=row,
            bars=story.bars.daily if story.bars is not None else None,
            signal=story.signal is not None,
        )

    return stage.read(look)


def take_in(stage: Stage, name: str, symbol: str) -> None:
    """A shipped strategy, enabled."""
    desk, file = stage.desk, next(one for one in example_files() if one.stem == name)
    contract = desk.contracts.resolve(symbol)
    strategy = load_strategy(
        file.read_bytes(), file=file.name, account=desk.account, resolve=lambda _: contract.conid
    )

    def deed(t: Transaction) -> None:
        desk.prompts.seed(t)
        desk.contracts.remember(t, contract)
        desk.strategies.create(t, strategy, author="owner", message="")
        desk.strategies.enable(t, strategy.name, "owner")

    stage.write(deed)


def _due(stage: Stage) -> str:
    slot, stores = stage.now, stage.ground.stores
    run = run_id(stage.desk.deployment, STRATEGY, slot, IBM)

    def deed(t: Transaction) -> None:
        due = Slot(
            strategy=STRATEGY, version=1, instant=slot, state=SlotState.RUN, reason="", created_at=slot
        )
        stores.slots.add(t, due)
        stores.runs.add(
            t,
            Run(
                run=run,
                kind=RunKind.SCHEDULED,
                strategy=STRATEGY,
                version=1,
                slot=slot,
                conid=IBM,
                symbol=SYMBOL,
                account=stage.desk.account,
                state=RunState.DUE,
                reason="",
                created_at=slot,
            ),
        )

    stage.write(deed)
    return run
