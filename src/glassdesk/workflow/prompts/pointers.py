"""Where a label points: a pure fold over its moves."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from glassdesk.kernel.errors import InvalidInput
from glassdesk.workflow.prompts.model import Move

LABELS = ("draft", "shadow", "paper", "live")
"""Where a version may stand; a strategy follows one of them."""

_SCOPE = re.compile(r"strategy:[a-z0-9][a-z0-9_-]{0,63}|class:[A-Z]{2,8}")


def strategy_scope(strategy: str) -> str:
    """The scope of one strategy."""
    return f"strategy:{strategy}"


def class_scope(sec_type: str) -> str:
    """The scope of one class of contracts, by the broker's word for it."""
    return f"class:{sec_type}"


def check_label(label: str) -> None:
    """Raises `InvalidInput` for a word that is no label."""
    if label not in LABELS:
        remedy = f"one of {', '.join(LABELS)}"
        raise InvalidInput(f"there is no label {label!r:.40}", where="label", remedy=remedy)


def check_scope(scope: str) -> None:
    """Raises `InvalidInput` for what is no scope."""
    if scope and not _SCOPE.fullmatch(scope):
        remedy = "strategy:NAME, class:STK, or nothing"
        raise InvalidInput(f"{scope!r:.80} is no scope", where="scope", remedy=remedy)


def said(scope: str) -> str:
    """A scope in a sentence; empty for all."""
    sort, _, name = scope.partition(":")
    return "" if not scope else f" of strategy {name}" if sort == "strategy" else f" of {name}"


def standing(moves: Iterable[Move]) -> list[int | None]:
    """Where one label of one scope has pointed, oldest first, without what was taken back."""
    stack: list[int | None] = []
    for move in moves:
        if move.undoes:
            stack.pop()
        else:
            stack.append(move.number)
    return stack


def pointers(moves: Iterable[Move]) -> Mapping[tuple[str, str], int]:
    """(scope, label) → version, of the moves of one prompt, oldest first."""
    newest = {(move.scope, move.label): move.number for move in moves}
    return {key: number for key, number in sorted(newest.items()) if number is not None}
