"""What goes out together, when it waits, and when it is tried again."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from glassdesk.kernel.errors import InvalidInput
from glassdesk.workflow.notifications import messages, retry
from glassdesk.workflow.notifications.model import Notification, Severity, kind_of
from glassdesk.workflow.notifications.quiet import quiet_hours

NOON = datetime(2012, 10, 1, 12, 0, tzinfo=UTC)


def notification(key: str, *, seconds: float = 0, **fields: object) -> Notification:
    known: dict[str, object] = {
        "severity": Severity.INFO,
        "title": f"Title of {key}",
        "body": "",
        "ref": "session",
        "kind": "run.failed",
        "created_at": NOON + timedelta(seconds=seconds),
    }
    return Notification(key=key, **(known | fields))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("key", "kind"),
    [
        ("order:6f1e2a90-1c:filled", "order.filled"),
        ("order:6f1e2a90-1c:unknown-2", "order.unknown"),
        ("session:signed_out:2012-10-01T13:30:00Z", "session.signed_out"),
        ("sign-in:2012-10-01", "sign-in"),
        ("unprotected:DU1:265598:2012-10-01T13:30:00Z", "unprotected"),
        ("break:DU1:265598:2012-10-01T13:30:00+00:00:opened", "break.opened"),
    ],
)
def test_a_kind_is_the_key_without_whom_it_is_about(key: str, kind: str) -> None:
    assert kind_of(key) == kind


def nothing_held(severity: Severity, now: datetime) -> bool:
    return False


def test_one_strategys_notifications_of_one_kind_share_a_message() -> None:
    waiting = [
        notification("b", seconds=1, strategy="trend"),
        notification("a", strategy="trend"),
        notification("c", strategy="dips"),
        notification("d", strategy="trend", kind="run.blocked"),
    ]
    found = messages.ready(waiting, {}, NOON, nothing_held)
    assert sorted([one.key for one in members] for members in found) == [["a", "b"], ["c"], ["d"]]


@pytest.mark.parametrize(("age", "goes"), [(59, 0), (60, 1)])
def test_a_second_message_of_a_group_waits_a_minute(age: int, goes: int) -> None:
    told = {("trend", "run.failed"): NOON - timedelta(seconds=age)}
    waiting = [notification("a", strategy="trend")]
    assert len(messages.ready(waiting, told, NOON, nothing_held)) == goes


def test_a_message_of_several_counts_them_names_each_and_is_as_bad_as_the_worst() -> None:
    members = [notification(f"k{n:02}", body=f"body {n}") for n in range(13)]
    members[4] = notification("k04", severity=Severity.ALARM)
    made = messages.compose(members, "row 7 abc")
    assert made.title == "13 × Title of k00"
    assert made.severity is Severity.ALARM
    assert made.body.count("\n") == 10
    assert made.body.endswith("and 3 more")
    assert made.keys == tuple(one.key for one in members)
    assert made.key == "k00"
    assert made.text.endswith("key k00\naudit row 7 abc")


def test_a_message_of_one_is_the_notification_itself() -> None:
    made = messages.compose([notification("a", body="Why")], "row 7 abc")
    assert (made.title, made.body, made.count) == ("Title of a", "Why", 1)


@given(st.integers(min_value=1, max_value=500))
def test_each_try_waits_at_least_as_long_as_the_one_before_and_an_hour_at_most(attempts: int) -> None:
    wait = retry.next_try(attempts, NOON) - NOON
    assert timedelta(seconds=15) <= wait <= timedelta(hours=1)
    assert wait <= retry.next_try(attempts + 1, NOON) - NOON


def test_the_first_waits_double() -> None:
    waits = [(retry.next_try(n, NOON) - NOON).total_seconds() for n in range(1, 10)]
    assert waits == [15, 30, 60, 120, 240, 480, 960, 1920, 3600]


def test_after_a_day_a_message_is_given_up() -> None:
    assert not retry.given_up(NOON, NOON + timedelta(hours=23, minutes=59))
    assert retry.given_up(NOON, NOON + timedelta(hours=24))


@pytest.mark.parametrize(
    ("at", "quiet"),
    [("21:59", False), ("22:00", True), ("23:59", True), ("03:00", True), ("06:59", True), ("07:00", False)],
)
def test_quiet_hours_go_over_midnight_and_an_alarm_breaks_through(at: str, quiet: bool) -> None:
    hours = quiet_hours("22:00-07:00", "Europe/Vienna")
    assert hours is not None
    now = datetime.fromisoformat(f"2012-10-01T{at}:00+02:00")
    assert hours.holds(Severity.WARNING, now) is quiet
    assert hours.holds(Severity.INFO, now) is quiet
    assert hours.holds(Severity.ALARM, now) is False


def test_quiet_hours_of_one_day() -> None:
    hours = quiet_hours("12:00-14:00", "UTC")
    assert hours is not None
    assert hours.holds(Severity.INFO, NOON)
    assert not hours.holds(Severity.INFO, NOON + timedelta(hours=2))


@pytest.mark.parametrize(
    ("text", "zone", "where"),
    [
        ("22-7", "UTC", "quiet_hours"),
        ("25:00-07:00", "UTC", "quiet_hours"),
        ("07:00-07:00", "UTC", "quiet_hours"),
        ("22:00-07:00", "Middle/Earth", "quiet_zone"),
        ("22:00-07:00", "", "quiet_zone"),
    ],
)
def test_hours_that_are_none_are_refused_by_name(text: str, zone: str, where: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        quiet_hours(text, zone)
    assert refused.value.where == where


def test_no_text_is_no_quiet_hours() -> None:
    assert quiet_hours("", "UTC") is None
