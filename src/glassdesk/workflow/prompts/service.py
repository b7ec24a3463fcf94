"""Verbs of the prompts step: save, label, resolve, render."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from importlib import resources

from glassdesk.kernel.canonical import digest
from glassdesk.kernel.clock import Clock
from glassdesk.kernel.errors import Conflict, IntegrityViolation, InvalidInput, NotFound
from glassdesk.kernel.unit_of_work import Transaction
from glassdesk.workflow.lineage.audit import Audit
from glassdesk.workflow.prompts import bundle, catalogue, checking, diff
from glassdesk.workflow.prompts.model import PromptRef, PromptVersion, Rendered
from glassdesk.workflow.prompts.ports import PromptStore, TemplateEngine

LABELS = ("draft", "shadow", "paper", "live")
"""Where a version may stand; a strategy follows one of them."""

SYSTEM_ACTOR = "glassdesk"
"""Author of the packaged prompts."""

_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
_LANGUAGE = re.compile(r"[a-z]{2}(-[A-Za-z0-9]{2,8})?")


def prompt_sha256(language: str, system: str, body: str) -> str:
    """The identity of a prompt's text, whatever it is called."""
    return digest({"language": language, "system": system, "body": body})


class Prompts:
    """Immutable versions, labels that point at them, rendering. Every act leaves an audit row (`T-77`)."""

    def __init__(self, store: PromptStore, engine: TemplateEngine, audit: Audit, clock: Clock) -> None:
        self._store = store
        self._engine = engine
        self._audit = audit
        self._clock = clock

    def names(self, t: Transaction) -> Sequence[str]:
        """All prompts, sorted."""
        return self._store.names(t)

    def versions(self, t: Transaction, name: str) -> Sequence[PromptVersion]:
        """All versions, oldest first. Raises `NotFound`."""
        found = self._store.versions(t, name)
        if not found:
            known = ", ".join(self._store.names(t)) or "none yet"
            raise NotFound(f"there is no prompt {name!r}", where="name", remedy=f"prompts: {known}")
        return found

    def version(self, t: Transaction, name: str, number: int) -> PromptVersion:
        """One version. Raises `NotFound`."""
        found = self._store.version(t, name, number)
        if found is None:
            last = self.versions(t, name)[-1].number
            raise NotFound(f"{name!r} has no version {number}", where="number", remedy=f"1 to {last}")
        return found

    def labels(self, t: Transaction, name: str) -> Mapping[str, int]:
        """Which label points at which version."""
        return self._store.labels(t, name)

    def catalogue(self) -> tuple[catalogue.Variable, ...]:
        """Every variable a prompt may use."""
        return catalogue.CATALOGUE

    def check(self, system: str, body: str) -> None:
        """Raises `InvalidInput` naming part, line, what is wrong and the nearest right name."""
        checking.check(self._engine, system, body)

    def create(
        self, t: Transaction, name: str, language: str, system: str, body: str, message: str, author: str
    ) -> PromptVersion:
        """Version 1 of a new prompt, labelled `draft`. Raises `InvalidInput`, or `Conflict`: name taken."""
        _check_names(name, language)
        if self._store.versions(t, name):
            raise Conflict(
                f"the prompt {name!r} exists", where="name", remedy="revise it, or take another name"
            )
        return self._add(t, None, self._make(name, 1, language, system, body, message, author))

    def revise(
        self,
        t: Transaction,
        name: str,
        system: str,
        body: str,
        message: str,
        author: str,
        *,
        base: int | None = None,
    ) -> PromptVersion:
        """The next version, labelled `draft`; no other label moves. `base` is the version the author opened.

        Raises `InvalidInput`, `NotFound`, or `Conflict` when somebody saved meanwhile or nothing changed.
        """
        last = self.versions(t, name)[-1]
        if base is not None and base != last.number:
            raise Conflict(
                f"version {last.number} by {last.author} was saved after you opened version {base}",
                where="base",
                remedy="compare the two and save again",
            )
        made = self._make(name, last.number + 1, last.language, system, body, message, author)
        if made.sha256 == last.sha256:
            raise Conflict(f"version {last.number} reads exactly so already", where="body")
        return self._add(t, last, made)

    def clone(self, t: Transaction, name: str, number: int, new_name: str, author: str) -> PromptVersion:
        """A new prompt with the text of a version."""
        origin = self.version(t, name, number)
        message = f"Copy of {name} version {number}"
        return self.create(t, new_name, origin.language, origin.system, origin.body, message, author)

    def label(self, t: Transaction, name: str, label: str, number: int, actor: str) -> None:
        """Point `label` at a version; going back is the same act. Raises `InvalidInput` or `NotFound`."""
        if label not in LABELS:
            raise InvalidInput(
                f"there is no label {label!r}", where="label", remedy=f"one of {', '.join(LABELS)}"
            )
        after = self.version(t, name, number)
        before = self._store.labels(t, name).get(label)
        if before == number:
            return
        self._store.put_label(t, name, label, number)
        self._audit.append(
            t,
            actor,
            "prompt.label",
            f"{name}:{label}",
            {
                "before": None if before is None else self._pointer(self.version(t, name, before)),
                "after": self._pointer(after),
            },
        )

    def resolve(self, t: Transaction, ref: PromptRef) -> tuple[PromptVersion, str]:
        """The version a strategy means now, and why: `fixed` or `label live`. Raises `NotFound`."""
        if ref.number is not None:
            return self.version(t, ref.name, ref.number), "fixed"
        self.versions(t, ref.name)
        labels = self._store.labels(t, ref.name)
        if ref.label not in labels:
            there = ", ".join(f"{label} → {number}" for label, number in sorted(labels.items()))
            raise NotFound(
                f"the label {ref.label!r} of {ref.name!r} points nowhere",
                where="prompt",
                remedy=f"label a version; now: {there}",
            )
        return self.version(t, ref.name, labels[ref.label]), f"label {ref.label}"

    def render(self, version: PromptVersion, reason: str, context: Mapping[str, object]) -> Rendered:
        """What the model is sent, word for word. Raises `InvalidInput`, or `IntegrityViolation`."""
        if prompt_sha256(version.language, version.system, version.body) != version.sha256:
            raise IntegrityViolation(
                f"{version.name} version {version.number} is not what was saved", where="prompt"
            )
        return Rendered(
            name=version.name,
            number=version.number,
            prompt_sha256=version.sha256,
            reason=reason,
            system=self._engine.render(version.system, context),
            user=self._engine.render(version.body, context),
        )

    def preview(self, version: PromptVersion, context: Mapping[str, object] | None = None) -> Rendered:
        """Rendered on a context, else on the catalogue's examples."""
        return self.render(version, "preview", catalogue.sample() if context is None else context)

    def compare(self, t: Transaction, name: str, before: int, after: int) -> str:
        """A unified diff of two versions; empty when they read the same."""
        return diff.compare(self.version(t, name, before), self.version(t, name, after))

    def export(self, t: Transaction, name: str, number: int) -> str:
        """A version as one text file."""
        return bundle.export(self.version(t, name, number))

    def take_in(self, t: Transaction, text: str, author: str) -> PromptVersion:
        """A prompt file as a new prompt, or as the next version of the one with its name; the same text again
        changes nothing. Raises `InvalidInput`."""
        file = bundle.parse(text)
        hashed = prompt_sha256(file.language, _normal(file.system), _normal(file.body))
        if file.sha256 and file.sha256 != hashed:
            raise InvalidInput("the text is not what was exported", where="sha256", remedy="remove that line")
        there = self._store.versions(t, file.name)
        if there and there[-1].sha256 == hashed:
            return there[-1]
        if there and there[-1].language != file.language:
            raise InvalidInput(f"{file.name!r} is written in {there[-1].language}", where="language")
        message = file.message or "Taken in from a file"
        if there:
            return self.revise(t, file.name, file.system, file.body, message, author)
        return self.create(t, file.name, file.language, file.system, file.body, message, author)

    def seed(self, t: Transaction) -> None:
        """The packaged prompts, unless a prompt of that name exists; safe to run again."""
        for text in packaged():
            name = bundle.parse(text).name
            if self._store.versions(t, name):
                continue
            made = self.take_in(t, text, SYSTEM_ACTOR)
            for label in LABELS:
                self.label(t, name, label, made.number, SYSTEM_ACTOR)

    def _make(
        self, name: str, number: int, language: str, system: str, body: str, message: str, author: str
    ) -> PromptVersion:
        system, body = _normal(system), _normal(body)
        self.check(system, body)
        return PromptVersion(
            name=name,
            number=number,
            language=language,
            system=system,
            body=body,
            sha256=prompt_sha256(language, system, body),
            message=message.strip()[:500],
            author=author,
            created_at=self._clock.now(),
        )

    def _add(self, t: Transaction, before: PromptVersion | None, made: PromptVersion) -> PromptVersion:
        self._store.add_version(t, made)
        self._audit.append(
            t,
            made.author,
            "prompt.version",
            f"{made.name}@{made.number}",
            {"before": None if before is None else self._pointer(before), "after": self._pointer(made)},
        )
        self.label(t, made.name, "draft", made.number, made.author)
        return made

    @staticmethod
    def _pointer(version: PromptVersion) -> dict[str, object]:
        return {"number": version.number, "sha256": version.sha256}


def packaged() -> tuple[str, ...]:
    """The texts of the prompts that come with the program, by file name."""
    folder = resources.files("glassdesk.workflow.prompts").joinpath("packaged")
    files = sorted(
        (file for file in folder.iterdir() if file.name.endswith(".md")), key=lambda file: file.name
    )
    return tuple(file.read_text(encoding="utf-8") for file in files)


def _normal(text: str) -> str:
    # A browser sends CRLF, an editor LF: the same text must be the same version.
    return text.replace("\r\n", "\n").replace("\r", "\n").rstrip("\n") + "\n"


def _check_names(name: str, language: str) -> None:
    if not _NAME.fullmatch(name):
        raise InvalidInput(
            f"{name!r:.60} is no name for a prompt",
            where="name",
            remedy="up to 40 of a-z, 0-9 and -, beginning with a letter or digit",
        )
    if not _LANGUAGE.fullmatch(language):
        raise InvalidInput(
            f"{language!r:.20} is no language", where="language", remedy="for example en or zh-Hant"
        )
