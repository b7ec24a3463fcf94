"""An analyst whose answers a test writes."""

from __future__ import annotations

from collections.abc import Callable

from glassdesk.workflow.signals.model import Question, RawAnswer


class Written:
    """The `Analyst` port over a function."""

    def __init__(self, answer: Callable[[Question], RawAnswer], engine: str = "memory") -> None:
        self.engine = engine
        self._answer = answer
        self.asked: list[Question] = []

    def ask(self, question: Question) -> RawAnswer:
        """What the function says."""
        self.asked.append(question)
        return self._answer(question)
