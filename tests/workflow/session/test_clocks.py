"""The broker's own clocks, in the zone of the region and over changes of summer time [F-09, F-10, F-18]."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from glassdesk.workflow.session.clocks import Region, login_ends, next_reset, quiet_at


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("region", "instant", "until"),
    [
        (Region.US, "2026-07-01T03:49:59", None),
        (Region.US, "2026-07-01T03:50:00", "2026-07-01T05:10:00"),
        (Region.US, "2026-07-01T05:09:59", "2026-07-01T05:10:00"),
        (Region.US, "2026-07-01T05:10:00", None),
        (Region.US, "2026-01-07T04:50:00", "2026-01-07T06:10:00"),
        (Region.EUROPE, "2026-07-01T22:05:00", "2026-07-01T23:10:00"),
        (Region.ASIA, "2026-07-01T16:30:00", "2026-07-01T17:10:00"),
        (Region.US, "2026-07-01T15:00:00", None),
    ],
)
def test_F_09_the_nightly_reset_is_frozen_ten_minutes_around(
    region: Region, instant: str, until: str | None
) -> None:
    found = quiet_at(at(instant), region)
    assert (found.until if found else None) == (at(until) if until else None)


def test_F_18_saturday_evening_is_maintenance_until_sunday_morning() -> None:
    assert quiet_at(at("2026-07-04T21:59:00"), Region.US) is None
    found = quiet_at(at("2026-07-04T22:00:00"), Region.US)
    assert found is not None
    assert found.until == at("2026-07-05T10:00:00")
    assert "weekly maintenance" in found.why
    assert quiet_at(at("2026-07-05T10:00:00"), Region.US) is None
    assert quiet_at(at("2026-07-03T23:00:00"), Region.US) is None


@pytest.mark.parametrize(
    ("region", "instant", "ends"),
    [
        (Region.US, "2026-07-01T15:00:00", "2026-07-02T04:00:00"),
        (Region.US, "2026-07-02T04:00:00", "2026-07-03T04:00:00"),
        (Region.US, "2026-10-31T12:00:00", "2026-11-01T04:00:00"),
        (Region.US, "2026-11-01T12:00:00", "2026-11-02T05:00:00"),
        (Region.EUROPE, "2026-07-01T15:00:00", "2026-07-01T22:00:00"),
    ],
)
def test_F_10_a_sign_in_ends_at_the_next_midnight_of_the_region(
    region: Region, instant: str, ends: str
) -> None:
    assert login_ends(at(instant), region) == at(ends)


@given(st.integers(min_value=0, max_value=10 * 366 * 1440), st.sampled_from(Region))
def test_a_quiet_time_is_never_over_and_never_longer_than_a_night(minutes: int, region: Region) -> None:
    now = at("2020-01-01T00:00:00") + timedelta(minutes=minutes)
    found = quiet_at(now, region)
    if found is not None:
        assert timedelta(0) < found.until - now <= timedelta(hours=12)


@given(
    now=st.integers(0, 4 * 366 * 86400).map(lambda s: at("2024-01-01T00:00:00") + timedelta(seconds=s)),
    region=st.sampled_from(Region),
)
def test_the_next_reset_is_under_way_or_ahead_and_holds_midnight_and_one(
    now: datetime, region: Region
) -> None:
    reset = next_reset(now, region)
    assert reset.ends_at > now
    assert reset.begins_at - now <= timedelta(hours=25)
    begins, ends = reset.begins_at.astimezone(region.zone), reset.ends_at.astimezone(region.zone)
    assert (begins.hour, begins.minute, ends.hour, ends.minute) == (23, 50, 1, 10)
