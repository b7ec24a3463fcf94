"""Every model adapter against a real server on this machine that answers well, badly, late or not at all: the
same laws for every wire protocol."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from dataclasses import replace

import pytest

from glassdesk.adapters.llm import (
    model_for,
)
from glassdesk.adapters.templates import SandboxedTemplates
from glassdesk.kernel.canonical import canonical_text
from glassdesk.workflow.contracts.model import Contract
from glassdesk.workflow.prompts import bundle, service
from glassdesk.workflow.prompts.context import build
from glassdesk.workflow.signals.answers import ANSWER_SCHEMA
from glassdesk.workflow.signals.calls import Prompt
from glassdesk.workflow.signals.confirmations import as_words
from glassdesk.workflow.signals.model import Action
from glassdesk.workflow.signals.service import judge
from tests.adapters.llm.asking import KEY, PNG, PROMPT, QUICK, Starts, as_raw, ask, scripted
from tests.adapters.llm.protocols import MODEL, PROTOCOLS, Protocol
from tests.adapters.llm.standin import Reply, reader
from tests.workflow.signals.cases import BARS, TRUE, question
from tests.workflow.signals.malformed import GOOD

pytestmark = pytest.mark.slow


def test_texts_pictures_schema_and_limit_arrive_and_usage_is_counted(
    protocol: Protocol, server: Starts
) -> None:
    standin = server(lambda _: GOOD)
    said = ask(protocol, standin.url)
    (asked,) = standin.asked
    assert (asked.system, asked.user, asked.images) == (PROMPT.system, PROMPT.user, PROMPT.images)
    assert asked.schema == ANSWER_SCHEMA
    assert list(asked.schema["properties"]) == list(ANSWER_SCHEMA["properties"]), "the order of reasoning"
    assert asked.protocol.most(asked.body) == 777
    assert "temperature" not in json.dumps(asked.body)
    assert asked.key == ""
    assert (said.text, said.failure, said.model) == (GOOD, "", MODEL)
    assert (said.usage.input_tokens, said.usage.output_tokens) == (1200, 300)


CACHED = {"openai": (1024, 64), "anthropic": (1024, None), "google": (1024, 64), "ollama": (None, None)}


@pytest.mark.parametrize(("name", "counted"), CACHED.items(), ids=CACHED.keys())
def test_what_was_cached_and_reasoned_is_counted_where_it_is_told(
    name: str, counted: tuple[int | None, int | None], server: Starts
) -> None:
    said = ask(PROTOCOLS[name], server(lambda _: GOOD).url)
    assert (said.usage.cached_tokens, said.usage.reasoning_tokens) == counted


def test_the_packaged_prompt_asks_so_that_a_reader_can_answer(protocol: Protocol, server: Starts) -> None:
    """Prompt, context, HTTP, schema and rules meet: what the prompt says is enough for a valid answer."""
    text = bundle.parse(service.packaged()[0])
    values = build(
        contract=Contract(
            conid=1, symbol="GLAS", name="Glass", sec_type="STK", exchange="NASDAQ", currency="USD"
        ),
        bars=BARS,
        weekly=None,
        values=TRUE.values,
        now=BARS.last.start,
        zone="America/New_York",
        strategy="s",
        parameters={},
        chart_code=TRUE.chart_code,
        checks=as_words(TRUE.confirmations),
    )
    engine = SandboxedTemplates()
    prompt = Prompt(
        system=engine.render(text.system, values), user=engine.render(text.body, values), images=(PNG,)
    )
    assert TRUE.chart_code not in prompt.user + prompt.system
    seen = ask(protocol, server(reader(lambda images: "K7QX")).url, prompt=prompt)
    signal = judge(as_raw(seen), question(TRUE))
    assert signal.action is not Action.ABSTAIN, signal.reason
    blind = judge(as_raw(ask(protocol, server(reader(lambda images: "")).url, prompt=prompt)), question(TRUE))
    assert blind.action is Action.ABSTAIN
    assert "V04" in blind.reason


def test_a_refusal_is_none_and_says_so(protocol: Protocol, server: Starts) -> None:
    said = ask(protocol, server(scripted(Reply(body=protocol.refusal()))).url)
    assert said.failure.startswith(("the model refused", "the model stopped for 'refused'"))
    assert not said.again
    assert judge(as_raw(said), question()).action is Action.ABSTAIN


def test_an_answer_that_was_cut_off_is_none_though_it_reads_whole(protocol: Protocol, server: Starts) -> None:
    said = ask(protocol, server(scripted(Reply(body=protocol.truncation(GOOD)))).url)
    assert (said.failure, said.again) == ("the answer was cut off", False)
    assert said.usage.output_tokens == 300, "it is paid for"


FINAL: dict[str, tuple[Reply, str]] = {
    "bad request": (
        Reply(status=400, body=b'{"error": {"message": "no images here"}}'),
        "HTTP 400: no images",
    ),
    "no key": (Reply(status=401, body=b'{"error": "who are you"}'), "HTTP 401: who are you"),
    "no such model": (Reply(status=404, body=b"nothing"), "HTTP 404"),
    "too large": (Reply(status=413), "HTTP 413"),
    "no content": (Reply(status=204), "HTTP 204"),
    "redirect": (Reply(status=307, headers={"Location": "http://127.0.0.1:9/v1"}), "HTTP 307"),
    "HTML": (Reply(body=b"<html>login</html>", content_type="text/html"), "text/html, not JSON"),
    "no content type": (Reply(body=b"{}", content_type=""), "no content type"),
    "a stream": (Reply(body=b"data: {}\n\n", content_type="text/event-stream"), "not JSON"),
    "empty body": (Reply(), "the response is no "),
    "no JSON": (Reply(body=b"{"), "the response is no "),
    "not UTF-8": (Reply(body=b'{"choices": "\xff\xfe"}'), "the response is no "),
    "deep JSON": (Reply(body=b"[" * 50_000), "the response is no "),
    "another object": (Reply(body=b'{"result": "BUY"}'), "the response is no "),
    "a list": (Reply(body=b"[]"), "the response is no "),
    "two megabytes": (Reply(body=b'{"x": "' + b"x" * 2_000_000), "more than 1,048,576 bytes"),
}


@pytest.mark.parametrize(("reply", "told"), FINAL.values(), ids=FINAL.keys())
def test_a_wrong_reply_is_a_failure_and_no_second_try_would_help(
    reply: Reply, told: str, protocol: Protocol, server: Starts
) -> None:
    """X-1."""
    standin = server(scripted(reply))
    said = ask(protocol, standin.url)
    assert told in said.failure
    assert (said.text, said.again, len(standin.asked)) == ("", False, 1)
    assert judge(as_raw(said), question()).action is Action.ABSTAIN
    canonical_text(said)


def test_a_whole_answer_called_something_else_is_none(protocol: Protocol, server: Starts) -> None:
    whole = Reply(body=protocol.response(GOOD))
    for reply in (replace(whole, content_type="text/html"), replace(whole, status=201)):
        assert ask(protocol, server(scripted(reply)).url).failure != ""


@pytest.mark.parametrize("text", ["", " \n"])
def test_an_empty_answer_is_none(text: str, protocol: Protocol, server: Starts) -> None:
    assert ask(protocol, server(lambda _: text).url).failure == "the answer is empty"


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504, 529, 599])
def test_what_may_pass_says_so_and_how_long_to_wait(status: int, protocol: Protocol, server: Starts) -> None:
    replies = [
        Reply(status=status, body=protocol.error("busy"), headers={"Retry-After": after})
        for after in ("7", "Wed, 21 Oct 2026 07:28:00 GMT", "-1", "99999")
    ]
    waits = []
    for reply in replies:
        said = ask(protocol, server(scripted(reply)).url)
        assert (said.again, said.billed, said.failure) == (True, False, f"HTTP {status}: busy")
        waits.append(said.after)
    assert waits == [7.0, None, None, None]


def test_no_answer_in_time_is_a_failure_that_may_pass(protocol: Protocol, server: Starts) -> None:
    said = ask(protocol, server(scripted(Reply(delay=60))).url, seconds=QUICK)
    assert (said.failure, said.again, said.billed) == ("no answer within 0.4 s", True, True)


LEAKS: dict[str, Callable[[Protocol, str], Reply]] = {
    "message": lambda p, key: Reply(status=401, body=p.error(f"bad key {key}")),
    "cut message": lambda p, key: Reply(status=401, body=p.error("x" * 190 + key)),
    "escaped": lambda p, key: Reply(
        status=401, body=b'{"error": "' + b"".join(b"\\u%04x" % ord(c) for c in key) + b'"}'
    ),
    "answer": lambda p, key: Reply(body=p.response(GOOD.replace("Trend", key))),
    "model": lambda p, key: Reply(body=p.response(GOOD).replace(MODEL.encode(), key.encode())),
    "body": lambda p, key: Reply(body=key.encode()),
    "content type": lambda p, key: Reply(body=b"x", content_type=f"text/{key}"),
}


@pytest.mark.parametrize("leak", LEAKS.values(), ids=LEAKS.keys())
def test_the_key_is_sent_and_appears_nowhere_else(
    leak: Callable[[Protocol, str], Reply],
    protocol: Protocol,
    server: Starts,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    standin = server(scripted(leak(protocol, KEY)))
    said = ask(protocol, standin.url, key=KEY)
    (asked,) = standin.asked
    assert asked.key == KEY
    assert KEY not in asked.path, "an address is written into logs"
    assert KEY[:12] not in canonical_text(said)
    assert KEY not in caplog.text
    assert KEY not in repr(model_for(protocol.model_url(standin.url), KEY))


def test_a_redirect_is_not_followed(protocol: Protocol, server: Starts) -> None:
    other = server(lambda _: GOOD)
    first = server(scripted(Reply(status=307, headers={"Location": other.url + "/v1/chat/completions"})))
    assert ask(protocol, first.url, key=KEY).failure.startswith("HTTP 307")
    assert other.asked == []


def test_proxies_of_the_environment_are_not_asked(
    protocol: Protocol, server: Starts, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9")
    assert ask(protocol, server(lambda _: GOOD).url).failure == ""
