"""Every mutant, by section of the catalogue. A section's module has its `MUTANTS`."""

from tests.faults.mutants import market_data, orders, portfolio, session, stream, wire

MUTANTS = (
    *session.MUTANTS,
    *wire.MUTANTS,
    *market_data.MUTANTS,
    *orders.MUTANTS,
    *portfolio.MUTANTS,
    *stream.MUTANTS,
)
