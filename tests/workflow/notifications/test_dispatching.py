"""At least once on every channel, and never again on one that has it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest

from glassdesk.adapters.clocks import ManualClock
from glassdesk.adapters.database import Stores, open_database
from glassdesk.adapters.memory.channel import MemoryChannel
from glassdesk.kernel.errors import NotFound
from glassdesk.workflow.lineage.audit import Audit
from glassdesk.workflow.notifications.dispatching import Channels
from glassdesk.workflow.notifications.model import Notification, Severity
from glassdesk.workflow.notifications.quiet import quiet_hours
from glassdesk.workflow.notifications.service import Notifications

NOON = datetime(2012, 10, 1, 12, 0, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """A desk that only tells."""

    clock: ManualClock
    stores: Stores
    first: MemoryChannel
    other: MemoryChannel
    second: MemoryChannel
    notifications: Notifications

    def tell(self, key: str, severity: Severity = Severity.INFO, *, strategy: str = "trend") -> None:
        with self.stores.transactions.begin() as t:
            self.notifications.tell(t, key, severity, f"Title of {key}", "Why", "session", strategy=strategy)

    def after(self, **time: float) -> int:
        """Let time pass, then dispatch."""
        self.clock.advance(timedelta(**time))
        return self.notifications.dispatch()

    def told(self, key: str) -> Notification:
        with self.stores.transactions.read() as t:
            return next(one for one in self.notifications.recent(t) if one.key == key)


@pytest.fixture
def post() -> Iterator[Post]:
    stores, clock = open_database("memory:"), ManualClock(NOON)
    first, other, second = (MemoryChannel(name) for name in ("first", "other", "second"))
    channels = Channels(first=(first, other), second=(second,), quiet=quiet_hours("22:00-07:00", "UTC"))
    audit = Audit(stores.audit, clock)
    yield Post(
        clock=clock,
        stores=stores,
        first=first,
        other=other,
        second=second,
        notifications=Notifications(stores.transactions, stores.outbox, channels, clock, audit),
    )
    stores.close()


def keys(channel: MemoryChannel) -> list[str]:
    return [message.key for message in channel.sent]


def test_a_message_goes_to_every_channel_once_and_carries_key_and_head_of_the_audit(post: Post) -> None:
    post.tell("run:1:failed")
    assert post.notifications.dispatch() == 2
    assert post.after(hours=30) == 0
    assert keys(post.first) == keys(post.other) == ["run:1:failed"]
    assert post.first.sent[0].footer == f"key run:1:failed\naudit row 0 {'0' * 16}"
    assert post.second.sent == []
    assert post.told("run:1:failed").sent_at == NOON


def test_a_channel_that_fails_is_tried_again_alone_ever_later(post: Post) -> None:
    post.other.broken = True
    post.tell("run:1:failed")
    post.notifications.dispatch()
    assert post.after(seconds=14) == post.after(seconds=1) == 0
    assert post.other.tries == 2
    post.after(seconds=29)
    assert post.other.tries == 2
    post.other.broken = False
    assert post.after(seconds=1) == 1
    assert keys(post.first) == ["run:1:failed"], "the channel that had it got it again"
    assert keys(post.other) == ["run:1:failed"]
    assert post.told("run:1:failed").sent_at is not None


def test_after_a_day_a_message_is_given_up_and_says_why(post: Post) -> None:
    post.other.broken = True
    post.tell("run:1:failed")
    for _ in range(60):
        post.after(minutes=30)
    with post.stores.transactions.read() as t:
        row = post.stores.outbox.deliveries(t, ["run:1:failed"])[1]
    assert row.channel == "other"
    assert row.gave_up_at is not None
    assert timedelta(hours=24) <= row.gave_up_at - NOON <= timedelta(hours=25, minutes=30)
    assert row.problem == "this channel is broken on purpose"
    tries = post.other.tries
    assert 9 <= tries <= 40
    post.after(hours=5)
    assert post.other.tries == tries
    assert post.told("run:1:failed").sent_at is not None


def test_a_message_whose_outcome_was_not_noted_goes_out_again_with_the_same_key(post: Post) -> None:
    """A crash between the send and its note."""
    post.tell("run:1:failed")

    class Killed(BaseException):
        pass

    def die(message: object) -> None:
        post.first.sent.append(message)  # type: ignore[arg-type]
        raise Killed

    send, post.first.send = post.first.send, die  # type: ignore[method-assign]
    with pytest.raises(Killed):
        post.notifications.dispatch()
    post.first.send = send  # type: ignore[method-assign]
    assert post.after(seconds=14) == 0, "a claimed try is not made twice at once"
    assert post.after(seconds=1) == 2
    assert keys(post.first) == ["run:1:failed", "run:1:failed"]


def test_two_dispatchers_do_not_send_the_same(post: Post) -> None:
    post.tell("run:1:failed")
    again = Notifications(
        post.stores.transactions,
        post.stores.outbox,
        Channels(first=(post.first, post.other)),
        post.clock,
        Audit(post.stores.audit, post.clock),
    )
    inner: list[int] = []
    send = post.first.send

    def meanwhile(message: object) -> None:
        post.first.send = send  # type: ignore[method-assign]
        inner.append(again.dispatch())
        send(message)  # type: ignore[arg-type]

    post.first.send = meanwhile  # type: ignore[method-assign]
    post.notifications.dispatch()
    assert inner == [0]
    assert keys(post.first) == keys(post.other) == ["run:1:failed"]


def test_a_storm_is_one_message_a_minute_with_a_counter(post: Post) -> None:
    for second in range(120):
        post.tell(f"run:{second}:failed")
        post.notifications.dispatch()
        post.clock.advance(timedelta(seconds=1))
    post.after(seconds=60)
    assert [message.count for message in post.first.sent] == [1, 60, 59]
    assert post.first.sent[1].title.startswith("60 × ")
    assert sum(len(message.keys) for message in post.first.sent) == 120
    assert len({key for message in post.first.sent for key in message.keys}) == 120


def test_another_strategy_is_not_held_back(post: Post) -> None:
    post.tell("run:1:failed", strategy="trend")
    post.notifications.dispatch()
    post.tell("run:2:failed", strategy="dips")
    post.notifications.dispatch()
    assert keys(post.first) == ["run:1:failed", "run:2:failed"]


def test_a_message_of_several_keeps_its_words_when_it_is_tried_again(post: Post) -> None:
    post.other.broken = True
    post.tell("run:1:failed")
    post.tell("run:2:failed")
    post.notifications.dispatch()
    post.tell("run:3:failed")
    post.other.broken = False
    post.after(seconds=15)
    assert post.other.sent[0].keys == post.first.sent[0].keys == ("run:1:failed", "run:2:failed")
    assert post.other.sent[0].body == post.first.sent[0].body


def test_an_alarm_that_nobody_acknowledged_for_two_minutes_goes_out_on_the_second_channel(post: Post) -> None:
    post.tell("unprotected:1", Severity.ALARM)
    post.notifications.dispatch()
    post.after(seconds=119)
    assert post.second.sent == []
    post.after(seconds=1)
    assert keys(post.second) == ["unprotected:1"]
    post.after(hours=1)
    assert keys(post.second) == ["unprotected:1"]
    assert keys(post.first) == ["unprotected:1"]


def test_an_alarm_that_no_first_channel_took_goes_out_on_the_second(post: Post) -> None:
    post.first.broken = post.other.broken = True
    post.tell("unprotected:1", Severity.ALARM)
    post.notifications.dispatch()
    post.after(minutes=2)
    assert keys(post.second) == ["unprotected:1"]
    assert post.told("unprotected:1").sent_at is None


def test_an_acknowledged_alarm_and_what_is_no_alarm_stay_off_the_second_channel(post: Post) -> None:
    post.tell("unprotected:1", Severity.ALARM)
    post.tell("run:1:failed", Severity.WARNING)
    post.notifications.dispatch()
    with post.stores.transactions.begin() as t:
        post.notifications.acknowledge(t, "unprotected:1", "owner")
    post.after(minutes=10)
    assert post.second.sent == []
    assert post.told("unprotected:1").sent_at is not None


def test_in_quiet_hours_only_alarms_go_out_and_the_rest_comes_as_one_when_they_end(post: Post) -> None:
    post.clock.advance(timedelta(hours=11))
    for number in range(3):
        post.tell(f"run:{number}:failed", Severity.WARNING)
    post.tell("unprotected:1", Severity.ALARM)
    post.notifications.dispatch()
    assert keys(post.first) == ["unprotected:1"]
    post.after(hours=7, minutes=59)
    assert keys(post.first) == ["unprotected:1"]
    post.after(minutes=1)
    assert [message.count for message in post.first.sent] == [1, 3]


def test_a_dealer_sends_alarms_only(post: Post) -> None:
    post.tell("run:1:failed", Severity.WARNING)
    post.tell("unprotected:1", Severity.ALARM)
    assert post.notifications.dispatch(only=Severity.ALARM) == 2
    assert keys(post.first) == ["unprotected:1"]
    post.notifications.dispatch()
    assert keys(post.first) == ["unprotected:1", "run:1:failed"]


def test_a_rolled_back_change_tells_nobody(post: Post) -> None:
    def change() -> None:
        with post.stores.transactions.begin() as t:
            post.notifications.tell(t, "run:1:failed", Severity.ALARM, "Title", "Why", "session")
            post.notifications.acknowledge(t, "unknown", "owner")

    with pytest.raises(NotFound):
        change()
    assert post.notifications.dispatch() == 0


def test_one_and_all_are_acknowledged_with_an_audit_row_each(post: Post) -> None:
    for number in range(3):
        post.tell(f"run:{number}:failed", Severity.ALARM)
    with post.stores.transactions.begin() as t:
        post.notifications.acknowledge(t, "run:1:failed", "owner")
        assert post.notifications.alarms(t) == 2
        assert post.notifications.acknowledge_all(t, "owner") == 2
        assert post.notifications.alarms(t) == 0
        rows = post.stores.audit.entries(t)
    assert [(row.actor, row.kind, row.ref) for row in rows] == [
        ("owner", "notification.acknowledge", "run:1:failed"),
        ("owner", "notification.acknowledge", "all"),
    ]
    assert post.told("run:1:failed").acknowledged_at == NOON


def test_a_test_goes_through_every_channel_at_once_and_names_those_that_fail(post: Post) -> None:
    post.clock.advance(timedelta(hours=11))
    post.other.broken = True
    found = post.notifications.test("owner")
    assert found == {"first": "", "other": "this channel is broken on purpose", "second": ""}
    assert post.first.sent[0].title == "Glassdesk: a test"
    with post.stores.transactions.read() as t:
        assert [row.kind for row in post.stores.audit.entries(t)] == ["notification.test"]


def test_how_each_channel_does_is_known(post: Post) -> None:
    post.other.broken = True
    post.tell("run:1:failed")
    post.notifications.dispatch()
    with post.stores.transactions.read() as t:
        states = {state.name: state for state in post.notifications.channels(t)}
    assert states["first"].delivered_at == NOON
    assert (states["first"].waiting, states["first"].problem) == (0, "")
    assert states["other"].delivered_at is None
    assert (states["other"].waiting, states["other"].problem) == (1, "this channel is broken on purpose")
    assert [state.name for state in states.values() if state.second] == ["second"]
