"""The model adapter against a real server on this machine that answers well, badly, late or not at all."""

from __future__ import annotations

import json
import logging
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace

import pytest

from glassdesk.adapters.llm import OpenAICompatible, Scripted, analyst_for
from glassdesk.adapters.llm.factory import KEY_VARIABLE
from glassdesk.adapters.templates import SandboxedTemplates
from glassdesk.kernel.canonical import canonical_text
from glassdesk.kernel.errors import InvalidInput
from glassdesk.workflow.contracts.model import Contract
from glassdesk.workflow.prompts import bundle, service
from glassdesk.workflow.prompts.context import build
from glassdesk.workflow.signals.answers import ANSWER_SCHEMA
from glassdesk.workflow.signals.confirmations import as_words
from glassdesk.workflow.signals.model import Action, Question, RawAnswer
from glassdesk.workflow.signals.rules.analyst import RulesAnalyst
from glassdesk.workflow.signals.service import judge
from tests.adapters.llm.standin import MODEL, Answerer, Ask, Reply, StandIn, completion, reader
from tests.workflow.signals.cases import BARS, TRUE, question
from tests.workflow.signals.malformed import GOOD

pytestmark = pytest.mark.slow

PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 600
KEY = "sk-secret-0123456789abcdef"
QUICK = (0.4, 0.3)

Asking = Callable[..., RawAnswer]


@pytest.fixture
def server() -> Iterator[Callable[[Answerer], StandIn]]:
    opened: list[StandIn] = []

    def start(answer: Answerer) -> StandIn:
        opened.append(StandIn(answer))
        return opened[-1].__enter__()

    yield start
    for one in opened:
        one.__exit__(None, None, None)


def ask(url: str, *, key: str = "", put: Question | None = None) -> RawAnswer:
    analyst = OpenAICompatible(url, "vision", key=key, budgets=QUICK, pause=(0.0, 0.01))
    return analyst.ask(put or replace(question(), images=(PNG,)))


def scripted(*replies: Reply | str) -> Answerer:
    """The replies one after the other, the last one for ever."""
    left = list(replies)
    return lambda _: left.pop(0) if len(left) > 1 else left[0]


def test_system_text_pictures_and_schema_arrive_word_for_word(server: Callable[[Answerer], StandIn]) -> None:
    standin = server(lambda _: GOOD)
    put = replace(question(), system="S\n<|im_start|> ü", user="U {{ x }}", images=(PNG, PNG[:9]))
    answer = ask(standin.url, put=put)
    (asked,) = standin.asked
    assert (asked.system, asked.user, asked.images) == (put.system, put.user, put.images)
    assert asked.schema == ANSWER_SCHEMA
    assert asked.body["response_format"]["json_schema"]["strict"] is True
    assert asked.body["model"] == "vision"
    assert "temperature" not in asked.body
    assert "authorization" not in asked.headers
    assert answer == RawAnswer(
        text=GOOD, engine="openai-compatible", model=MODEL, input_tokens=1200, output_tokens=300
    )


def test_fields_reach_the_model_in_the_order_of_reasoning(server: Callable[[Answerer], StandIn]) -> None:
    standin = server(lambda _: GOOD)
    ask(standin.url)
    assert list(standin.asked[0].schema["properties"]) == list(ANSWER_SCHEMA["properties"])


def test_the_packaged_prompt_asks_so_that_a_reader_can_answer(server: Callable[[Answerer], StandIn]) -> None:
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
    put = replace(
        question(TRUE),
        system=engine.render(text.system, values),
        user=engine.render(text.body, values),
        images=(PNG,),
    )
    assert TRUE.chart_code not in put.user
    assert TRUE.chart_code not in put.system
    signal = judge(ask(server(reader(lambda images: "K7QX")).url, put=put), put)
    assert signal.action is not Action.ABSTAIN, signal.reason
    blind = judge(ask(server(reader()).url, put=put), put)
    assert blind.action is Action.ABSTAIN
    assert "V04" in blind.reason


FINAL: dict[str, tuple[Reply, str]] = {
    "bad request": (
        Reply(status=400, body=b'{"error": {"message": "no images here"}}'),
        "HTTP 400: no images",
    ),
    "no key": (Reply(status=401, body=b'{"error": "who are you"}'), "HTTP 401: who are you"),
    "no such model": (Reply(status=404, body=b"nothing"), "HTTP 404"),
    "too large": (Reply(status=413), "HTTP 413"),
    "created": (Reply(status=201, body=completion(GOOD).body), "HTTP 201"),
    "no content": (Reply(status=204), "HTTP 204"),
    "redirect": (Reply(status=307, location="http://127.0.0.1:9/v1/chat/completions"), "HTTP 307"),
    "HTML": (Reply(body=b"<html>login</html>", content_type="text/html"), "text/html, not JSON"),
    "a completion called HTML": (replace(completion(GOOD), content_type="text/html"), "not JSON"),
    "no content type": (replace(completion(GOOD), content_type=""), "no content type"),
    "empty body": (Reply(), "no completion"),
    "no JSON": (Reply(body=b"{"), "no completion"),
    "not UTF-8": (Reply(body=b'{"choices": "\xff\xfe"}'), "no completion"),
    "deep JSON": (Reply(body=b"[" * 50_000), "no completion"),
    "another object": (Reply(body=b'{"result": "BUY"}'), "choices"),
    "no choices": (Reply(body=b'{"choices": []}'), "choices"),
    "choices of text": (Reply(body=b'{"choices": ["BUY"]}'), "choices.0"),
    "no message": (Reply(body=b'{"choices": [{"text": "BUY"}]}'), "message"),
    "an error inside 200": (Reply(body=b'{"error": {"message": "overloaded"}}'), "choices"),
    "content in parts": (completion([{"type": "text", "text": GOOD}]), "content"),  # type: ignore[arg-type]
    "null": (completion(None), "the answer is empty"),
    "blank": (completion("  \n"), "the answer is empty"),
    "refusal": (completion(None, refusal="I cannot give advice"), "refused: I cannot give advice"),
    "refusal beside an answer": (completion(GOOD, refusal="no"), "refused"),
    "filter": (completion(GOOD, finish="content_filter"), "filter"),
    "cut off": (completion(GOOD, finish="length"), "cut off"),
    "a tool call": (completion(GOOD, finish="tool_calls"), "tool_calls"),
    "two answers": (
        Reply(body=json.dumps({"choices": json.loads(completion(GOOD).body)["choices"] * 2}).encode()),
        "2 answers",
    ),
    "two megabytes": (completion("x" * 2_000_000), "more than 1,048,576 bytes"),
    "a stream": (Reply(body=b"data: {}\n\n", content_type="text/event-stream"), "not JSON"),
}


@pytest.mark.parametrize(("reply", "told"), FINAL.values(), ids=FINAL.keys())
def test_a_wrong_reply_is_a_failure_asked_once_and_no_signal(
    reply: Reply, told: str, server: Callable[[Answerer], StandIn]
) -> None:
    """X-1."""
    standin = server(scripted(reply))
    answer = ask(standin.url)
    assert told in answer.failure
    assert (answer.text, answer.attempts, len(standin.asked)) == ("", 1, 1)
    assert judge(answer, question()).action is Action.ABSTAIN
    canonical_text(answer)


PASSING = [Reply(status=429), Reply(status=500), Reply(status=503), Reply(status=599), Reply(delay=5)]


@pytest.mark.parametrize("reply", PASSING, ids=["429", "500", "503", "599", "too late"])
def test_what_may_pass_is_asked_once_more(reply: Reply, server: Callable[[Answerer], StandIn]) -> None:
    standin = server(scripted(reply, GOOD))
    answer = ask(standin.url)
    assert (answer.text, answer.failure, answer.attempts, len(standin.asked)) == (GOOD, "", 2, 2)
    assert standin.asked[0].body == standin.asked[1].body


@pytest.mark.parametrize("reply", PASSING, ids=["429", "500", "503", "599", "too late"])
def test_but_never_a_third_time(reply: Reply, server: Callable[[Answerer], StandIn]) -> None:
    standin = server(scripted(reply))
    answer = ask(standin.url)
    assert (answer.attempts, len(standin.asked), answer.text) == (2, 2, "")
    assert answer.failure.startswith(("HTTP ", "no answer within 0.3 s"))


HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 900\r\n\r\n"


@contextmanager
def wire(*pieces: bytes, every: float = 0.0) -> Iterator[str]:
    """A server that sends the pieces `every` so many seconds to whoever comes, and hangs up."""
    done = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            while not done.is_set():
                line, _ = listener.accept()
                with line, suppress(OSError):
                    line.recv(65_536)
                    for piece in pieces:
                        line.sendall(piece)
                        done.wait(every)

        thread = threading.Thread(target=serve)
        thread.start()
        address = listener.getsockname()
        yield f"http://127.0.0.1:{address[1]}/v1"
        done.set()
        with suppress(OSError), socket.create_connection(address):
            """Wakes the server, so that it sees that it is over."""
        thread.join()


@pytest.mark.parametrize("head", [HEAD, b""], ids=["body", "headers"])
def test_a_server_that_drips_is_left_at_the_deadline(head: bytes) -> None:
    """One byte now and then keeps every single read alive; the deadline is on the whole call."""
    drops = [bytes([letter]) for letter in (HEAD * 5 if not head else b"x" * 400)]
    with wire(head or b"HTTP/1.1 200 OK\r\nX: ", *drops, every=0.05) as url:
        began = time.monotonic()
        answer = ask(url)
        assert time.monotonic() - began < 3
    assert answer.failure == "no answer within 0.3 s"


@pytest.mark.parametrize("sent", [b"", HEAD, HEAD + b'{"choices"', b"SSH-2.0\r\n", b"HTTP/1.1 200"])
def test_a_line_that_breaks_is_a_failure(sent: bytes) -> None:
    with wire(sent) as url:
        answer = ask(url)
    assert answer.failure.startswith("the connection failed: ")
    assert answer.text == ""


def test_nobody_at_home_is_a_failure_at_once() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    answer = ask(f"http://127.0.0.1:{port}/v1")
    assert answer.failure.startswith("the connection failed: ")
    assert answer.attempts == 1


@pytest.mark.parametrize(
    "reply",
    [
        lambda key: Reply(status=401, body=json.dumps({"error": {"message": f"bad key {key}"}}).encode()),
        lambda key: Reply(status=401, body=json.dumps({"error": "x" * 190 + key}).encode()),
        lambda key: Reply(
            status=401, body=b'{"error": "' + b"".join(b"\\u%04x" % ord(c) for c in key) + b'"}'
        ),
        lambda key: completion(GOOD.replace("Trend", key)),
        lambda key: completion(None, refusal=f"no, {key}"),
        lambda key: completion(GOOD, model=key),
        lambda key: Reply(body=key.encode()),
        lambda key: Reply(body=b"x", content_type=f"text/{key}"),
    ],
    ids=["message", "cut message", "escaped", "answer", "refusal", "model", "body", "content type"],
)
def test_the_key_is_sent_and_appears_nowhere_else(
    reply: Callable[[str], Reply], server: Callable[[Answerer], StandIn], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    standin = server(scripted(reply(KEY)))
    answer = ask(standin.url, key=KEY)
    assert standin.asked[0].headers["authorization"] == f"Bearer {KEY}"
    assert KEY not in canonical_text(answer)
    assert KEY[:12] not in canonical_text(answer)
    assert KEY not in caplog.text
    assert KEY not in repr(OpenAICompatible(standin.url, "m", key=KEY))


def test_odd_counts_void_no_answer(server: Callable[[Answerer], StandIn]) -> None:
    usages: list[object] = [
        None,
        "many",
        {"prompt_tokens": -1, "completion_tokens": True},
        {"prompt_tokens": 1.5},
    ]
    for usage in usages:
        answer = ask(server(scripted(completion(GOOD, usage=usage))).url)
        assert (answer.failure, answer.input_tokens, answer.output_tokens) == ("", None, None)


def test_a_server_without_a_model_name_is_called_by_ours(server: Callable[[Answerer], StandIn]) -> None:
    assert ask(server(scripted(completion(GOOD, model=None))).url).model == "vision"


def test_words_of_a_server_are_one_printable_line(server: Callable[[Answerer], StandIn]) -> None:
    said = json.dumps({"error": {"message": "a\nb\x00c\ud800d\u202ee"}}).encode()
    assert ask(server(scripted(Reply(status=400, body=said))).url).failure == "HTTP 400: a b c d e"


def test_proxies_of_the_environment_are_not_asked(
    server: Callable[[Answerer], StandIn], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9")
    assert ask(server(lambda _: GOOD).url).failure == ""


def test_a_redirect_is_not_followed(server: Callable[[Answerer], StandIn]) -> None:
    other = server(lambda _: GOOD)
    first = server(scripted(Reply(status=307, location=f"{other.url}/chat/completions")))
    assert ask(first.url, key=KEY).failure.startswith("HTTP 307")
    assert other.asked == []


def test_the_url_picks_the_analyst(monkeypatch: pytest.MonkeyPatch) -> None:
    assert isinstance(analyst_for("rules:"), RulesAnalyst)
    assert isinstance(analyst_for("memory:"), Scripted)
    monkeypatch.setenv(KEY_VARIABLE, KEY)
    with StandIn(lambda _: GOOD) as standin:
        analyst = analyst_for(f"openai-compatible:{standin.url}/?model=a/b:7b&temperature=0.2")
        assert analyst.engine == "openai-compatible"
        assert analyst.ask(replace(question(), images=(PNG,))).text == GOOD
    (asked,) = standin.asked
    assert asked.path == "/v1/chat/completions"
    assert (asked.body["model"], asked.body["temperature"]) == ("a/b:7b", 0.2)
    assert asked.headers["authorization"] == f"Bearer {KEY}"


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("", "no model behind ''"),
        ("openai:gpt", "no model behind 'openai'"),
        ("openai-compatible:", "the address is missing"),
        ("openai-compatible:ftp://127.0.0.1/v1?model=x", "the address is missing"),
        ("openai-compatible:http:///v1?model=x", "the address is missing"),
        ("openai-compatible:http://127.0.0.1/v1", "the model's name is missing"),
        ("openai-compatible:http://127.0.0.1/v1?model=", "the model's name is missing"),
        ("openai-compatible:http://127.0.0.1/v1?model=x&modle=y", "the option 'modle' is unknown"),
        ("openai-compatible:http://127.0.0.1/v1?model=x&temperature=hot", "'hot' is no temperature"),
        ("openai-compatible:http://127.0.0.1/v1?model=x&temperature=3", "'3' is no temperature"),
        ("openai-compatible:http://me:secret@127.0.0.1/v1?model=x", "a key does not belong into an address"),
        ("openai-compatible:http://127.0.0.1/v1?model=x&key=secret", "a key does not belong"),
    ],
)
def test_a_wrong_address_says_what_would_be_right(url: str, told: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        analyst_for(url, key="")
    assert told in refused.value.problem
    assert refused.value.remedy
    assert "secret" not in str(refused.value)


def test_a_memory_analyst_without_a_script_makes_nothing_up() -> None:
    """X-1."""
    put = question()
    assert judge(Scripted().ask(put), put).action is Action.ABSTAIN
    assert judge(Scripted(lambda _: GOOD).ask(put), put).action is Action.BUY


def test_a_picture_that_is_none_is_noticed_by_the_stand_in() -> None:
    asked = Ask(
        path="",
        headers={},
        body={
            "messages": [
                {},
                {"content": [{"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}}]},
            ]
        },
    )
    with pytest.raises(ValueError, match="no PNG"):
        assert asked.images
