"""What a login may see of a contract's prices: field 6509, and the instant they are from [§4.2, F-29]."""

from ibkr_simulator.exchange.listings import Listing
from ibkr_simulator.instants import MINUTE, Instant
from ibkr_simulator.world import World

_DELAY = 15 * MINUTE


def availability(world: World, listing: Listing) -> str:
    """R real time, D delayed, Z frozen, Y frozen and delayed, N not subscribed, O acknowledgement missing."""
    pairs = world.switches.text("market_data_of")
    for pair in pairs.split(",") if pairs else ():
        name, _, letter = pair.partition(":")
        if name in (listing.symbol, str(listing.conid)):
            return letter
    return world.switches.text("market_data")


def code(letter: str) -> str:
    """All three letters: timeline, structure, type."""
    return f"{letter}PB" if delayed(letter) else f"{letter}pB"


def delayed(letter: str) -> bool:
    """Whether prices come a quarter of an hour late."""
    return letter in ("D", "Y")


def priced(letter: str) -> bool:
    """Whether there are prices at all."""
    return letter not in ("N", "O")


def quoted_at(world: World, letter: str) -> Instant:
    """The instant whose prices are shown: now, a quarter of an hour ago, or the last close before it."""
    at = world.now - _DELAY if delayed(letter) else world.now
    sessions = world.exchange.market.sessions
    running = sessions.current(at)
    if letter in ("Z", "Y") and running is not None:
        return sessions.closes[running - 1] if running else sessions.opens[0]
    return at
