"""Mutants of the section."""

from tests.faults.mutants.mutant import Mutant

MUTANTS: tuple[Mutant, ...] = ()

TO_COME: frozenset[int] = frozenset({28, 29, 30, 35, 36})
"""Faults with a star that have no mutant yet; shrinks to none."""
