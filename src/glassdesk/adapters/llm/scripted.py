"""A model whose answers are written beforehand; legal everywhere as `memory:`, useful in tests."""

from __future__ import annotations

from collections.abc import Callable

from glassdesk.workflow.signals.calls import Prompt, Reply

ENGINE = "memory"

Script = Callable[[Prompt], Reply | str]


def _nothing(prompt: Prompt) -> Reply:
    return Reply(failure="no answer was scripted")


class Scripted:
    """The `Model` port. Without a script every answer is a failure: nothing is ever made up (X-1)."""

    engine = ENGINE
    model = ENGINE
    endpoint = ENGINE
    parameters: tuple[tuple[str, str], ...] = ()

    def __init__(self, script: Script = _nothing) -> None:
        self._script = script
        self.asked: list[Prompt] = []

    def ask(self, prompt: Prompt, seconds: float) -> Reply:
        """What the script says; a text becomes the answer's text."""
        self.asked.append(prompt)
        said = self._script(prompt)
        return Reply(text=said, model=ENGINE) if isinstance(said, str) else said
