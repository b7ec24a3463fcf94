"""What the prompts step needs from outside."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from glassdesk.kernel.unit_of_work import Transaction
from glassdesk.workflow.prompts.model import Move, Prompt, PromptTest, PromptVersion


class TemplateEngine(Protocol):
    """Sandboxed templates with counted limits (`design.md` §11)."""

    def variables(self, template: str) -> frozenset[str]:
        """Top-level variables the template reads. Raises `InvalidInput` with line and remedy on bad
        syntax."""
        ...

    def filters(self) -> Sequence[str]:
        """Names of the filters a template may use, sorted."""
        ...

    def unused(self, template: str) -> Sequence[tuple[str, int]]:
        """(name, line) of what the template makes and never reads. Raises `InvalidInput` on bad syntax."""
        ...

    def render(self, template: str, values: Mapping[str, object]) -> str:
        """The text. Raises `InvalidInput` on a missing value, an unknown filter or an exceeded limit, and
        says which."""
        ...


class PromptStore(Protocol):
    """Prompts, their versions, the moves of their labels and tests; all but the first are append-only."""

    def add_prompt(self, t: Transaction, prompt: Prompt) -> None:
        """Keep a new prompt. Raises `Conflict` when the name is taken."""
        ...

    def change_prompt(self, t: Transaction, prompt: Prompt) -> None:
        """Replace the edition before `prompt.edition`. Raises `Conflict` when another one is there."""
        ...

    def prompt(self, t: Transaction, name: str) -> Prompt | None:
        """One prompt."""
        ...

    def prompts(self, t: Transaction) -> Sequence[Prompt]:
        """All prompts by name, archived ones included."""
        ...

    def add_version(self, t: Transaction, version: PromptVersion) -> None:
        """Append. Raises `Conflict` when (name, number) exists."""
        ...

    def version(self, t: Transaction, name: str, number: int) -> PromptVersion | None:
        """One version."""
        ...

    def versions(self, t: Transaction, name: str) -> Sequence[PromptVersion]:
        """All of a prompt, oldest first."""
        ...

    def newest(self, t: Transaction) -> Sequence[PromptVersion]:
        """The newest version of each prompt, by name."""
        ...

    def add_move(self, t: Transaction, move: Move) -> None:
        """Append. Raises `Conflict` when somebody else moved the label first."""
        ...

    def moves(self, t: Transaction, name: str | None = None) -> Sequence[Move]:
        """All moves of a prompt, or of all prompts, each label's oldest first."""
        ...

    def add_test(self, t: Transaction, test: PromptTest) -> None:
        """Append. Raises `Conflict` where the version has a test of that number."""
        ...

    def tests(self, t: Transaction, name: str) -> Sequence[PromptTest]:
        """All tests of a prompt's versions, each version's oldest first."""
        ...
