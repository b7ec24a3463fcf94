"""A question where there is no desk yet is answered on the simulator, and nothing of it stays."""

from __future__ import annotations

from pathlib import Path

import pytest

from glassdesk.composition.examples import example_files
from tests.cli.conftest import Typed


def test_examples_are_checked_and_a_symbol_is_previewed_on_a_machine_without_a_desk(
    type_in: Typed, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    nowhere, folder = tmp_path / "nowhere", tmp_path / "folder"
    folder.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(folder))
    checked = type_in("strategies", "validate", *map(str, example_files()), "--json", at=nowhere)
    assert (checked.code, [one["problems"] for one in checked.json]) == (0, [[]] * 8)
    assert "of the last year's 252 days" in checked.json[1]["last_year"]["AAPL"]
    values = type_in("indicators", "preview", "AAPL", "--set", "momentum", "--json", at=nowhere)
    assert (values.code, values.json[-1]["session"]) == (0, "2012-09-28")
    for answer in (checked, values):
        assert answer.err.startswith(f"there is no desk in {nowhere}: this is answered on the simulator")
    assert not nowhere.exists()
    assert list(folder.iterdir()) == []


def test_what_the_environment_says_of_a_broker_is_not_for_a_trial(
    type_in: Typed, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GLASSDESK_BROKER_URL", "https://127.0.0.1:1")
    monkeypatch.setenv("GLASSDESK_ACCOUNT_KIND", "live")
    wrong = tmp_path / "wrong.yaml"
    wrong.write_text("name: Not a name\n")
    told = type_in("strategies", "validate", str(wrong), at=tmp_path / "nowhere")
    assert told.code == 2
    assert "wrong.yaml" in told.err
    assert "127.0.0.1" not in told.err
