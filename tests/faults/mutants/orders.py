"""Mutants of the section."""

from tests.faults.mutants.mutant import Mutant

MUTANTS: tuple[Mutant, ...] = ()

TO_COME: frozenset[int] = frozenset(
    {40, 41, 42, 44, 45, 46, 48, 50, 52, 53, 54, 55, 56, 57, 58, 59, 61, 67, 68, 70}
)
"""Faults with a star that have no mutant yet; shrinks to none."""
