"""A desk beside the roles: what the CLI and a separate web process use. It reads the broker through the
gate."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from glassdesk.adapters.ibkr.gate_client import Endpoint, LookUp, connect_through, endpoint_of
from glassdesk.composition.ground import Ground, open_ground, waker
from glassdesk.composition.services import MarketReads, build_desk
from glassdesk.desk import Desk
from glassdesk.settings import Settings


class WakingBell:
    """Wakes the tickers: their sweepers ring for what is due. In real time they look by themselves."""

    def __init__(self, wake: Callable[[], None]) -> None:
        self._wake = wake

    def ring(self, run: str) -> None:
        """The row is what counts; its id is not needed."""
        del run
        self._wake()


@contextmanager
def open_desk(settings: Settings) -> Iterator[Desk]:
    """The desk of a home whose roles run elsewhere, or nowhere: then broker reads raise `Unavailable`."""
    with open_ground(settings, look_only=True) as ground, reading_desk(ground) as desk:
        yield desk


@contextmanager
def reading_desk(ground: Ground) -> Iterator[Desk]:
    """The same over opened ground."""
    with broker_reads(ground) as reads:
        yield build_desk(ground, reads, WakingBell(waker(ground)), login_url(ground))


@contextmanager
def broker_reads(ground: Ground) -> Iterator[MarketReads]:
    """The broker's reading ports, through the gate of the dealer that reigns."""
    reads, client = connect_through(gate_look_up(ground), ground.clock, ground.settings.account)
    try:
        yield reads
    finally:
        client.close()


def gate_look_up(ground: Ground) -> LookUp:
    """Where the gate is now. With `gate_token`, which all gates of a desk then share, the lease of the dealer
    that reigns names the address, so that a takeover is followed; else this home's `gate.json` does."""
    settings, stores = ground.settings, ground.stores

    def look_up() -> Endpoint:
        if settings.gate_token is not None:
            with stores.transactions.read() as t:
                reigning = stores.leases.holder(t, f"dealer:{settings.account}")
            address = reigning.owner.partition("@")[2] if reigning is not None else ""
            if address:
                return Endpoint(address=address, secret=settings.gate_token.get_secret_value())
        return endpoint_of(settings.home / "gate.json")

    return look_up


def gate_owner(name: str, address: str) -> str:
    """A dealer's name in its lease: it tells where its gate is."""
    return f"{name}@{address}"


def login_url(ground: Ground) -> str:
    """Where a person signs in to the broker."""
    if ground.simulator is not None:
        return ground.simulator.url + "/"
    return ground.settings.broker_url
