"""Prompts are kept: versions, what may change beside them, labels."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from glassdesk.kernel.canonical import canonical_text
from glassdesk.kernel.clock import Clock
from glassdesk.kernel.errors import Conflict, InvalidInput
from glassdesk.kernel.unit_of_work import Transaction
from glassdesk.workflow.lineage.audit import Audit
from glassdesk.workflow.prompts import catalogue, checking
from glassdesk.workflow.prompts.gate import LIVE, Gate
from glassdesk.workflow.prompts.labelling import Labelling
from glassdesk.workflow.prompts.model import (
    Card,
    Kind,
    Move,
    Prompt,
    PromptTest,
    PromptVersion,
    Search,
)
from glassdesk.workflow.prompts.packaged import ACTOR as PACKAGED
from glassdesk.workflow.prompts.packaged import version_of
from glassdesk.workflow.prompts.ports import PromptStore, TemplateEngine
from glassdesk.workflow.prompts.resolving import Resolver
from glassdesk.workflow.prompts.searching import cards
from glassdesk.workflow.prompts.writing import check_names, check_notes, normal, prompt_sha256


class Keeping:
    """The part of `Prompts` that writes. Every act leaves an audit row (`T-77`)."""

    def __init__(
        self,
        store: PromptStore,
        engine: TemplateEngine,
        audit: Audit,
        clock: Clock,
        answer_schema: Mapping[str, object] | None = None,
        gate: Gate | None = None,
    ) -> None:
        self._store = store
        self._engine = engine
        self._audit = audit
        self._clock = clock
        self._schema = canonical_text(answer_schema) if answer_schema else ""
        self._resolver = Resolver(store, lambda name: version_of(name, clock.now()))
        self._labelling = Labelling(store, audit, clock)
        self.gate = gate or Gate()

    def names(self, t: Transaction) -> Sequence[str]:
        """All prompts that are not archived, sorted."""
        return [one.name for one in self._store.prompts(t) if one.archived_at is None]

    def find(self, t: Transaction, search: Search | None = None) -> Sequence[Card]:
        """The prompts that a search asks for, by name. Raises `InvalidInput`."""
        return cards(self._store, t, search or Search())

    def prompt(self, t: Transaction, name: str) -> Prompt:
        """What may change about a prompt. Raises `NotFound`."""
        self.versions(t, name)
        found = self._store.prompt(t, name)
        return found or Prompt(name=name, kind=Kind.COMBINED)

    def versions(self, t: Transaction, name: str) -> Sequence[PromptVersion]:
        """All versions, oldest first. Raises `NotFound`."""
        self._resolver.known(t, name)
        return self._store.versions(t, name)

    def version(self, t: Transaction, name: str, number: int) -> PromptVersion:
        """One version. Raises `NotFound`."""
        return self._resolver.fixed(t, name, number)

    def labels(self, t: Transaction, name: str) -> Mapping[str, int]:
        """Which label for all points at which version."""
        return self._labelling.labels(t, name)

    def scoped(self, t: Transaction, name: str) -> Mapping[tuple[str, str], int]:
        """Labels of one strategy or class of contracts: (scope, label) → version."""
        return self._labelling.scoped(t, name)

    def moves(self, t: Transaction, name: str) -> Sequence[Move]:
        """The history of a prompt's labels, newest first."""
        return self._labelling.moves(t, name)

    def catalogue(self) -> tuple[catalogue.Variable, ...]:
        """Every variable a prompt may use."""
        return catalogue.CATALOGUE

    def filters(self) -> Sequence[str]:
        """Every filter a prompt may use."""
        return self._engine.filters()

    def check(self, system: str, body: str, kind: Kind = Kind.COMBINED, system_prompt: str = "") -> None:
        """Raises `InvalidInput` naming part, line, what is wrong and the nearest right name."""
        checking.check(self._engine, system, body, kind, system_prompt)

    def create(
        self,
        t: Transaction,
        name: str,
        language: str,
        system: str,
        body: str,
        message: str,
        author: str,
        *,
        kind: Kind = Kind.COMBINED,
        system_prompt: str = "",
        translation_of: str = "",
        translates: str = "",
        tags: tuple[str, ...] = (),
        notes: str = "",
    ) -> PromptVersion:
        """Version 1 of a new prompt, labelled `draft`. Raises `InvalidInput`, or `Conflict`: name taken."""
        check_names(name, language)
        check_notes(notes)
        if self._store.versions(t, name):
            remedy = "revise it, or take another name"
            raise Conflict(f"the prompt {name!r} exists", where="name", remedy=remedy)
        prompt = Prompt(name=name, kind=kind, tags=tags, notes=notes, translation_of=translation_of)
        made = self._make(t, prompt, 1, language, system, body, system_prompt, message, author)
        said = translates or self._original(t, translation_of, language)
        self._store.add_prompt(t, prompt)
        return self._add(t, None, replace(made, translates=said))

    def _original(self, t: Transaction, translation_of: str, language: str) -> str:
        """Hash of the text that is translated. Raises `NotFound` or `InvalidInput`."""
        if not translation_of:
            return ""
        origin = self.versions(t, translation_of)[-1]
        if origin.language == language:
            problem = f"{translation_of} is written in {language} too"
            raise InvalidInput(problem, where="translation_of", remedy="a translation has another language")
        return origin.sha256

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
        system_prompt: str | None = None,
        translates: str | None = None,
    ) -> PromptVersion:
        """The next version, labelled `draft`; no other label moves. `base` is the version the author opened;
        `translates` the hash of the original's text it now says.

        Raises `InvalidInput`, `NotFound`, or `Conflict` when somebody saved meanwhile or nothing changed.
        """
        last, prompt = self.versions(t, name)[-1], self.prompt(t, name)
        if base is not None and base != last.number:
            raise Conflict(
                f"version {last.number} by {last.author} was saved after you opened version {base}",
                where="base",
                remedy="compare the two and save again",
            )
        shared = last.system_prompt if system_prompt is None else system_prompt
        made = self._make(t, prompt, last.number + 1, last.language, system, body, shared, message, author)
        says = last.translates if translates is None else translates
        if made.sha256 == last.sha256 and says == last.translates:
            raise Conflict(f"version {last.number} reads exactly so already", where="body")
        return self._add(t, last, replace(made, translates=says))

    def sketch(
        self,
        t: Transaction,
        name: str,
        system: str,
        body: str,
        *,
        kind: Kind = Kind.COMBINED,
        language: str = "en",
    ) -> PromptVersion:
        """A text as the version it would be, kept nowhere; a prompt that exists has a kind and a language.
        Raises `InvalidInput`."""
        there = self._store.versions(t, name)
        last = there[-1] if there else None
        prompt = self.prompt(t, name) if last else Prompt(name=name or "new", kind=kind)
        number, shared = (last.number + 1, last.system_prompt) if last else (1, "")
        tongue = last.language if last else language
        return self._make(t, prompt, number, tongue, system, body, shared, "not kept yet", "")

    def restore(self, t: Transaction, name: str, number: int, author: str) -> PromptVersion:
        """An old text as the next version. Raises `NotFound`, or `Conflict` where it is the newest."""
        old = self.version(t, name, number)
        message = f"Version {number} again"
        return self.revise(
            t, name, old.system, old.body, message, author,
            system_prompt=old.system_prompt, translates=old.translates,
        )  # fmt: skip

    def clone(self, t: Transaction, name: str, number: int, new_name: str, author: str) -> PromptVersion:
        """A new prompt with the text of a version."""
        origin, prompt = self.version(t, name, number), self.prompt(t, name)
        return self.create(
            t,
            new_name,
            origin.language,
            origin.system,
            origin.body,
            f"Copy of {name} version {number}",
            author,
            kind=prompt.kind,
            system_prompt=origin.system_prompt,
            tags=prompt.tags,
        )

    def describe(
        self, t: Transaction, name: str, tags: tuple[str, ...], notes: str, actor: str, *, edition: int
    ) -> Prompt:
        """Other tags and notes; `edition` is the one the author saw. Raises `Conflict`, `InvalidInput`."""
        check_notes(notes)
        return self._change(t, name, "prompt.describe", actor, edition, tags=tags, notes=notes)

    def archive(self, t: Transaction, name: str, actor: str, users: Sequence[str] = ()) -> Prompt:
        """Out of the lists; versions stay for ever, and so does what they led to (R-10). Raises `Conflict`
        while `users`, strategies that trade, follow it (R-11)."""
        before = self.prompt(t, name)
        if users:
            problem = f"used by {', '.join(users)}"
            raise Conflict(problem, where="name", remedy="give those strategies another prompt first")
        if before.archived_at is not None:
            return before
        now = self._clock.now()
        return self._change(t, name, "prompt.archive", actor, before.edition, archived_at=now)

    def unarchive(self, t: Transaction, name: str, actor: str) -> Prompt:
        """Back in the lists."""
        before = self.prompt(t, name)
        if before.archived_at is None:
            return before
        return self._change(t, name, "prompt.unarchive", actor, before.edition, archived_at=None)

    def _change(
        self, t: Transaction, name: str, act: str, actor: str, edition: int, **changes: object
    ) -> Prompt:
        before = self.prompt(t, name)
        after = replace(before, edition=edition + 1, **changes)  # type: ignore[arg-type]
        self._store.change_prompt(t, after)
        self._audit.append(t, actor, act, name, {"before": before, "after": after})
        return after

    def label(
        self,
        t: Transaction,
        name: str,
        label: str,
        number: int | None,
        actor: str,
        *,
        scope: str = "",
        reason: str = "",
        seen: int | None = None,
        followers: Sequence[str] = (),
        sure: bool = False,
    ) -> None:
        """Point `label` at a version, for all or for one `scope`; `None` takes a scope's label away.

        `seen` is where it pointed when the author looked. `live` is guarded: see `Gate.check`;
        `followers` are the strategies that would ask it. Raises `InvalidInput`, `NotFound` or `Conflict`.
        """
        after = None if number is None else self.version(t, name, number)
        prompt = self.prompt(t, name)
        if prompt.archived_at is not None:
            raise Conflict(f"{name} is archived", where="name", remedy=f"prompts unarchive {name}")
        if label == LIVE and after is not None and actor != PACKAGED:
            test = self.last_test(t, name, after.number)
            self.gate.check(after, test, reason=reason, followers=followers, sure=sure)
        self._labelling.label(t, name, label, after, actor, scope=scope, reason=reason, seen=seen)

    def tests(self, t: Transaction, name: str) -> Mapping[int, PromptTest]:
        """The newest test of each version that was tested."""
        return {one.number: one for one in self._store.tests(t, name)}

    def last_test(self, t: Transaction, name: str, number: int) -> PromptTest | None:
        """The newest test of a version."""
        return self.tests(t, name).get(number)

    def now(self) -> datetime:
        """Market time, by which versions, moves and tests are dated."""
        return self._clock.now()

    def keep_test(self, t: Transaction, test: PromptTest) -> None:
        """Keep a test as the version's newest; a text that is not kept has none."""
        if self._store.version(t, test.name, test.number) is not None:
            before = self.last_test(t, test.name, test.number)
            self._store.add_test(t, replace(test, test=before.test + 1 if before else 1))

    def rollback(
        self, t: Transaction, name: str, label: str, actor: str, *, scope: str = "", reason: str = ""
    ) -> int | None:
        """Where the label pointed before; a second rollback goes back one further. The version it points to
        now. Raises `Conflict` where it never pointed elsewhere."""
        self.versions(t, name)
        return self._labelling.rollback(t, name, label, actor, scope=scope, reason=reason)

    def _make(
        self,
        t: Transaction,
        prompt: Prompt,
        number: int,
        language: str,
        system: str,
        body: str,
        system_prompt: str,
        message: str,
        author: str,
    ) -> PromptVersion:
        system, body = normal(system), normal(body)
        if system_prompt and self.prompt(t, system_prompt).kind is not Kind.SYSTEM:
            problem = f"{system_prompt} is not of kind system"
            raise InvalidInput(problem, where="system_prompt", remedy="name one that is")
        self.check(system, body, prompt.kind, system_prompt)
        return PromptVersion(
            name=prompt.name,
            number=number,
            language=language,
            system=system,
            body=body,
            sha256=prompt_sha256(language, system, body, system_prompt),
            message=message.strip()[:500],
            author=author,
            created_at=self._clock.now(),
            system_prompt=system_prompt,
            answer_schema=self._schema,
        )

    def _add(self, t: Transaction, before: PromptVersion | None, made: PromptVersion) -> PromptVersion:
        self._store.add_version(t, made)
        self._audit.append(
            t,
            made.author,
            "prompt.version",
            f"{made.name}@{made.number}",
            {"before": None if before is None else _pointer(before), "after": _pointer(made)},
        )
        self._labelling.label(t, made.name, "draft", made, made.author, scope="", reason="", seen=None)
        return made


def _pointer(version: PromptVersion) -> dict[str, object]:
    return {"number": version.number, "sha256": version.sha256}
