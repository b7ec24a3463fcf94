"""What must be so before a version goes live: tested, or said why not; with real money, said twice (R-38)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from glassdesk.kernel.errors import Conflict
from glassdesk.workflow.prompts.model import PromptTest, PromptVersion

UNTESTED = "untested, because "
"""A reason that begins so stands in for a test."""

LIVE = "live"


@dataclass(frozen=True, slots=True, kw_only=True)
class Gate:
    """Guards the label `live`, for all and for each scope. A rollback passes: it was live before."""

    asks_models: bool = False
    """A model reads prompts on this desk. The rules read none: where they decide alone, nothing is tested."""
    real_money: bool = False

    def check(
        self,
        version: PromptVersion,
        test: PromptTest | None,
        *,
        reason: str,
        followers: Sequence[str],
        sure: bool,
    ) -> None:
        """Raises `Conflict` naming what is missing and how to go on."""
        name = f"{version.name}@{version.number}"
        if test is not None and not test.passed:
            problem = f"{name} failed its last test, on run {test.run[:8]}: {test.problem}"
            raise Conflict(problem, where="label", remedy=f"revise it, or test it again: prompts test {name}")
        if self.asks_models and test is None and not _excused(reason):
            problem = f"{name} was not tested"
            remedy = f'prompts test {name} --run RUN, or give a reason that begins with "{UNTESTED.strip()}"'
            raise Conflict(problem, where="label", remedy=remedy)
        if self.real_money and followers and not sure:
            problem = f"{', '.join(followers)} trades real money and would be asked with it"
            raise Conflict(problem, where="sure", remedy="say yes to that")


def _excused(reason: str) -> bool:
    said = reason.strip().lower()
    return said.startswith(UNTESTED) and len(said) > len(UNTESTED)
