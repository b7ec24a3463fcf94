"""Where a process that is not the dealer finds the gate."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from glassdesk.composition.ground import Ground, open_ground
from glassdesk.composition.reading import gate_look_up, gate_owner
from glassdesk.kernel.errors import Unavailable
from glassdesk.settings import load

TTL = timedelta(seconds=30)
HERE, THERE = "http://127.0.0.1:4001", "http://127.0.0.2:4002"


@pytest.fixture(params=["with a token", "without a token"])
def ground(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Ground]:
    token = "of-all-gates" if request.param == "with a token" else None
    settings = load(
        tmp_path, database_url="memory:", clock_url="memory:", broker_url="memory:", gate_token=token
    )
    with open_ground(settings) as opened:
        yield opened


def _announce(ground: Ground, address: str) -> None:
    announced = {"address": address, "secret": "of-this-start"}
    (ground.settings.home / "gate.json").write_text(json.dumps(announced))


def _reign(ground: Ground, owner: str) -> None:
    stores, now = ground.stores, ground.clock.now()
    with stores.transactions.begin() as t:
        stores.leases.void_all(t, now=now)
        assert stores.leases.acquire(t, f"dealer:{ground.settings.account}", owner, now=now, ttl=TTL)


def test_the_home_names_the_gate_where_no_dealer_states_one_in_its_lease(ground: Ground) -> None:
    _announce(ground, HERE)
    _reign(ground, "up-17-ab")
    found = gate_look_up(ground)()
    assert (found.address, found.secret) == (HERE, "of-this-start")


def test_with_a_token_a_takeover_is_followed_and_without_one_the_home_counts(ground: Ground) -> None:
    _announce(ground, HERE)
    look_up = gate_look_up(ground)
    _reign(ground, gate_owner("dealer-1-aa", HERE))
    first = look_up()
    _reign(ground, gate_owner("dealer-2-bb", THERE))
    second = look_up()
    if ground.settings.gate_token is None:
        assert first == second
        assert (first.address, first.secret) == (HERE, "of-this-start")
    else:
        assert (first.address, second.address) == (HERE, THERE)
        assert second.secret == ground.settings.gate_token.get_secret_value()


def test_no_gate_is_said_to_be_none(ground: Ground) -> None:
    with pytest.raises(Unavailable, match="no dealer has opened its gate"):
        gate_look_up(ground)()
