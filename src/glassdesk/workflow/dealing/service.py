"""Verbs of the dealing step that anyone may use: ask the dealer. The work itself is `turn.py`."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from glassdesk.kernel.clock import Clock, format_instant
from glassdesk.kernel.errors import InvalidInput
from glassdesk.kernel.unit_of_work import Transaction
from glassdesk.workflow.dealing.model import Command, CommandKind
from glassdesk.workflow.dealing.ports import CommandStore
from glassdesk.workflow.lineage.audit import Audit

_NAMESPACE = uuid.uuid5(uuid.NAMESPACE_URL, "https://glassdesk.invalid/commands")
_NEED_ARGUMENT = (
    CommandKind.CANCEL_ORDER,
    CommandKind.CANCEL_INTENT,
    CommandKind.EXIT_POSITION,
    CommandKind.PROBE,
)


class Dealing:
    """Wishes become rows; the dealer reads them at its next turn, within a second."""

    def __init__(self, commands: CommandStore, audit: Audit, clock: Clock) -> None:
        self._commands = commands
        self._audit = audit
        self._clock = clock

    def ask(self, t: Transaction, kind: CommandKind, argument: str, actor: str) -> Command:
        """Write a wish down. The same wish at the same instant is one. Raises `InvalidInput`."""
        about = argument.strip()
        if not about and kind in _NEED_ARGUMENT:
            raise InvalidInput(
                f"{kind.value} of what?", where="argument", remedy="give an identity or symbol"
            )
        now = self._clock.now()
        identity = str(uuid.uuid5(_NAMESPACE, "|".join((kind.value, about, format_instant(now)))))
        command = Command(command=identity, kind=kind, argument=about, actor=actor, requested_at=now)
        self._commands.put(t, command)
        self._audit.append(t, actor, f"asked.{kind.value}", f"command:{identity}", {"argument": about})
        return command

    def recent(self, t: Transaction, *, limit: int = 50) -> Sequence[Command]:
        """Newest first, with their results."""
        return self._commands.recent(t, limit=limit)
