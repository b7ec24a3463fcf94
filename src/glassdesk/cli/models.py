"""`models`: who is asked, what it can do, what it may cost, what it was asked."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from glassdesk.cli.here import Here, command, step
from glassdesk.cli.show import done, rows
from glassdesk.composition.recordings import recordings_of
from glassdesk.kernel.ids import short
from glassdesk.workflow.signals.calls import CallRecord

app = step("Models: what they can do, what they may cost, what they were asked.")


@command(app, "list")
def list_all(here: Here) -> None:
    """Who is asked, in order, and what the last probe found."""
    with here.desk() as desk, desk.transactions.read() as t:
        found = desk.endpoints.states(t, desk.governor)
    rows(
        here,
        found,
        {
            "analyst": lambda one: one.analyst,
            "endpoint": lambda one: one.endpoint,
            "sees pictures": lambda one: one.known and one.known.sees,
            "schema enforced": lambda one: one.known and one.known.schema,
            "probed": lambda one: one.known and one.known.at,
            "left alone until": lambda one: one.resting_until,
            "last failure": lambda one: one.problem or (one.known and one.known.failure),
        },
        empty="RULES, not AI: no model is asked",
    )


@command(app)
def probe(here: Here) -> None:
    """Ask every model once, with a picture: does it see, does it keep to the schema?"""
    with here.desk() as desk:
        found = list(desk.endpoints.probe())
    rows(
        here,
        found,
        {
            "endpoint": lambda one: one.endpoint,
            "sees pictures": lambda one: one.sees,
            "schema enforced": lambda one: one.schema,
            "answered as": lambda one: one.model,
            "took ms": lambda one: one.latency_ms,
            "failure": lambda one: one.failure,
        },
        empty="RULES, not AI: no model is asked",
    )


@command(app)
def budgets(here: Here) -> None:
    """What models may cost today and this month, and what is used of it."""
    with here.desk() as desk, desk.transactions.read() as t:
        found = desk.governor.limits(t)
    rows(
        here,
        found,
        {
            "budget": lambda one: one.name,
            "used": lambda one: one.used,
            "of": lambda one: one.most,
            "unit": lambda one: one.unit,
            "share": lambda one: f"{one.share:.0%}",
        },
        empty="none",
    )


@command(app)
def calls(
    here: Here,
    run: Annotated[str, typer.Option(help="Of one run only.")] = "",
    limit: Annotated[int, typer.Option(min=1, max=10_000)] = 30,
) -> None:
    """What models were asked: newest first, or a run's in order."""
    with here.desk() as desk, desk.transactions.read() as t:
        identity = desk.runs.run(t, run).run if run else None
        found = desk.governor.calls(t, run=identity, limit=limit)
    rows(
        here,
        found,
        {
            "at": lambda one: one.call.at,
            "run": lambda one: short(one.call.run),
            "step": lambda one: f"{one.call.step} {one.call.attempt}",
            "endpoint": lambda one: one.call.endpoint,
            "tokens": _tokens,
            "cost": lambda one: one.outcome and one.outcome.cost,
            "ms": lambda one: one.outcome and one.outcome.latency_ms,
            "end": _end,
        },
        empty="no model was asked yet",
    )


def _tokens(one: CallRecord) -> str:
    if one.outcome is None:
        return f"≤ {one.call.reserved_tokens}"
    usage = one.outcome.usage
    return f"{usage.input_tokens or '?'} + {usage.output_tokens or '?'}"


def _end(one: CallRecord) -> str:
    if one.outcome is None:
        return "no end: it runs, or its process died"
    late = "late: " if one.outcome.late else ""
    return f"{late}{one.outcome.failure or one.outcome.verdict or 'answered'}"


@command(app)
def export(here: Here, file: Annotated[Path, typer.Argument(help="Where the recorded answers go.")]) -> None:
    """Write every answer that was got, for `recorded:FILE`."""
    with here.desk() as desk, desk.transactions.read() as t:
        text, count = recordings_of(desk.governor.calls(t, limit=1_000_000))
    file.write_text(text, encoding="utf-8")
    told = f"{count} answers in {file}; GLASSDESK_MODEL_URL=recorded:{file} gives them again"
    done(here, told, {"answers": count, "file": str(file)})
