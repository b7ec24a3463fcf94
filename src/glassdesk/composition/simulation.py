"""The simulated broker of a home: its process, the person who signs in there, and what really happened."""

from __future__ import annotations

import os
import signal
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from glassdesk.adapters.simulation import ControlPlane, Endpoint, attach, start_or_attach
from glassdesk.kernel.errors import Unavailable
from glassdesk.settings import Settings

NEW_YORK = ZoneInfo("America/New_York")


@dataclass(frozen=True, slots=True, kw_only=True)
class BrokerTruth:
    """What the simulated broker holds to be true, beside which the desk's own books are laid."""

    orders: int
    executions: tuple[Mapping[str, Any], ...]
    positions: Mapping[str, str]
    equity: str


class Simulation:
    """The person at the simulated broker, and its books."""

    def __init__(self, endpoint: Endpoint) -> None:
        self._control = ControlPlane(endpoint)

    def sign_in(self) -> None:
        """Play the person at the login page."""
        self._control.sign_in()

    def now(self) -> datetime:
        """The simulated instant."""
        return self._control.now()

    def pause(self) -> None:
        """Stop simulated time."""
        self._control.pause()

    def resume(self) -> None:
        """Let simulated time go on."""
        self._control.resume()

    def set_speed(self, n: int) -> None:
        """At most `n` simulated seconds for each second of the machine; 0 = no brake."""
        self._control.set_speed(n or None)

    def poke(self) -> None:
        """Wake the dealer: a person asked for something."""
        self._control.poke()

    def truth(self, symbols: Mapping[int, str]) -> BrokerTruth:
        """Orders, executions, positions (by symbol, without zeros) and equity as the broker has them."""
        positions = {
            symbols.get(int(row["conid"]), str(row["conid"])): _whole(row)
            for row in self._control.truth("positions")
            if float(row["quantity"])
        }
        return BrokerTruth(
            orders=len([row for row in self._control.truth("orders") if row.get("accepted", True)]),
            executions=tuple(self._control.truth("executions")),
            positions=positions,
            equity=str(self._control.equity()["equity"]),
        )

    def orders(self) -> Sequence[Mapping[str, Any]]:
        """Every order the broker ever accepted."""
        return self._control.truth("orders")

    def close(self) -> None:
        """Close the connection."""
        self._control.close()


def _whole(row: Mapping[str, Any]) -> str:
    return format(row["quantity"], "g") if isinstance(row["quantity"], float) else str(row["quantity"])


def start_simulator(settings: Settings, *, speed: float | None) -> Endpoint:
    """Start the simulator of a home, or attach to it. Time begins on the settings' date before the market
    opens; it holds the settings' account, a live one where the id does not begin with D."""
    return start_or_attach(
        settings.home,
        start=settings.simulator_start,
        seed=settings.simulator_seed,
        speed=speed,
        switches={"account": settings.account},
    )


def opening_of(day: date) -> datetime:
    """Half past seven in New York: before anything is due."""
    return datetime.combine(day, time(7, 30), tzinfo=NEW_YORK).astimezone(UTC)


def end_simulator(home: Path) -> None:
    """End the simulator of a home, if one runs."""
    try:
        endpoint = attach(home)
    except Unavailable:
        return
    with suppress(ProcessLookupError):
        os.kill(endpoint.pid, signal.SIGTERM)
