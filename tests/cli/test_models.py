"""`models` and `signals show` against a model server on this machine."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from glassdesk.adapters.llm import Recorded, model_for
from glassdesk.settings import Settings
from tests.adapters.llm.protocols import PROTOCOLS
from tests.adapters.llm.standin import Reply, StandIn
from tests.cli.conftest import Typed
from tests.workflow.signals.malformed import GOOD

KEY = "sk-secret-0123456789abcdef"


@pytest.fixture
def standin() -> Iterator[StandIn]:
    with StandIn() as server:
        yield server


@pytest.mark.parametrize("name", ["openai-compatible", "anthropic", "google", "ollama"])
def test_a_probe_finds_that_a_model_sees_and_keeps_to_the_schema_and_is_kept(
    type_in: Typed, standin: StandIn, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str
) -> None:
    """The stand-in reads the code from the picture's pixels, so the picture did arrive."""
    prices = tmp_path / "prices.toml"
    prices.write_text(f'version="1"\n[models."{name}:"]\ninput=1\ncached=0.1\noutput=2\nimage_tokens=900\n')
    monkeypatch.setenv("GLASSDESK_MODEL_PRICES", str(prices))
    monkeypatch.setenv("GLASSDESK_MODEL_URL", PROTOCOLS[name].model_url(standin.url))
    monkeypatch.setenv("GLASSDESK_MODEL_KEY", KEY)
    told = type_in("models", "probe", "--json")
    assert (told.code, told.err) == (0, "")
    (found,) = told.json
    assert (found["sees"], found["schema"], found["model"], found["failure"]) == (
        True,
        True,
        "stand-in-1",
        "",
    )
    assert standin.asked[-1].key == KEY
    listed = type_in("models", "list").out
    assert found["endpoint"] in listed.replace("\n", "")
    (call,) = [
        one
        for one in type_in("models", "calls", "--json").json
        if one["call"]["endpoint"] == found["endpoint"]
    ]
    assert call["outcome"]["cost"] == ("0.0018" if name == "ollama" else "0.0008784"), (
        "cached tokens are cheap"
    )
    assert KEY not in str(type_in("models", "calls", "--json").json)


def test_a_blind_and_chatty_model_is_found_out(type_in: Typed, monkeypatch: pytest.MonkeyPatch) -> None:
    with StandIn(lambda ask: "HELLO, I see no picture") as server:
        monkeypatch.setenv("GLASSDESK_MODEL_URL", PROTOCOLS["ollama"].model_url(server.url))
        (found,) = type_in("models", "probe", "--json").json
        assert (found["sees"], found["schema"]) == (False, False)
    with StandIn(lambda ask: Reply(status=401, body=b'{"error": "no"}')) as server:
        monkeypatch.setenv("GLASSDESK_MODEL_URL", PROTOCOLS["ollama"].model_url(server.url))
        (found,) = type_in("models", "probe", "--json").json
        assert (found["sees"], found["schema"], found["failure"]) == (False, False, "HTTP 401: no")


def test_without_a_model_it_is_said_that_rules_decide(type_in: Typed) -> None:
    for words in (("models", "list"), ("models", "probe")):
        assert "RULES, not AI" in type_in(*words).out


def test_a_chain_is_listed_in_the_order_it_is_asked(type_in: Typed, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GLASSDESK_MODEL_URL", "anthropic:claude-opus-5")
    monkeypatch.setenv("GLASSDESK_MODEL_FALLBACK", "openai:gpt-5.4-mini rules:")
    listed = type_in("models", "list", "--json").json
    assert [one["endpoint"] for one in listed] == ["anthropic:claude-opus-5", "openai:gpt-5.4-mini"]


def test_a_missing_key_is_told_by_the_list_and_by_the_doctor_and_nothing_crashes(
    type_in: Typed, monkeypatch: pytest.MonkeyPatch
) -> None:
    """R-96."""
    monkeypatch.setenv("GLASSDESK_MODEL_URL", "openai:gpt-5.4-mini")
    [listed] = type_in("models", "list", "--json").json
    assert "GLASSDESK_OPENAI_KEY" in listed["problem"]
    [told] = [one for one in type_in("doctor", "--json").json if one["check"] == "models"]
    assert (told["state"], told["detail"]) == ("look", "the key of openai is missing")
    assert "GLASSDESK_OPENAI_KEY" in told["remedy"]
    [found] = type_in("models", "probe", "--json").json
    assert "the key of openai is missing" in found["failure"]
    monkeypatch.setenv("GLASSDESK_OPENAI_KEY", "sk-proj-0123456789abcdef")
    assert type_in("models", "list", "--json").json[0]["problem"] == ""


def test_the_example_of_an_environment_names_settings_that_there_are() -> None:
    """R-95, R-98."""
    text = (Path(__file__).parents[2] / ".env.example").read_text(encoding="utf-8")
    named = set(re.findall(r"^#?GLASSDESK_([A-Z_]+)=", text, re.MULTILINE))
    assert {"MODEL_URL", "OPENAI_KEY", "ANTHROPIC_KEY", "GOOGLE_KEY", "MODEL_PRICES"} <= named
    assert {name.lower() for name in named} - {"secrets"} <= set(Settings.model_fields)


def test_what_was_answered_is_exported_for_recorded_and_probes_are_not(
    type_in: Typed, standin: StandIn, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("GLASSDESK_MODEL_URL", PROTOCOLS["ollama"].model_url(standin.url))
    type_in("models", "probe")
    file = tmp_path / "answers.jsonl"
    assert type_in("models", "export", str(file), "--json").json["answers"] == 0
    assert isinstance(model_for(f"recorded:{file}"), Recorded)


def test_a_signal_is_shown_with_claims_beside_the_truth_and_labelled(type_in: Typed) -> None:
    run = type_in("signals", "list", "--json").json[0]["signal"]["run"]
    told = type_in("signals", "show", run)
    assert (told.code, told.err) == (0, "")
    assert "RULES, not AI" in told.out
    assert "100% of the reading rules" in told.out
    whole = type_in("signals", "show", run, "--json").json
    assert {one["what"] for one in whole["claims"]} >= {"symbol", "last close", "code in the picture", "rsi"}
    assert all(one["agrees"] for one in whole["claims"])
    assert whole["signal"]["run"] == run
    assert GOOD
