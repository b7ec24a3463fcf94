"""Which prompts a decision asks, through the one resolver: the strategy's own, or those of the steps."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from glassdesk.kernel.errors import NotFound
from glassdesk.kernel.unit_of_work import Transaction
from glassdesk.workflow.prompts.model import Kind, PromptRef, PromptVersion, Rendered, Resolution
from glassdesk.workflow.prompts.packaged import IN_STEPS
from glassdesk.workflow.prompts.service import Prompts
from glassdesk.workflow.runs.outputs import Story
from glassdesk.workflow.signals.flow import THREE_STEPS
from glassdesk.workflow.strategies.model import Strategy


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """The prompts of one decision in the order they are asked; the last one's answer is the decision."""

    prompts: tuple[Resolution, ...]
    shown: int = -1
    """Which of them a person looks at."""

    @property
    def versions(self) -> tuple[PromptVersion, ...]:
        """Every version whose text is sent, each once."""
        found = (v for one in self.prompts for v in (one.version, one.system) if v is not None)
        return tuple({(version.name, version.number): version for version in found}.values())


def choose(prompts: Prompts, t: Transaction, strategy: Strategy, story: Story) -> Chosen:
    """What the strategy asks now. Three steps need a weekly picture: without one a single call is enough."""
    sec_type = story.preflight.contract.sec_type if story.preflight else ""
    refs: tuple[PromptRef, ...] = (strategy.prompt,)
    if strategy.policy.flow == THREE_STEPS and story.charts is not None and story.charts.weekly is not None:
        refs = strategy.step_prompts
    found = (prompts.resolve(t, ref, strategy=strategy.name, sec_type=sec_type) for ref in refs)
    return Chosen(prompts=tuple(found))


def instead(prompts: Prompts, t: Transaction, usual: Chosen, version: PromptVersion) -> Chosen:
    """The same with a version that a person chose in the place of its kind, else with it alone."""
    kinds, kind = list(IN_STEPS), _kind(prompts, t, version)
    asked = prompts.chosen(t, version, "explicit")
    if kind not in kinds or len(usual.prompts) != len(kinds):
        return Chosen(prompts=(asked,))
    at = kinds.index(kind)
    return replace(usual, prompts=(*usual.prompts[:at], asked, *usual.prompts[at + 1 :]), shown=at)


def _kind(prompts: Prompts, t: Transaction, version: PromptVersion) -> Kind:
    try:
        return prompts.prompt(t, version.name).kind
    except NotFound:
        return Kind.COMBINED


def render(prompts: Prompts, chosen: Chosen, context: Mapping[str, object]) -> tuple[Rendered, ...]:
    """Every text as it is sent, in order; a consolidation with places for the readings."""
    return tuple(prompts.render(one, context) for one in chosen.prompts)


def reads(prompts: Prompts, chosen: Chosen, variable: str) -> bool:
    """True where one of the texts reads the variable."""
    return any(prompts.uses(one, variable) for one in chosen.prompts)
