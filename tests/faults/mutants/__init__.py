"""Every mutant, by section of the catalogue. A section's module has its `MUTANTS`."""

from tests.faults.mutants import (
    market_data,
    order_life,
    order_reads,
    orders,
    portfolio,
    session,
    stream,
    wire,
)

_SECTIONS = (session, wire, market_data, order_reads, orders, order_life, portfolio, stream)
MUTANTS = tuple(mutant for section in _SECTIONS for mutant in section.MUTANTS)
