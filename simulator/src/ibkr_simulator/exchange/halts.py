"""When a contract does not trade although the market is open."""

from collections.abc import Iterator

from ibkr_simulator.exchange.market import Market
from ibkr_simulator.instants import Instant


def of(market: Market, conid: int) -> Iterator[tuple[Instant, Instant]]:
    """Start and end of every halt of a contract; at the end it trades again."""
    for halt in market.tape.halts:
        if halt.conid == conid:
            yield halt.starts, halt.ends


def resumes(market: Market, conid: int, at: Instant) -> Instant | None:
    """When trading goes on, for a contract that is halted at this instant; None when it trades."""
    return next((ends for starts, ends in of(market, conid) if starts <= at < ends), None)


def ended(market: Market, conid: int, at: Instant) -> bool:
    """Whether a halt ends at this instant."""
    return any(ends == at for _, ends in of(market, conid))
