"""Mutants of the section."""

from tests.faults.mutants.mutant import Mutant

MUTANTS: tuple[Mutant, ...] = ()
