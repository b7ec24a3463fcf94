"""A desk beside the roles: what the CLI and a separate web process use. It reads the broker through the
gate."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from glassdesk.adapters.ibkr.gate_client import connect_through, endpoint_of
from glassdesk.composition.ground import Ground, open_ground
from glassdesk.composition.services import build_desk
from glassdesk.desk import Desk
from glassdesk.settings import Settings


class SilentBell:
    """Rings nowhere: a worker's sweeper finds what is due within seconds."""

    def ring(self, run: str) -> None:
        """Nothing; the row is what counts."""


@contextmanager
def open_desk(settings: Settings) -> Iterator[Desk]:
    """The desk of a home whose roles run elsewhere, or nowhere: then broker reads raise `Unavailable`."""
    with open_ground(settings) as ground, reading_desk(ground) as desk:
        yield desk


@contextmanager
def reading_desk(ground: Ground) -> Iterator[Desk]:
    """The same over opened ground."""
    gate_file = ground.settings.home / "gate.json"
    reads, client = connect_through(lambda: endpoint_of(gate_file), ground.clock, ground.settings.account)
    try:
        yield build_desk(ground, reads, SilentBell(), login_url(ground))
    finally:
        client.close()


def login_url(ground: Ground) -> str:
    """Where a person signs in to the broker."""
    if ground.simulator is not None:
        return ground.simulator.url + "/"
    return ground.settings.broker_url
