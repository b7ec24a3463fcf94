"""An analyst whose answers are written beforehand; legal everywhere as `memory:`, useful in tests."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from glassdesk.workflow.signals.model import Question, RawAnswer

ENGINE = "memory"

Script = Callable[[Question], RawAnswer | str]


def _nothing(question: Question) -> RawAnswer:
    return RawAnswer(text="", engine=ENGINE, model=ENGINE, failure="no answer was scripted")


class Scripted:
    """The `Analyst` port. Without a script every answer is a failure: nothing is ever made up (X-1)."""

    engine = ENGINE

    def __init__(self, script: Script = _nothing) -> None:
        self._script = script
        self.asked: list[Question] = []

    def ask(self, question: Question) -> RawAnswer:
        """What the script says; a text becomes the answer's text."""
        self.asked.append(question)
        said = self._script(question)
        raw = RawAnswer(text=said, engine=ENGINE, model=ENGINE) if isinstance(said, str) else said
        return replace(raw, engine=ENGINE)
