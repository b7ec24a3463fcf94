"""Mutants of orders that were accepted."""

from __future__ import annotations

import pytest

from glassdesk.workflow.dealing.watch import Watch
from tests.faults.mutants.mutant import Mutant, Undo


def _without(name: str) -> Undo:
    def undo(patch: pytest.MonkeyPatch) -> None:
        patch.setattr(Watch, name, lambda *_, **__: None)

    return undo


MUTANTS = (
    Mutant(number=55, about="a stuck order is waited for without end", undo=_without("_stuck")),
    Mutant(number=56, about="an inactive order is taken for over", undo=_without("_end_inactive")),
    Mutant(number=57, about="the answer alone makes an order alive", undo=_without("_unseen")),
)

TO_COME: frozenset[int] = frozenset()
"""Faults with a star that have no mutant yet; shrinks to none."""
