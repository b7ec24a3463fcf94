"""Every mistake gets one clear line and exit code 2; the unexpected one line, a log and exit code 1."""

import importlib
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import typer

from glassdesk.cli.program import load, run
from glassdesk.cli.table import TABLE, Entry
from tests.cli.conftest import Typed

MISTAKES: dict[tuple[str, ...], str] = {
    ("orderz",): "No such command 'orderz'. Did you mean 'orders'",
    ("orders",): "glassdesk orders: which command? (one of list, show, cancel, modify, resolve)",
    ("orders", "lst"): "No such command 'lst'",
    ("orders", "list", "--limit", "many"): "--limit",
    ("orders", "list", "--limit", "0"): "--limit",
    ("orders", "list", "--colour"): "--colour",
    ("orders", "show"): "Missing argument",
    ("orders", "show", "nonsense"): "order: no order is called 'nonsense' (orders list shows them)",
    ("orders", "cancel", "nonsense"): "no order is called",
    ("runs", "show", "12345678"): "run: no run is called '12345678' (runs list shows them)",
    ("runs", "list", "--state", "asleep"): "--state: 'asleep' is no state of a run (one of due,",
    ("signals", "show", "12345678"): "no run is called",
    ("risk", "verdicts", "12345678"): "no run is called",
    ("charts", "show", "12345678", "-o", "chart.png"): "no run is called",
    ("charts", "show", "12345678", "-o", "chart.gif"): "--output: chart.gif is no picture's name",
    ("charts", "show", "12345678"): "--output",
    ("lineage", "short"): "id: 'short' is too short (give at least eight characters)",
    ("lineage", "12345678"): "nothing is known as 12345678",
    ("lineage", "12345678", "--format", "xml"): "--format",
    ("strategies", "show", "none"): "strategy: there is no strategy none (see `strategies list`)",
    ("strategies", "show", "rising", "--version", "9"): "there is no strategy rising version 9",
    ("strategies", "enable", "none"): "there is no strategy none",
    ("strategies", "apply", "/nowhere/x.yaml"): "/nowhere/x.yaml: no such file or directory",
    ("strategies", "apply", "/"): "/: is a directory",
    (
        "prompts",
        "show",
        "none",
    ): "name: there is no prompt 'none' (prompts: chart-analyst, chart-analyst-zh-hant, ",
    ("prompts", "show", "chart-analyst@9"): "has no version 9",
    ("prompts", "label", "chart-analyst@1", "best"): "label: there is no label 'best' (one of draft,",
    (
        "prompts",
        "label",
        "chart-analyst",
        "live",
        "--scope",
        "all",
    ): "scope: 'all' is no scope (strategy:NAME,",
    ("prompts", "label", "chart-analyst", "live", "--clear"): "live for all always points somewhere",
    ("prompts", "list", "--kind", "hourly"): "kind: there is no kind 'hourly' (one of daily, weekly,",
    ("prompts", "export", "--all"): "--output: no folder to write to (-o FOLDER)",
    ("prompts", "preview"): "prompts preview: name a version or a run (--run RUN)",
    ("prompts", "preview", "--run", "nonsense"): "run: no run is called 'nonsense'",
    ("replay", "nonsense"): "run: no run is called 'nonsense'",
    ("prompts", "import", "/nowhere/x.md"): "/nowhere/x.md",
    ("contracts", "show", "7"): "conid: conid 7 is not known here (search its symbol first)",
    ("contracts", "show", "AAPL"): "'conid': Input should be a valid integer",
    ("indicators", "preview", "AAPL", "-i", "zsi"): "kind: there is no indicator 'zsi' (one of sma,",
    ("indicators", "preview", "AAPL", "-i", "rsi:length=two"): "rsi.length: 'two' is no number (a whole",
    (
        "indicators",
        "preview",
        "AAPL",
        "--set",
        "none",
    ): "--set: there is no set 'none' (one of standard, trend",
    ("indicators", "show", "zsi"): "kind: there is no indicator 'zsi' (one of sma,",
    ("indicators", "preview", "AAPL", "-o", "x.jpg"): "--output: x.jpg is no picture's name (end it in .png)",
    ("indicators", "sets", "show", "none"): "name: there is no indicator set 'none' (one of standard,",
    ("indicators", "sets", "show", "momentum", "--version", "7"): "has no version 7 (0 to 0)",
    ("indicators", "sets", "create", "mine"): "mine: a set of 0 indicators (1 to 12)",
    ("schedules", "pause", "none"): "there is no strategy none",
    ("schedules", "show", "none"): "there is no strategy none",
    ("schedules", "run", "none"): "there is no strategy none",
    ("halt", "--level", "a-bit"): "--level: 'a-bit' is no level (one of PAUSE_ENTRIES,",
    ("halt", "--level", "FLATTEN"): "--confirm: not confirmed (--confirm FLATTEN)",
    ("halt", "--reason", " "): "reason: no reason given",
    ("resume",): "--reason",
    ("resume", "--reason", ""): "reason: no reason given",
    ("approvals", "approve", "12345678"): "no intent is called",
    ("notifications", "ack", "none"): "none",
    ("why", "none"): "there is no strategy none",
    ("why", "--date", "yesterday"): "--date: 'yesterday' is no date (like 2012-10-01)",
    ("db", "backup", "-o", "kept.zip"): "--output: kept.zip is no archive's name",
    ("db", "backup", "-o", "/nowhere/kept.tar.gz"): "--output: there is no folder /nowhere",
    ("demo", "--days", "0"): "--days",
    ("demo", "--start", "soon"): "--start: 'soon' is no date",
}


@pytest.mark.parametrize("words", MISTAKES, ids=" ".join)
def test_a_mistake_is_one_line_that_says_where_what_and_what_would_be_right(
    type_in: Typed, words: tuple[str, ...], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    told = type_in(*words)
    assert told.code == 2
    assert told.out == ""
    assert told.err.startswith("error: ")
    assert told.err.count("\n") == 1
    assert MISTAKES[words] in told.err


def test_a_file_with_a_mistake_is_named_with_its_field(type_in: Typed, tmp_path: Path) -> None:
    file = tmp_path / "wrong.yaml"
    file.write_text("name: wrong\nsymbols: [AAPL]\n")
    told = type_in("strategies", "validate", str(file))
    assert told.code == 2
    assert f"error: {file}: indicators: is missing" in told.err


def test_a_home_that_is_not_there_is_named_and_not_made(type_in: Typed, tmp_path: Path) -> None:
    told = type_in("orders", "list", at=tmp_path / "nowhere")
    assert told.code == 2
    assert f"error: home: there is no desk in {tmp_path}/nowhere" in told.err
    assert not (tmp_path / "nowhere").exists()


def test_a_setting_that_is_wrong_is_named(type_in: Typed, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GLASSDESK_CLOCK_URL", "sundial:")
    told = type_in("orders", "list")
    assert told.code == 2
    assert "error: GLASSDESK_CLOCK_URL: " in told.err


def test_without_a_dealer_a_broker_read_says_so_and_is_no_mistake_of_the_person(type_in: Typed) -> None:
    told = type_in("contracts", "search", "apple")
    assert told.code == 1
    assert told.err.startswith("error: ")
    assert told.err.count("\n") == 1


def test_text_from_outside_cannot_command_the_terminal(type_in: Typed) -> None:
    told = type_in("orders", "show", "\x1b[2J\x07nonsense")
    assert "\x1b" not in told.err
    assert "\x07" not in told.err


def test_the_unexpected_is_one_line_and_a_log(type_in: Typed, home: Path) -> None:
    (home / "glassdesk.sqlite").write_bytes(b"no database at all, but long enough to look like one" * 100)
    told = type_in("orders", "list")
    assert told.code == 1
    assert told.err.startswith("error: ")
    assert told.err.count("\n") == 1
    assert "Traceback" not in told.out + told.err


def test_a_failure_nobody_thought_of_leaves_its_trace_in_the_log(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    broken = importlib.import_module("glassdesk.cli.orders")
    app = typer.Typer()
    app.command("list")(_fails)
    app.command("show")(_fails)
    monkeypatch.setattr(broken, "app", app)
    assert run(["--home", str(home), "orders", "list"]) == 1
    told = capsys.readouterr().err
    log = home / "logs/cli.log"
    assert told == f"error: ZeroDivisionError: nobody thought of this (this should not happen: see {log})\n"
    assert "Traceback" in log.read_text()


def _fails() -> None:
    raise ZeroDivisionError("nobody thought of this")


@pytest.mark.parametrize("entry", TABLE, ids=lambda entry: entry.name)
def test_every_command_loads_and_takes_home_and_json(
    entry: Entry, capsys: pytest.CaptureFixture[str]
) -> None:
    below = list(getattr(load(entry), "commands", ())) or [""]
    for name in below:
        assert run([word for word in (entry.name, name, "--help") if word]) == 0
        told = capsys.readouterr().out
        assert "--home" in told
        assert "--json" in told


@pytest.mark.parametrize("place", [0, 1, 2])
def test_home_and_json_are_taken_wherever_they_stand(
    home: Path, place: int, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["orders", "list"]
    words[place:place] = ["--json", "--home", str(home)]
    assert run(words) == 0
    assert len(json.loads(capsys.readouterr().out)) == 6


def test_help_and_version_answer_at_once(capsys: pytest.CaptureFixture[str]) -> None:
    assert run([]) == 0
    assert "lineage" in capsys.readouterr().out
    assert run(["--version"]) == 0
    assert capsys.readouterr().out.startswith("glassdesk ")


@pytest.mark.process
def test_help_loads_neither_database_nor_web_nor_settings() -> None:
    code = (
        "import sys\nfrom glassdesk.cli.program import run\nassert run(['--help']) == 0\n"
        "print(sorted({name.split('.')[0] for name in sys.modules}"
        " & {'sqlalchemy', 'fastapi', 'pydantic', 'numpy', 'talib', 'yaml', 'httpx2'}), file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], env=os.environ, capture_output=True, text=True, check=True
    )
    assert done.stderr == "[]\n"
