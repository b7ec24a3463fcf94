"""`signals`: what the analyst answered, checked."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import typer

from glassdesk.cli.here import Here, command, step
from glassdesk.cli.show import facts, rows
from glassdesk.kernel.canonical import plain
from glassdesk.kernel.errors import NotFound
from glassdesk.kernel.ids import short
from glassdesk.workflow.signals.beside import Beside, beside, reading_score
from glassdesk.workflow.signals.calls import CallRecord
from glassdesk.workflow.signals.model import RawAnswer, SignalRow
from glassdesk.workflow.signals.rules.analyst import ENGINE as RULES

app = step("What the analyst answered, checked.")


@command(app, "list")
def list_all(
    here: Here,
    strategy: Annotated[str | None, typer.Option(help="Of one strategy only.")] = None,
    symbol: Annotated[str | None, typer.Option(help="Of one contract only.")] = None,
    latest: Annotated[bool, typer.Option("--latest", help="The newest of each contract.")] = False,
    limit: Annotated[int, typer.Option(min=1, max=10_000)] = 30,
) -> None:
    """Newest slot first."""
    with here.desk() as desk, desk.transactions.read() as t:
        conid = desk.contracts.by_symbol(t, symbol).conid if symbol else None
        if latest:
            newest = desk.signals.latest(t, strategy=strategy)
            found: Sequence[SignalRow] = [one for one in newest if conid in (None, one.conid)][:limit]
        else:
            found = desk.signals.recent(t, strategy=strategy, conid=conid, limit=limit)
    rows(
        here,
        found,
        {
            "run": lambda one: short(one.signal.run),
            "slot": lambda one: one.slot,
            "strategy": lambda one: one.strategy,
            "symbol": lambda one: one.signal.symbol,
            "action": lambda one: one.signal.action,
            "reason": lambda one: one.signal.reason,
            "analyst": lambda one: one.signal.engine,
        },
        empty="no signal yet",
    )


@command(app)
def show(
    here: Here, run: Annotated[str, typer.Argument(help="The run's id, or eight characters of it.")]
) -> None:
    """One signal: prices, what was said beside what is true, every check, and what it cost."""
    with here.desk() as desk, desk.transactions.read() as t:
        found = desk.runs.run(t, run)
        row = desk.signals.of_run(t, found.run)
        story = desk.runs.story(t, found.run)
        calls = desk.governor.calls(t, run=found.run)
        worth = desk.scoreboard.probability(t, found.run, row.signal.confidence) if row else ""
    if row is None:
        raise NotFound(
            f"run {short(found.run)} has no signal", where="run", remedy=found.reason or "it goes on still"
        )
    claims = beside(story.answer, story.question.facts) if story.answer and story.question else ()
    shown = _prices(row) | _analyst(row, story.answer, worth) | _claims(claims) | _calls(calls) | _checks(row)
    whole = {**plain(row), "claims": claims, "calls": calls}
    facts(here, whole, shown)


def _prices(row: SignalRow) -> dict[str, object]:
    signal = row.signal
    return {
        "symbol": signal.symbol,
        "slot": row.slot,
        "action": signal.action,
        "reason": signal.reason,
        "last bar": f"{signal.last_bar} close {signal.last_close}",
        "entry at most": signal.entry_high,
        "stop": signal.stop,
        "target": signal.target,
        "reward / risk": signal.r_multiple,
    }


def _analyst(row: SignalRow, raw: RawAnswer | None, worth: str) -> dict[str, object]:
    signal, score = row.signal, reading_score(row.signal.checks)
    engine = "RULES, not AI" if signal.engine == RULES else signal.engine
    return {
        "analyst": f"{engine} {signal.model}",
        "chart read": None if score is None else f"{score:.0%} of the reading rules",
        "confidence said": signal.confidence,
        "confidence calibrated": worth or None,
        "cost": raw.cost if raw else None,
        "rationale": signal.rationale,
        "bars": "; ".join(signal.data) or "nothing to doubt",
    }


def _claims(claims: tuple[Beside, ...]) -> dict[str, object]:
    """What was said, what is true, and whether they agree."""
    return {
        f"  {number:02} {one.what}": f"said {one.said or '–'}, is {one.true}"
        f"{'' if one.agrees else '   << differs'}"
        for number, one in enumerate(claims, start=1)
    }


def _calls(calls: Sequence[CallRecord]) -> dict[str, object]:
    return {f"  call {number} {one.call.step}": _ended(one) for number, one in enumerate(calls, start=1)}


def _ended(one: CallRecord) -> str:
    if one.outcome is None:
        return f"{one.call.endpoint}: no end, {one.call.reserved} USD reserved"
    end, usage = one.outcome, one.outcome.usage
    cost = "cost unknown" if end.cost is None else f"{end.cost} USD"
    told = end.failure or end.verdict or "answered"
    return (
        f"{end.endpoint} as {end.model}: {usage.input_tokens} + {usage.output_tokens} tokens, {cost}, "
        f"{end.latency_ms} ms: {told}"
    )


def _checks(row: SignalRow) -> dict[str, object]:
    return {
        f"  {check.rule}": f"{'passed' if check.passed else check.effect}: {check.detail}"
        for check in row.signal.checks
    }
