"""Channels come from settings; a setting that is wrong is named, its secrets are not."""

from __future__ import annotations

from pathlib import Path

import pytest

from glassdesk.composition.beside import Beside
from glassdesk.composition.channels import channels_of
from glassdesk.kernel.errors import InvalidInput, Unavailable
from glassdesk.settings import load

SECRET = "s3cr3t-t0k3n"


def test_without_settings_there_is_the_page_and_the_log(tmp_path: Path) -> None:
    channels = channels_of(load(tmp_path))
    assert [channel.name for channel in channels.all] == ["log"]
    assert channels.quiet is None


def test_addresses_quiet_hours_and_second_channels_come_from_the_file(tmp_path: Path) -> None:
    (tmp_path / "settings.toml").write_text(
        'notify_urls = ["ntfy://127.0.0.1/desk", "https://example.org/hook"]\n'
        'notify_second_urls = "ntfy://127.0.0.1/loud"\n'
        'quiet_hours = "22:00-07:00"\nquiet_zone = "Europe/Vienna"\n'
    )
    channels = channels_of(load(tmp_path))
    assert [channel.name for channel in channels.first] == ["log", "ntfy", "webhook"]
    assert [channel.name for channel in channels.second] == ["ntfy 2"]
    assert channels.quiet is not None


def test_a_scheme_that_is_not_allowed_names_the_setting_and_no_secret(tmp_path: Path) -> None:
    settings = load(tmp_path, notify_second_urls=f"gotify://host/{SECRET}")
    with pytest.raises(InvalidInput) as refused:
        channels_of(settings)
    assert refused.value.where == "GLASSDESK_NOTIFY_SECOND_URLS"
    assert SECRET not in str(refused.value)
    assert SECRET not in repr(settings)


def test_hours_that_are_none_are_refused_when_the_settings_are_read(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput) as refused:
        load(tmp_path, quiet_hours="at night")
    assert refused.value.where == "GLASSDESK_QUIET_HOURS"


def test_what_is_beside_a_role_goes_on_after_a_failure_and_works_a_last_time_at_its_end() -> None:
    done: list[int] = []

    def work() -> None:
        done.append(len(done))
        if len(done) == 1:
            raise Unavailable("away", where="database")

    beside = Beside("test", work, seconds=0.01)
    beside.start()
    while len(done) < 3:
        beside.ring()
    beside.stop()
    count = len(done)
    beside.stop()
    assert len(done) == count
