"""`runs`: decisions, and the story of one."""

from __future__ import annotations

from typing import Annotated

import typer

from glassdesk.cli.here import Here, command, step
from glassdesk.cli.show import as_json, facts, rows, said
from glassdesk.desk import Desk
from glassdesk.kernel.errors import InvalidInput
from glassdesk.kernel.ids import short
from glassdesk.kernel.unit_of_work import Transaction
from glassdesk.workflow.runs.model import Run, RunState

app = step("Decisions: one per contract and slot.")


@command(app, "list")
def list_all(
    here: Here,
    strategy: Annotated[str | None, typer.Option(help="Of one strategy only.")] = None,
    state: Annotated[str | None, typer.Option(help="In one state only, e.g. no_trade.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=10_000)] = 30,
) -> None:
    """Newest slot first."""
    states = [_state(state)] if state else None
    with here.desk() as desk, desk.transactions.read() as t:
        found = desk.runs.runs(t, strategy=strategy, states=states, limit=limit)
    rows(
        here,
        found,
        {
            "run": lambda one: short(one.run),
            "slot": lambda one: one.slot,
            "strategy": lambda one: f"{one.strategy}@{one.version}",
            "symbol": lambda one: one.symbol,
            "state": lambda one: one.state,
            "reason": lambda one: one.reason,
        },
        empty="no run yet",
    )


@command(app)
def show(here: Here, run: Annotated[str, typer.Argument(help="Its id, or eight characters of it.")]) -> None:
    """What the run read, decided and led to."""
    with here.desk() as desk, desk.transactions.read() as t:
        found = desk.runs.run(t, run)
        told = _whole(desk, t, found)
        lines = _lines(desk, t, found)
    if here.json:
        as_json(told)
    else:
        facts(here, told, lines)


def _state(text: str) -> RunState:
    try:
        return RunState(text)
    except ValueError as failure:
        names = ", ".join(state.value for state in RunState)
        raise InvalidInput(
            f"{text!r} is no state of a run", where="--state", remedy=f"one of {names}"
        ) from failure


def _whole(desk: Desk, t: Transaction, run: Run) -> dict[str, object]:
    return {
        "run": run,
        "story": desk.runs.story(t, run.run),
        "verdicts": [
            {"moment": moment, "verdict": verdict} for moment, verdict in desk.risk.verdicts(t, run.run)
        ],
        "intents": [
            {"state": state, "intent": intent} for intent, state in desk.orders.intents(t, run=run.run)
        ],
        "orders": desk.orders.orders(t, run=run.run),
        "calls": desk.lineage.calls(t, f"run:{run.run}"),
        "watchlist": desk.watchlists.seen_by(t, run.run),
    }


def _lines(desk: Desk, t: Transaction, run: Run) -> dict[str, object]:
    story = desk.runs.story(t, run.run)
    orders, seen = desk.orders.orders(t, run=run.run), desk.watchlists.seen_by(t, run.run)
    denied = [v for _, v in desk.risk.verdicts(t, run.run) if not v.passed]
    return {
        "run": run.run,
        "strategy": f"{run.strategy} version {run.version}",
        "watchlist": f"{seen.name} version {seen.version}" if seen else None,
        "symbol": run.symbol,
        "slot": run.slot,
        "state": run.state,
        "reason": run.reason,
        "last bar": f"{story.bars.daily.last.session} close {story.bars.daily.last.close}"
        if story.bars
        else None,
        "prompt": f"{story.question.rendered.name} version {story.question.rendered.number}, "
        f"{story.question.rendered.reason}"
        if story.question
        else None,
        "analyst": f"{story.answer.engine} {story.answer.model}" if story.answer else None,
        "signal": f"{story.signal.action.value}: {story.signal.reason}" if story.signal else None,
        "not passed": ", ".join(f"{v.rule} {v.observed} of {v.limit}" for v in denied),
        "orders": "; ".join(f"{short(o.order)} {o.role.value} {said(o.state)}" for o in orders),
    }
