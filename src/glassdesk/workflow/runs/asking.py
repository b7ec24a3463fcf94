"""The question of a run as an analyst gets it: one place for a decision, its recomputation and a replay."""

from __future__ import annotations

from glassdesk.workflow.lineage.ports import ArtifactStore
from glassdesk.workflow.runs.model import Run
from glassdesk.workflow.runs.outputs import Story
from glassdesk.workflow.signals.flow import PLACES
from glassdesk.workflow.signals.model import Question, Reading
from glassdesk.workflow.strategies.model import Strategy


def question_of(artifacts: ArtifactStore, run: Run, strategy: Strategy, story: Story) -> Question:
    """Images included. Raises RuntimeError where the run has no question."""
    asked = story.question
    if asked is None:
        raise RuntimeError("a step ran before the step it reads")
    return Question(
        run=run.run,
        facts=asked.facts,
        policy=strategy.policy,
        system=asked.rendered.system,
        user=asked.rendered.user,
        images=tuple(artifacts.get(sha256) for sha256 in asked.images),
        strategy=strategy.name,
        readings=tuple(
            Reading(name=name, system=one.system, user=one.user)
            for name, one in zip(PLACES, asked.readings, strict=False)
        ),
    )
