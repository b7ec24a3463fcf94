"""Mutants of placing orders."""

from __future__ import annotations

import pytest

from glassdesk.workflow.dealing.remedy import Remedy
from tests.faults.mutants.mutant import Mutant


def _no_remedy(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Remedy, "look", lambda *_: None)


MUTANTS: tuple[Mutant, ...] = (
    Mutant(number=52, about="a stop that failed beside its parent is not replaced", undo=_no_remedy),
)

TO_COME: frozenset[int] = frozenset({45, 46, 48, 50, 53, 54, 58, 59, 61})
"""Faults with a star that have no mutant yet; shrinks to none."""
