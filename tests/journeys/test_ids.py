"""Identities can be computed again without the database, from names, instants, contracts and the account.

Every formula is written out here once more; nothing of the program is imported.
"""

from __future__ import annotations

import base64
import hashlib
import uuid
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import pytest

from tests.journeys import stage
from tests.journeys.conftest import DAYS

pytestmark = [pytest.mark.journey, pytest.mark.process, pytest.mark.slow]

NAMESPACE = uuid.uuid5(uuid.NAMESPACE_URL, "https://glassdesk.invalid/ids")
LEGS = ("main", "stop", "target")


def _run(deployment: str, strategy: str, slot: datetime, conid: int) -> str:
    due = slot.strftime("%Y-%m-%dT%H:%M:%SZ")
    return str(uuid.uuid5(NAMESPACE, f"run|{deployment}|{strategy}|{due}|{conid}"))


def _intent(run: str, leg: str) -> str:
    return str(uuid.uuid5(NAMESPACE, f"intent|{run}|{leg}"))


def _coid(account: str, intent: str) -> str:
    hashed = hashlib.sha256(f"{account}|{intent}".encode()).digest()
    return "gd1s" + base64.b32encode(hashed).decode().lower()[:20]


def _runs(home: stage.Home) -> dict[str, tuple[str, datetime]]:
    """Run id to strategy and instant: nine in New York on each trading day, for each strategy."""
    zone = ZoneInfo("America/New_York")
    found = {}
    for day in stage.sessions(date(2012, 10, 1), DAYS):
        due = datetime.combine(day, time(9), tzinfo=zone).astimezone(UTC)
        for name, symbol in stage.STRATEGIES.items():
            found[_run(home.deployment, name, due, stage.CONIDS[symbol])] = (name, due)
    return found


def test_run_ids_follow_from_deployment_strategy_instant_and_conid(forty_days: stage.Demo) -> None:
    stored = {row["run"] for row in forty_days.home.rows("select run from runs")}
    assert stored == set(_runs(forty_days.home))


def test_intent_ids_follow_from_run_and_leg(forty_days: stage.Demo) -> None:
    computed = {_intent(run, leg): leg for run in _runs(forty_days.home) for leg in LEGS}
    stored = {row["intent"]: row["leg"] for row in forty_days.home.rows("select intent, leg from intents")}
    assert stored
    assert stored.items() <= computed.items()


def test_the_client_order_ids_at_the_broker_follow_from_account_and_intent(forty_days: stage.Demo) -> None:
    home = forty_days.home
    [account] = {row["account"] for row in home.truth("order")}
    runs = _runs(home)
    coids = {_coid(account, _intent(run, leg)): (run, leg) for run in runs for leg in LEGS}
    refs = [row["coid"] for row in home.truth("order")]
    assert len(refs) == len(set(refs)) == forty_days.report["orders"]
    assert set(refs) <= set(coids)
    by_run: dict[str, set[str]] = {}
    for ref in refs:
        run, leg = coids[ref]
        by_run.setdefault(run, set()).add(leg)
    assert all(legs == set(LEGS) for legs in by_run.values())
    assert set(refs) == {row["coid"] for row in home.rows("select coid from orders")}
