"""Honest answers to begin from: the simulator's own, on a morning with a position and a working bracket."""

from __future__ import annotations

from functools import cache
from typing import Any

from ibkr_simulator.exchange.market import Market
from ibkr_simulator.exchange.tapes.choice import load
from ibkr_simulator.instants import parse
from ibkr_simulator.switches import Switches
from ibkr_simulator.truth import TruthLog
from ibkr_simulator.world import World
from simulator.tests.support import Inside, bracket, limit


@cache
def _morning() -> tuple[Inside, str]:
    world = World(
        market=Market(load("history"), 7),
        switches=Switches({"pacing": "off"}),
        seed=7,
        start=parse("2012-10-01T15:00:00Z"),
        truth=TruthLog(None),
    )
    client = Inside(world)
    client.ready()
    client.place(limit("held", 700.0))
    entry = client.place(*bracket("entry", 600.0, 580.0, 700.0))[0]["order_id"]
    return client, str(entry)


def body(path: str) -> Any:
    """What the simulator answers to a GET; `ENTRY` stands for the working entry's id."""
    client, entry = _morning()
    return client.get(path.replace("ENTRY", entry))
