"""Laws of the outbox: what is to be told, and how far each message has come."""

from __future__ import annotations

from dataclasses import replace

import pytest

from glassdesk.adapters.database import Stores
from glassdesk.kernel.errors import IntegrityViolation, NotFound
from glassdesk.workflow.notifications.model import Delivery, Notification, Severity
from tests.adapters.laws.makers import MINUTE, NOON


def a_notification(key: str, minutes: int = 0) -> Notification:
    return Notification(
        key=key,
        severity=Severity.ALARM,
        title="unprotected",
        body="AAPL",
        ref="order:1",
        created_at=NOON + minutes * MINUTE,
    )


def a_delivery(key: str, channel: str, attempts: int) -> Delivery:
    at = NOON + attempts * MINUTE
    return Delivery(key=key, channel=channel, attempts=attempts, tried_at=at, next_at=at + MINUTE)


def test_notifications_told_together_are_one_message_with_a_delivery_on_each_channel(stores: Stores) -> None:
    with stores.transactions.begin() as t:
        for key, minutes in (("c", 0), ("a", 1), ("b", 2)):
            told = replace(a_notification(key, minutes), strategy="trend", kind="run.failed")
            stores.outbox.put(t, told)
        stores.outbox.put(t, replace(a_notification("calm", -5), severity=Severity.INFO))
        assert [told.key for told in stores.outbox.unsent(t)] == ["c", "a", "b", "calm"]
        stores.outbox.tell_together(t, ["b", "a"], at=NOON)
        assert [told.key for told in stores.outbox.together(t, "b")] == ["b", "a"]
        assert [told.key for told in stores.outbox.pending(t)] == ["b"]
        assert stores.outbox.told_since(t, NOON - MINUTE) == {("trend", "run.failed"): NOON}
        assert stores.outbox.told_since(t, NOON) == {}
        stores.outbox.put_delivery(t, a_delivery("b", "log", 1))
        arrived = replace(a_delivery("b", "log", 2), delivered_at=NOON + 2 * MINUTE)
        stores.outbox.put_delivery(t, arrived)
        stores.outbox.put_delivery(t, replace(a_delivery("b", "webhook", 1), problem="HTTP 500"))
        assert [one.channel for one in stores.outbox.deliveries(t, ["b", "a"])] == ["log", "webhook"]
        assert stores.outbox.deliveries(t, ["b"])[0] == arrived
        assert {one.channel for one in stores.outbox.newest_deliveries(t)} == {"log", "webhook"}
        stores.outbox.settle(t, "b", at=NOON)
        sent = [told.key for told in stores.outbox.recent(t) if told.sent_at is not None]
        assert sorted(sent) == ["a", "b"]


def test_notifications_are_found_by_what_they_are(stores: Stores) -> None:
    with stores.transactions.begin() as t:
        stores.outbox.put(t, replace(a_notification("a"), strategy="trend"))
        stores.outbox.put(t, a_notification("b", 1))
        stores.outbox.put(t, replace(a_notification("c", 2), severity=Severity.INFO))
        stores.outbox.acknowledge(t, "b", at=NOON)
        assert [one.key for one in stores.outbox.recent(t, severity=Severity.ALARM)] == ["b", "a"]
        assert [one.key for one in stores.outbox.recent(t, seen=False)] == ["c", "a"]
        assert [one.key for one in stores.outbox.recent(t, seen=True)] == ["b"]
        assert [one.key for one in stores.outbox.recent(t, strategy="trend")] == ["a"]
        assert stores.outbox.unseen_count(t, Severity.ALARM) == 1


def test_a_delivery_belongs_to_a_notification(stores: Stores) -> None:
    with pytest.raises(IntegrityViolation), stores.transactions.begin() as t:
        stores.outbox.put_delivery(t, a_delivery("nobody", "log", 1))


def test_the_same_key_is_told_once_and_attempts_are_counted(stores: Stores) -> None:
    with stores.transactions.begin() as t:
        for key, minutes in (("b", 1), ("a", 2), ("b", 3)):
            stores.outbox.put(t, a_notification(key, minutes))
        assert [told.key for told in stores.outbox.unsent(t)] == ["b", "a"]
        assert [told.key for told in stores.outbox.recent(t)] == ["a", "b"]
        stores.outbox.tell_together(t, ["b"], at=NOON)
        assert [told.key for told in stores.outbox.unsent(t)] == ["a"]
        assert [told.key for told in stores.outbox.pending(t)] == ["b"]
        for attempts in (1, 2):
            stores.outbox.put_delivery(t, a_delivery("b", "log", attempts))
        stores.outbox.settle(t, "b", at=NOON)
        assert stores.outbox.pending(t) == []
        for minutes in (0, 5):
            stores.outbox.acknowledge(t, "b", at=NOON + minutes * MINUTE)
        sent = replace(
            a_notification("b", 1),
            told_at=NOON,
            told_with="b",
            attempts=2,
            sent_at=NOON,
            acknowledged_at=NOON,
        )
        assert stores.outbox.recent(t)[1] == stores.outbox.get(t, "b") == sent
        assert stores.outbox.get(t, "c") is None
        with pytest.raises(NotFound, match="nobody"):
            stores.outbox.acknowledge(t, "nobody", at=NOON)


def test_what_nobody_has_seen_is_found_by_how_its_key_begins(stores: Stores) -> None:
    with stores.transactions.begin() as t:
        for key, minutes in (("cancel:1:a", 1), ("cancel:1:b", 2), ("cancel:10:a", 3), ("cancel_1:a", 4)):
            stores.outbox.put(t, a_notification(key, minutes))
        assert [told.key for told in stores.outbox.unseen(t, "cancel:1:")] == ["cancel:1:b", "cancel:1:a"]
        stores.outbox.acknowledge(t, "cancel:1:b", at=NOON)
        assert [told.key for told in stores.outbox.unseen(t, "cancel:1:")] == ["cancel:1:a"]
