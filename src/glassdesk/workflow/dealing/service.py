"""Verbs of the dealing step that anyone may use: ask the dealer. The work itself is `turn.py`."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime

from glassdesk.kernel.canonical import decode_text
from glassdesk.kernel.clock import Clock, format_instant
from glassdesk.kernel.errors import InvalidInput, NotFound
from glassdesk.kernel.unit_of_work import Transaction
from glassdesk.workflow.dealing.model import Command, CommandKind
from glassdesk.workflow.dealing.ports import CommandStore
from glassdesk.workflow.dealing.wishes import Act, wish
from glassdesk.workflow.lineage.audit import Audit
from glassdesk.workflow.order_tracking.evidence import Look

_NAMESPACE = uuid.uuid5(uuid.NAMESPACE_URL, "https://glassdesk.invalid/commands")
_NEED_ARGUMENT = (
    CommandKind.CANCEL_ORDER,
    CommandKind.CANCEL_INTENT,
    CommandKind.EXIT_POSITION,
    CommandKind.RESOLVE_ORDER,
    CommandKind.MODIFY_ORDER,
    CommandKind.RELEASE_POSITION,
    CommandKind.ADOPT_POSITION,
    CommandKind.ADOPT_SPLIT,
    CommandKind.ACKNOWLEDGE_BREAK,
    CommandKind.PROTECT_POSITION,
    CommandKind.APPLY_EXITS,
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
        ref, body = f"command:{identity}", {"argument": about}
        self._audit.append(t, actor, f"asked.{kind.value}", ref, body, before=None, after=command)
        return command

    def answer(self, t: Transaction, command: str) -> Command:
        """The wish with what became of it; not done yet where `done_at` is missing. Raises `NotFound`."""
        found = self._commands.get(t, command)
        if found is None:
            raise NotFound(f"there is no command {command}", where="command")
        return found

    def look_at(self, t: Transaction, order: str) -> tuple[Look, datetime] | None:
        """The newest evidence that the dealer gathered about an order, and when it was asked for."""
        for one in self.wishes(t, order):
            if one.kind is CommandKind.RESOLVE_ORDER and one.result.startswith("{"):
                return decode_text(Look, one.result), one.requested_at
        return None

    def about_position(
        self,
        t: Transaction,
        act: Act,
        symbol: str,
        actor: str,
        *,
        strategy: str = "",
        price: str = "",
        reason: str = "",
    ) -> Command:
        """Write down what a person wants of a position (`T-16`). Raises `InvalidInput`."""
        kind, argument = wish(act, symbol, strategy=strategy, price=price, reason=reason)
        return self.ask(t, kind, argument, actor)

    def wishes(self, t: Transaction, order: str) -> list[Command]:
        """What was lately asked of one order at the broker, newest first."""
        about = f'"order":"{order}"'
        recent = self._commands.recent(t, limit=200)
        return [one for one in recent if one.argument == order or about in one.argument]

    def recent(self, t: Transaction, *, limit: int = 50) -> Sequence[Command]:
        """Newest first, with their results."""
        return self._commands.recent(t, limit=limit)
