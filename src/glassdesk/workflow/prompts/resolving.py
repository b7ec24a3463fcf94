"""The one resolver: explicit version → strategy → class of contracts → label for all → packaged file."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from glassdesk.kernel.errors import NotFound
from glassdesk.kernel.unit_of_work import Transaction
from glassdesk.workflow.prompts.model import PromptRef, PromptVersion, Resolution
from glassdesk.workflow.prompts.pointers import class_scope, pointers, said, strategy_scope
from glassdesk.workflow.prompts.ports import PromptStore

Packaged = Callable[[str], PromptVersion | None]
"""The version that comes with the program under a name."""


class Resolver:
    """Reads only. Every path asks here: runs, previews, replays."""

    def __init__(self, store: PromptStore, packaged: Packaged) -> None:
        self._store = store
        self._packaged = packaged

    def resolve(self, t: Transaction, ref: PromptRef, strategy: str, sec_type: str) -> Resolution:
        """The version `ref` means now, its shared system part, and why. Raises `NotFound`."""
        version, reason = self._version(t, ref, strategy, sec_type)
        return Resolution(
            version=version, reason=reason, system=self.system_of(t, version, ref.label, strategy, sec_type)
        )

    def system_of(
        self, t: Transaction, version: PromptVersion, label: str, strategy: str, sec_type: str
    ) -> PromptVersion | None:
        """The shared system part that a version names; `None` where it has its own. Raises `NotFound`."""
        if not version.system_prompt:
            return None
        ref = PromptRef(name=version.system_prompt, label=label)
        return self._version(t, ref, strategy, sec_type)[0]

    def _version(
        self, t: Transaction, ref: PromptRef, strategy: str, sec_type: str
    ) -> tuple[PromptVersion, str]:
        if ref.number is not None:
            return self.fixed(t, ref.name, ref.number), "fixed"
        found = self._labelled(t, ref.name, ref.label, strategy, sec_type)
        return found or self._instead(t, ref, strategy, sec_type)

    def fixed(self, t: Transaction, name: str, number: int) -> PromptVersion:
        """One version. Raises `NotFound`."""
        found = self._store.version(t, name, number)
        if found is None:
            last = self.known(t, name).number
            raise NotFound(f"{name!r} has no version {number}", where="number", remedy=f"1 to {last}")
        return found

    def _labelled(
        self, t: Transaction, name: str, label: str, strategy: str, sec_type: str
    ) -> tuple[PromptVersion, str] | None:
        there = pointers(self._store.moves(t, name))
        for scope in (strategy_scope(strategy), class_scope(sec_type), ""):
            if number := there.get((scope, label)):
                return self.fixed(t, name, number), f"label {label}{said(scope)}"
        return None

    def _instead(
        self, t: Transaction, ref: PromptRef, strategy: str, sec_type: str
    ) -> tuple[PromptVersion, str]:
        """A translation falls back to its original, a packaged prompt to its file; both tell (R-14)."""
        prompt = self._store.prompt(t, ref.name)
        why = f"the label {ref.label!r} of {ref.name!r} points nowhere"
        if prompt is not None and prompt.translation_of:
            found = self._labelled(t, prompt.translation_of, ref.label, strategy, sec_type)
            if found is not None:
                return found[0], f"{found[1]} of the original: {why}"
        file = self._packaged(ref.name)
        if file is not None:
            return file, f"packaged file: {why}"
        self.known(t, ref.name)
        raise NotFound(why, where="prompt", remedy=f"label a version; now: {self._said(t, ref.name)}")

    def known(self, t: Transaction, name: str) -> PromptVersion:
        """The newest version. Raises `NotFound` naming the prompts there are."""
        found = self._store.versions(t, name)
        if not found:
            known = ", ".join(one.name for one in self._store.prompts(t)) or "none yet"
            raise NotFound(f"there is no prompt {name!r}", where="name", remedy=f"prompts: {known}")
        return found[-1]

    def _said(self, t: Transaction, name: str) -> str:
        there: Mapping[tuple[str, str], int] = pointers(self._store.moves(t, name))
        return ", ".join(f"{label}{said(scope)} → {number}" for (scope, label), number in there.items())
