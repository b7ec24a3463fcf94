"""From a URL to a model; recorded and scripted ones."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from glassdesk.adapters.llm import (
    HOSTED,
    ModelServer,
    Recorded,
    Recording,
    Scripted,
    lacks_key,
    model_for,
    write_recordings,
)
from glassdesk.kernel.errors import InvalidInput
from glassdesk.workflow.signals.calls import Reply as Said
from glassdesk.workflow.signals.calls import Usage
from glassdesk.workflow.signals.model import Action
from glassdesk.workflow.signals.service import judge
from tests.adapters.llm.asking import KEY, PNG, PROMPT, Starts, as_raw
from tests.adapters.llm.standin import Ask, png
from tests.workflow.signals.cases import question
from tests.workflow.signals.malformed import GOOD

pytestmark = pytest.mark.slow


def test_the_url_picks_the_model(server: Starts) -> None:
    assert isinstance(model_for("memory:"), Scripted)
    standin = server(lambda _: GOOD)
    model = model_for(f"openai-compatible:{standin.url}/v1/?model=a/b:7b&temperature=0.2", KEY)
    assert model.engine == "openai-compatible"
    assert model.endpoint == f"openai-compatible:a/b:7b@{standin.url.removeprefix('http://')}"
    assert model.parameters == (("temperature", "0.2"),)
    assert model.ask(PROMPT, 5).text == GOOD
    (asked,) = standin.asked
    assert (asked.body["model"], asked.body["temperature"], asked.key) == ("a/b:7b", 0.2, KEY)


@pytest.mark.parametrize("engine", HOSTED)
def test_a_provider_needs_a_model_and_no_address(engine: str) -> None:
    model = model_for(f"{engine}:some-model-1", KEY)
    assert isinstance(model, ModelServer)
    assert (model.endpoint, model.model, model.engine) == (f"{engine}:some-model-1", "some-model-1", engine)
    assert HOSTED[engine] in repr(model)


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("", "no model behind ''"),
        ("gpt:5", "no model behind 'gpt'"),
        ("openai:", "the model's name is missing"),
        ("anthropic:?temperature=1", "the model's name is missing"),
        ("openai:gpt?key=secret", "a key does not belong"),
        ("openai-compatible:", "the address is missing"),
        ("ollama:llama", "the address is missing"),
        ("openai-compatible:ftp://127.0.0.1/v1?model=x", "the address is missing"),
        ("openai-compatible:http:///v1?model=x", "the address is missing"),
        ("openai-compatible:http://127.0.0.1/v1", "the model's name is missing"),
        ("openai-compatible:http://127.0.0.1/v1?model=", "the model's name is missing"),
        ("openai-compatible:http://127.0.0.1/v1?model=x&modle=y", "the option 'modle' is unknown"),
        ("openai-compatible:http://127.0.0.1/v1?model=x&temperature=hot", "'hot' is no temperature"),
        ("openai-compatible:http://127.0.0.1/v1?model=x&temperature=3", "'3' is no temperature"),
        ("openai-compatible:http://me:secret@127.0.0.1/v1?model=x", "a key does not belong into an address"),
        ("openai-compatible:http://127.0.0.1/v1?model=x&key=secret", "a key does not belong"),
        ("recorded:/no/such/file", "cannot be read"),
        ("recorded:", "cannot be read"),
    ],
)
def test_a_wrong_address_says_what_would_be_right(url: str, told: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        model_for(url)
    assert told in refused.value.problem
    assert refused.value.remedy
    assert "secret" not in str(refused.value)


def test_recorded_answers_are_given_to_the_same_prompt_and_to_no_other(tmp_path: Path) -> None:
    """X-1: what was not recorded is no answer."""
    file = tmp_path / "answers.jsonl"
    usage = Usage(input_tokens=1, output_tokens=2)
    one = Recording(prompt=PROMPT.sha256, text=GOOD, model="gpt-x", usage=usage)
    file.write_text(write_recordings([one]))
    model = model_for(f"recorded:{file}")
    assert isinstance(model, Recorded)
    assert model.ask(PROMPT, 1) == Said(text=GOOD, model="gpt-x", usage=usage, finish="stop")
    for other in (
        replace(PROMPT, user="u"),
        replace(PROMPT, images=(PNG,)),
        replace(PROMPT, images=PROMPT.images[::-1]),
    ):
        assert "no answer was recorded" in model.ask(other, 1).failure


def test_a_file_that_holds_no_recorded_answers_names_the_line(tmp_path: Path) -> None:
    file = tmp_path / "answers.jsonl"
    file.write_text(
        write_recordings([Recording(prompt="a", text=GOOD, model="m")]) + '{"prompt": "b", "text": 1}\n'
    )
    with pytest.raises(InvalidInput, match="line 2 is no recorded answer"):
        model_for(f"recorded:{file}")


def test_a_memory_model_without_a_script_makes_nothing_up() -> None:
    """X-1."""
    assert judge(as_raw(Scripted().ask(PROMPT, 1)), question()).action is Action.ABSTAIN
    assert judge(as_raw(Scripted(lambda _: GOOD).ask(PROMPT, 1)), question()).action is Action.BUY


def test_a_picture_that_is_none_is_noticed_by_the_stand_in() -> None:
    with pytest.raises(ValueError, match="no PNG"):
        png("AAAA")
    body = {
        "messages": [
            {},
            {"content": [{"type": "image_url", "image_url": {"url": "data:image/gif;base64,A"}}]},
        ]
    }
    with pytest.raises(ValueError, match="no PNG"):
        assert Ask(path="/v1/chat/completions", headers={}, body=body).images


@pytest.mark.parametrize("key", ["", "your-key-here", "changeme", "<key>", "sk-...", "sk-xxxx", "TODO"])
@pytest.mark.parametrize("engine", ["openai", "anthropic", "google"])
def test_a_provider_without_a_key_is_not_asked_and_says_where_to_put_it(engine: str, key: str) -> None:
    """R-96: at the start and at the request; a server of one's own needs none."""
    reply = model_for(f"{engine}:any", key).ask(PROMPT, 1.0)
    assert reply.failure == lacks_key(f"{engine}:any", key)
    assert f"GLASSDESK_{engine.upper()}_KEY" in reply.failure
    assert "https://" in reply.failure
    assert (reply.billed, reply.again) == (False, False)
    assert lacks_key(f"{engine}:any", "sk-proj-0123456789abcdef") == ""
    assert lacks_key(f"{engine}:http://127.0.0.1:9/v1?model=m", key) == ""
