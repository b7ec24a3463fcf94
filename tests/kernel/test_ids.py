"""Identities follow from what they name, whatever the database says."""

from __future__ import annotations

import base64
import hashlib
import uuid
from datetime import UTC, datetime, timedelta, timezone

from hypothesis import given
from hypothesis import strategies as st

from glassdesk.kernel import ids
from glassdesk.kernel.ids import AccountKind

SLOT = datetime(2012, 10, 1, 13, 0, tzinfo=UTC)


def test_a_run_is_named_by_deployment_strategy_slot_and_contract() -> None:
    base = ids.run_id("d", "s", SLOT, 1)
    elsewhere = SLOT.astimezone(timezone(timedelta(hours=-4)))
    assert ids.run_id("d", "s", elsewhere, 1) == base
    others = {ids.run_id("e", "s", SLOT, 1), ids.run_id("d", "t", SLOT, 1), ids.run_id("d", "s", SLOT, 2)}
    assert len(others | {base, ids.run_id("d", "s", SLOT + timedelta(seconds=1), 1)}) == 5


def test_a_client_order_id_can_be_recomputed_with_standard_tools() -> None:
    intent = ids.intent_id(ids.run_id("d", "s", SLOT, 1), "main")
    namespace = uuid.uuid5(uuid.NAMESPACE_URL, "https://glassdesk.invalid/ids")
    run = uuid.uuid5(namespace, "run|d|s|2012-10-01T13:00:00Z|1")
    by_hand = str(uuid.uuid5(namespace, f"intent|{run}|main"))
    assert intent == by_hand
    hashed = hashlib.sha256(f"DU1|{by_hand}".encode()).digest()
    assert (
        ids.coid(AccountKind.SIMULATED, "DU1", intent)
        == "gd1s" + base64.b32encode(hashed).decode().lower()[:20]
    )


@given(st.text(min_size=1), st.sampled_from(AccountKind))
def test_a_client_order_id_has_24_plain_characters(account: str, kind: AccountKind) -> None:
    made = ids.coid(kind, account, "intent")
    assert len(made) == 24
    assert made.isascii()
    assert made.isalnum()
    assert ids.is_ours(made)


def test_a_manual_run_is_another_run() -> None:
    assert ids.manual_run_id("d", "DU1", 1, SLOT) != ids.run_id("d", "manual", SLOT, 1)
