"""Mutants of the stream."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from glassdesk.adapters.ibkr import stream
from glassdesk.adapters.ibkr.gate import Gate
from glassdesk.adapters.ibkr.stream import Stream
from glassdesk.workflow.dealing.facts_part import FactsPart
from glassdesk.workflow.dealing.reconcile import Reconcile
from glassdesk.workflow.dealing.reign import Reign
from tests.faults.mutants.mutant import Mutant


def _silence_is_fine(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(stream, "_DEAD_SECONDS", float("inf"))


def _one_line_for_ever(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Stream, "_status", lambda *_: None)
    patch.setattr(Gate, "sessions_seen", property(lambda _: 0))


def _silence_means_nothing_happened(patch: pytest.MonkeyPatch) -> None:
    pause = FactsPart._pause

    def trusting(self: FactsPart, reign: Reign, now: datetime) -> timedelta | None:
        hints = self._parts.broker.hints
        rests = reign.changed_at is not None and now - reign.changed_at > timedelta(minutes=2)
        return None if rests and hints is not None and hints.flowing else pause(self, reign, now)

    patch.setattr(FactsPart, "_pause", trusting)
    patch.setattr(Reconcile, "_pause", lambda *_: None)


MUTANTS: tuple[Mutant, ...] = (
    Mutant(number=77, about="a line that says nothing is a line", undo=_silence_is_fine),
    Mutant(number=78, about="one line for every session", undo=_one_line_for_ever),
    Mutant(
        number=79,
        about="what the stream does not tell has not happened",
        undo=_silence_means_nothing_happened,
    ),
)
