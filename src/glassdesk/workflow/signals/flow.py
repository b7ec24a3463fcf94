"""Which calls make a decision: one with all pictures, or three steps (R-81, R-111)."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from glassdesk.workflow.signals.calls import Prompt
from glassdesk.workflow.signals.model import Question

THREE_STEPS = "three_steps"

PLACES = {"daily": "\u27e6daily reading\u27e7", "weekly": "\u27e6weekly reading\u27e7"}
"""Stands in a consolidation's text where a reading comes in, once there is one."""

_PLACE = re.compile("|".join(PLACES.values()))
_NAME_AT = {place: name for name, place in PLACES.items()}
_MOST = 12_000


@dataclass(frozen=True, slots=True, kw_only=True)
class FlowStep:
    """One call of a decision; its prompt may quote what earlier steps answered."""

    name: str
    prompt: Callable[[Mapping[str, str]], Prompt]


def steps_of(question: Question, max_output: int) -> tuple[FlowStep, ...]:
    """The calls in order; the last one's answer is the decision."""

    def prompt(system: str, user: str, images: tuple[bytes, ...]) -> Prompt:
        return Prompt(system=system, user=user, images=images, max_output=max_output)

    def joining(said: Mapping[str, str]) -> Prompt:
        return prompt(question.system, joined(question.user, said), ())

    if not question.readings:
        whole = prompt(question.system, question.user, question.images)
        return (FlowStep(name="combined", prompt=lambda said: whole),)
    first = tuple(
        _step(reading.name, prompt(reading.system, reading.user, question.images[at : at + 1]))
        for at, reading in enumerate(question.readings)
    )
    return (*first, FlowStep(name="consolidation", prompt=joining))


def _step(name: str, prompt: Prompt) -> FlowStep:
    return FlowStep(name=name, prompt=lambda said: prompt)


def joined(user: str, said: Mapping[str, str]) -> str:
    """A consolidation's text with the readings in their places, as data: none can close its quotation, and
    what stands in one is no place for another."""
    return _PLACE.sub(lambda place: _quoted(said[_NAME_AT[place[0]]]), user)


def _quoted(text: str) -> str:
    harmless = text[:_MOST].replace("```", "'''")
    return f"```json\n{harmless}\n```"
