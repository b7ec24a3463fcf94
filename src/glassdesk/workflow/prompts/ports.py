"""What the prompts step needs from outside."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from glassdesk.kernel.unit_of_work import Transaction
from glassdesk.workflow.prompts.model import PromptVersion


class TemplateEngine(Protocol):
    """Sandboxed templates with counted limits (`design.md` §11)."""

    def variables(self, template: str) -> frozenset[str]:
        """Top-level variables the template reads. Raises `InvalidInput` with line and remedy on bad
        syntax."""
        ...

    def render(self, template: str, values: Mapping[str, object]) -> str:
        """The text. Raises `InvalidInput` on a missing value, an unknown filter or an exceeded limit, and
        says which."""
        ...


class PromptStore(Protocol):
    """Versions (append-only) and labels."""

    def add_version(self, t: Transaction, version: PromptVersion) -> None:
        """Append. Raises `Conflict` when (name, number) exists."""
        ...

    def version(self, t: Transaction, name: str, number: int) -> PromptVersion | None:
        """One version."""
        ...

    def versions(self, t: Transaction, name: str) -> Sequence[PromptVersion]:
        """All of a prompt, oldest first."""
        ...

    def names(self, t: Transaction) -> Sequence[str]:
        """All prompts, sorted."""
        ...

    def put_label(self, t: Transaction, name: str, label: str, number: int) -> None:
        """Point a label at a version."""
        ...

    def labels(self, t: Transaction, name: str) -> Mapping[str, int]:
        """Labels of a prompt."""
        ...
