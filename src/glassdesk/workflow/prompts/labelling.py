"""Labels are moved and moved back; every move is kept with who, when and why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from glassdesk.kernel.clock import Clock
from glassdesk.kernel.errors import Conflict, InvalidInput
from glassdesk.kernel.unit_of_work import Transaction
from glassdesk.workflow.lineage.audit import Audit
from glassdesk.workflow.prompts.model import Move, PromptVersion
from glassdesk.workflow.prompts.pointers import check_label, check_scope, pointers, said, standing
from glassdesk.workflow.prompts.ports import PromptStore


class Labelling:
    """The part of `Prompts` that moves labels."""

    def __init__(self, store: PromptStore, audit: Audit, clock: Clock) -> None:
        self._store = store
        self._audit = audit
        self._clock = clock

    def labels(self, t: Transaction, name: str) -> Mapping[str, int]:
        """Labels for all."""
        there = pointers(self._store.moves(t, name))
        return {label: number for (scope, label), number in there.items() if not scope}

    def scoped(self, t: Transaction, name: str) -> Mapping[tuple[str, str], int]:
        """Labels of one scope, by (scope, label)."""
        return {key: number for key, number in pointers(self._store.moves(t, name)).items() if key[0]}

    def moves(self, t: Transaction, name: str) -> Sequence[Move]:
        """Newest first."""
        return sorted(self._store.moves(t, name), key=lambda one: (one.at, one.move), reverse=True)

    def label(
        self,
        t: Transaction,
        name: str,
        label: str,
        after: PromptVersion | None,
        actor: str,
        *,
        scope: str,
        reason: str,
        seen: int | None,
    ) -> None:
        """See `Prompts.label`."""
        moves = self._of(t, name, label, scope)
        before = moves[-1].number if moves else None
        if seen is not None and seen != before:
            points = "nowhere" if before is None else f"to version {before}"
            problem = f"{label} points {points} now, not to version {seen} as you saw it"
            raise Conflict(problem, where="label", remedy="look again before you move it")
        if after is None and not scope:
            raise InvalidInput(f"{label} for all always points somewhere", where="scope", remedy="name one")
        number = after.number if after else None
        if before != number:
            self._move(t, moves, name, label, scope, number, actor, reason, undoes=False)

    def rollback(
        self, t: Transaction, name: str, label: str, actor: str, *, scope: str, reason: str
    ) -> int | None:
        """See `Prompts.rollback`."""
        moves = self._of(t, name, label, scope)
        stack = standing(moves)
        if len(stack) < (1 if scope else 2):
            problem = f"{label}{said(scope)} has not pointed elsewhere before"
            raise Conflict(problem, where="label", remedy=f"prompts show {name} tells the versions")
        number = stack[-2] if len(stack) > 1 else None
        self._move(t, moves, name, label, scope, number, actor, reason, undoes=True)
        return number

    def _of(self, t: Transaction, name: str, label: str, scope: str) -> list[Move]:
        check_label(label)
        check_scope(scope)
        return [one for one in self._store.moves(t, name) if (one.label, one.scope) == (label, scope)]

    def _move(
        self,
        t: Transaction,
        moves: Sequence[Move],
        name: str,
        label: str,
        scope: str,
        number: int | None,
        actor: str,
        reason: str,
        *,
        undoes: bool,
    ) -> None:
        before = moves[-1].number if moves else None
        move = Move(
            name=name,
            label=label,
            scope=scope,
            move=len(moves) + 1,
            number=number,
            before=before,
            undoes=undoes,
            reason=reason.strip()[:500],
            actor=actor,
            at=self._clock.now(),
        )
        self._store.add_move(t, move)
        told = {"before": self._pointer(t, name, before), "after": self._pointer(t, name, number)}
        about = f"{name}:{label}" + (f":{scope}" if scope else "")
        self._audit.append(t, actor, "prompt.rollback" if undoes else "prompt.label", about, told)

    def _pointer(self, t: Transaction, name: str, number: int | None) -> dict[str, object] | None:
        found = None if number is None else self._store.version(t, name, number)
        return None if found is None else {"number": found.number, "sha256": found.sha256}
