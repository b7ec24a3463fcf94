"""Every mutant: M1 to M16 are those of `reliability.md` §6.3."""

from tests.chaos.mutants.catalogue import deciding, ending, finding, protecting, sending, tracking

MUTANTS = (
    *sending.MUTANTS,
    *deciding.MUTANTS,
    *finding.MUTANTS,
    *tracking.MUTANTS,
    *protecting.MUTANTS,
    *ending.MUTANTS,
)
