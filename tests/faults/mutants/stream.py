"""Mutants of the section."""

from tests.faults.mutants.mutant import Mutant

MUTANTS: tuple[Mutant, ...] = ()

TO_COME: frozenset[int] = frozenset({77, 78, 79})
"""Faults with a star that have no mutant yet; shrinks to none."""
