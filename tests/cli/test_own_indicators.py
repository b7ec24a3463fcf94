"""Indicators of one's own at the command line."""

from __future__ import annotations

from pathlib import Path

from glassdesk.workflow.indicators.catalogue import use_own
from tests.adapters.indicators.example import EXAMPLE
from tests.cli.conftest import Typed


def test_a_desk_runs_its_folder_only_where_the_settings_say_so(type_in: Typed, tmp_path: Path) -> None:
    home = tmp_path / "home"
    (home / "indicators").mkdir(parents=True)
    (home / "indicators/spread.py").write_text(EXAMPLE)
    (home / "settings.toml").write_text('clock_url = "memory:"\nbroker_url = "memory:"\n')
    assert "spread" not in type_in("indicators", "list", at=home).out
    with (home / "settings.toml").open("a") as settings:
        settings.write("own_indicators = true\n")
    try:
        told = type_in("indicators", "show", "spread", at=home)
        assert (told.code, told.err) == (0, "")
        assert "spread_14" in told.out
    finally:
        use_own(())
