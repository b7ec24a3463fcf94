"""How a step is committed and read back: the same for every step of every run."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from glassdesk.kernel.canonical import decode_text
from glassdesk.kernel.unit_of_work import Transaction
from glassdesk.workflow.runs.model import Run, StepRow
from glassdesk.workflow.runs.outputs import OUTPUTS, STEPS, Story
from glassdesk.workflow.runs.parts import Parts
from glassdesk.workflow.runs.steps import Made

LEASE = timedelta(seconds=150)
"""Longer than the longest step: a model's 60 s and one retry of 45 s."""


def commit_step(parts: Parts, t: Transaction, run: Run, name: str, made: Made, seconds: float) -> Run:
    """Write a step's output, its node and its artifacts, and renew the claim. Raises `LeaseLost`."""
    for file in made.files:
        parts.lineage.keep(t, file.sha256, len(file.data), file.media_type)
    sources = [
        parts.lineage.record(t, kind=source.kind, entity=source.entity, content=source.content).node
        for source in made.sources
    ]
    node = parts.lineage.record(
        t,
        kind=name,
        entity=run.run,
        content=made.output,
        parents=[*made.parents, *sources],
        artifacts=[file.sha256 for file in made.files],
        run=run.run,
    )
    step = StepRow(
        run=run.run,
        number=STEPS.index(name),
        name=name,
        output=node.content,
        output_sha256=node.content_sha256,
        node=node.node,
        committed_at=parts.clock.now(),
        machine_ms=round(seconds * 1000),
    )
    parts.runs.put_step(t, run, step)
    return run


def read_back(parts: Parts, t: Transaction, run: str, name: str) -> Any:
    """One step's output as it is stored, of the type `OUTPUTS` names. Raises RuntimeError when it is not
    there."""
    row = parts.runs.step(t, run, name)
    if row is None:
        raise RuntimeError(f"step {name} of run {run} was committed and is not there")
    return decode_text(OUTPUTS[name], row.output)


def load_story(parts: Parts, t: Transaction, run: str) -> Story:
    """Everything a run committed so far, decoded from what is stored."""
    rows = {row.name: row for row in parts.runs.steps(t, run)}
    return Story(**{name: decode_text(OUTPUTS[name], row.output) for name, row in rows.items()})
