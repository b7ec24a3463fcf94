"""Verbs of the prompts step: save, label, resolve, render, find, archive, carry in and out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from glassdesk.kernel.errors import IntegrityViolation, InvalidInput
from glassdesk.kernel.unit_of_work import Transaction
from glassdesk.workflow.prompts import bundle, catalogue, diff
from glassdesk.workflow.prompts.keeping import Keeping
from glassdesk.workflow.prompts.lint import Finding, lint
from glassdesk.workflow.prompts.model import (
    Kind,
    PromptRef,
    PromptVersion,
    Rendered,
    Resolution,
)
from glassdesk.workflow.prompts.packaged import ACTOR as SYSTEM_ACTOR
from glassdesk.workflow.prompts.packaged import in_order, packaged
from glassdesk.workflow.prompts.pointers import LABELS, check_label
from glassdesk.workflow.prompts.writing import normal, prompt_sha256


class Prompts(Keeping):
    """Immutable versions, labels that point at them, rendering. Every act leaves an audit row (`T-77`)."""

    def resolve(
        self, t: Transaction, ref: PromptRef, *, strategy: str = "", sec_type: str = ""
    ) -> Resolution:
        """The version that a strategy means now for a class of contracts, and why. Raises `NotFound`."""
        return self._resolver.resolve(t, ref, strategy, sec_type)

    def named(self, t: Transaction, text: str) -> PromptVersion:
        """The version that a person names: NAME (the newest), NAME@NUMBER or NAME@LABEL. Raises `NotFound` or
        `InvalidInput`."""
        name, at, which = text.partition("@")
        if not at:
            return self.versions(t, name)[-1]
        if which.isdecimal():
            return self.version(t, name, int(which))
        check_label(which)
        return self.resolve(t, PromptRef(name=name, label=which)).version

    def chosen(self, t: Transaction, version: PromptVersion, reason: str, label: str = "live") -> Resolution:
        """A version that a person chose, with the shared system part it has under `label`."""
        system = self._resolver.system_of(t, version, label, "", "")
        return Resolution(version=version, reason=reason, system=system)

    def render(self, found: Resolution, context: Mapping[str, object]) -> Rendered:
        """What the model is sent, word for word. Raises `InvalidInput`, or `IntegrityViolation`."""
        version, shared = found.version, found.system
        for one in (version, shared):
            if one is not None and _hash(one) != one.sha256:
                problem = f"{one.name} version {one.number} is not what was saved"
                raise IntegrityViolation(problem, where="prompt")
        return Rendered(
            name=version.name,
            number=version.number,
            prompt_sha256=version.sha256,
            reason=found.reason,
            system=self._engine.render((shared or version).system, context),
            user=self._engine.render(version.body, context),
            language=version.language,
            system_name=shared.name if shared else "",
            system_number=shared.number if shared else None,
            system_sha256=shared.sha256 if shared else "",
        )

    def preview(self, found: Resolution, context: Mapping[str, object] | None = None) -> Rendered:
        """Rendered on a context, else on the catalogue's examples."""
        return self.render(found, catalogue.sample() if context is None else context)

    def uses(self, found: Resolution, variable: str) -> bool:
        """True where a text that would be sent reads the variable."""
        texts = [found.version.body, (found.system or found.version).system]
        return any(variable in self._engine.variables(text) for text in texts)

    def lint(self, t: Transaction, version: PromptVersion) -> tuple[Finding, ...]:
        """Every error and warning about a kept version."""
        prompt = self.prompt(t, version.name)
        return self.lint_text(t, version.system, version.body, prompt.kind, version.system_prompt)

    def lint_text(
        self, t: Transaction, system: str, body: str, kind: Kind, system_prompt: str = ""
    ) -> tuple[Finding, ...]:
        """Every error and warning about a text that is not kept yet. Raises `NotFound`."""
        shared = self.versions(t, system_prompt)[-1].system if system_prompt else None
        return lint(self._engine, normal(system), normal(body), kind, shared)

    def compare(self, before: PromptVersion, after: PromptVersion) -> str:
        """A unified diff of texts and answer schema; empty when they read the same."""
        return diff.compare(before, after)

    def export(self, t: Transaction, name: str, number: int) -> str:
        """A version as one text file."""
        return bundle.export(self.version(t, name, number), self.prompt(t, name))

    def export_all(self, t: Transaction) -> Mapping[str, str]:
        """File name → text: the newest version of every prompt that is not archived."""
        return {
            f"{name}.md": self.export(t, name, self.versions(t, name)[-1].number) for name in self.names(t)
        }

    def plan(self, t: Transaction, text: str) -> Mapping[str, str]:
        """What `take_in` would do with a file: `name`, `would`. Raises `InvalidInput`."""
        file = bundle.parse(text)
        self.check(file.system, file.body, file.kind, file.system_prompt)
        hashed = prompt_sha256(file.language, normal(file.system), normal(file.body), file.system_prompt)
        there = self._store.versions(t, file.name)
        if not there:
            return {"name": file.name, "would": "be a new prompt"}
        same = there[-1].sha256 == hashed
        last = there[-1].number
        would = f"change nothing: version {last} reads so" if same else f"be version {last + 1}"
        return {"name": file.name, "would": would}

    def take_in_all(self, t: Transaction, texts: Sequence[str], author: str) -> Sequence[PromptVersion]:
        """`take_in` of several files in whatever order they come."""
        return [self.take_in(t, text, author) for text in in_order(texts)]

    def take_in(self, t: Transaction, text: str, author: str) -> PromptVersion:
        """A prompt file as a new prompt, or as the next version of the one with its name; the same text again
        changes nothing. Raises `InvalidInput`."""
        file = bundle.parse(text)
        system, body = normal(file.system), normal(file.body)
        hashed = prompt_sha256(file.language, system, body, file.system_prompt)
        if file.sha256 and file.sha256 != hashed:
            raise InvalidInput("the text is not what was exported", where="sha256", remedy="remove that line")
        there = self._store.versions(t, file.name)
        message = file.message or ("" if file.sha256 else "Taken in from a file")
        if not there:
            return self.create(
                t, file.name, file.language, system, body, message, author,
                kind=file.kind, system_prompt=file.system_prompt, translation_of=file.translation_of,
                translates=file.translates, tags=file.tags, notes=file.notes,
            )  # fmt: skip
        self._same_sort(t, file, there[-1])
        if there[-1].sha256 == hashed and file.translates in ("", there[-1].translates):
            return there[-1]
        return self.revise(
            t, file.name, system, body, message, author,
            system_prompt=file.system_prompt, translates=file.translates or None,
        )  # fmt: skip

    def _same_sort(self, t: Transaction, file: bundle.PromptText, last: PromptVersion) -> None:
        prompt = self.prompt(t, file.name)
        if last.language != file.language:
            raise InvalidInput(f"{file.name!r} is written in {last.language}", where="language")
        if prompt.kind is not file.kind:
            raise InvalidInput(f"{file.name!r} is of kind {prompt.kind.value}", where="kind")

    def seed(self, t: Transaction) -> None:
        """The packaged prompts, unless a prompt of that name exists; safe to run again."""
        for text in packaged():
            name = bundle.parse(text).name
            if self._store.versions(t, name):
                continue
            made = self.take_in(t, text, SYSTEM_ACTOR)
            for label in LABELS:
                self.label(t, name, label, made.number, SYSTEM_ACTOR)


def _hash(version: PromptVersion) -> str:
    return prompt_sha256(version.language, version.system, version.body, version.system_prompt)


__all__ = ["LABELS", "SYSTEM_ACTOR", "Prompts", "packaged", "prompt_sha256"]
