"""Answers that were got, as the file that `recorded:FILE` reads."""

from __future__ import annotations

from collections.abc import Iterable

from glassdesk.adapters.llm import Recording, write_recordings
from glassdesk.workflow.signals.calls import CallRecord, prompt_sha256


def recordings_of(records: Iterable[CallRecord]) -> tuple[str, int]:
    """The file's text and the number of answers: those that came whole, each prompt once, in one order."""
    found: dict[str, Recording] = {}
    for record in records:
        outcome, call = record.outcome, record.call
        if outcome is None or outcome.failure or call.step == "probe":
            continue
        key = prompt_sha256(call.system, call.user, call.images)
        found.setdefault(
            key, Recording(prompt=key, text=outcome.text, model=outcome.model, usage=outcome.usage)
        )
    return write_recordings(found[key] for key in sorted(found)), len(found)
