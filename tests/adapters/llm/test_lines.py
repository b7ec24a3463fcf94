"""Lines that drip, break or answer oddly, and what each protocol has of its own."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import pytest

from glassdesk.workflow.signals.calls import Usage
from glassdesk.workflow.signals.model import Action
from glassdesk.workflow.signals.service import judge
from tests.adapters.llm.asking import QUICK, Starts, as_raw, ask, scripted
from tests.adapters.llm.protocols import PROTOCOLS
from tests.adapters.llm.standin import Reply
from tests.workflow.signals.cases import question
from tests.workflow.signals.malformed import GOOD

pytestmark = pytest.mark.slow

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 900\r\n\r\n"
OPENAI = PROTOCOLS["openai-compatible"]


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
        yield f"http://127.0.0.1:{address[1]}"
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
        said = ask(OPENAI, url, seconds=QUICK)
        assert time.monotonic() - began < 3
    assert said.failure == "no answer within 0.4 s"


@pytest.mark.parametrize("sent", [b"", HEAD, HEAD + b'{"choices"', b"SSH-2.0\r\n", b"HTTP/1.1 200"])
def test_a_line_that_breaks_is_a_failure(sent: bytes) -> None:
    with wire(sent) as url:
        said = ask(OPENAI, url)
    assert said.failure.startswith("the connection failed: ")
    assert said.text == ""


def test_nobody_at_home_is_a_failure_at_once() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    said = ask(OPENAI, f"http://127.0.0.1:{port}")
    assert said.failure.startswith("the connection failed: ")
    assert not said.again


def completion(text: object, **extra: object) -> Reply:
    return Reply(body=OPENAI.response(text, **extra))


ODD: dict[str, tuple[Reply, str]] = {
    "no choices": (Reply(body=b'{"choices": []}'), "choices"),
    "choices of text": (Reply(body=b'{"choices": ["BUY"]}'), "choices.0"),
    "no message": (Reply(body=b'{"choices": [{"text": "BUY"}]}'), "message"),
    "an error inside 200": (Reply(body=b'{"error": {"message": "overloaded"}}'), "choices"),
    "content in parts": (completion([{"type": "text", "text": GOOD}]), "content"),
    "null": (completion(None), "the answer is empty"),
    "refusal beside an answer": (completion(GOOD, refusal="no"), "refused"),
    "filter": (completion(GOOD, finish="content_filter"), "filter"),
    "a tool call": (completion(GOOD, finish="tool_calls"), "tool_calls"),
    "two answers": (
        Reply(body=json.dumps({"choices": json.loads(completion(GOOD).body)["choices"] * 2}).encode()),
        "2 answers",
    ),
}


@pytest.mark.parametrize(("reply", "told"), ODD.values(), ids=ODD.keys())
def test_a_completion_that_is_not_one_whole_text_is_none(reply: Reply, told: str, server: Starts) -> None:
    said = ask(OPENAI, server(scripted(reply)).url)
    assert told in said.failure
    assert judge(as_raw(said), question()).action is Action.ABSTAIN


OTHERS: dict[str, tuple[str, bytes, str]] = {
    "a tool call": ("anthropic", PROTOCOLS["anthropic"].response(GOOD, stop="tool_use"), "'tool_use'"),
    "a pause": ("anthropic", PROTOCOLS["anthropic"].response(GOOD, stop="pause_turn"), "'pause_turn'"),
    "only thoughts": (
        "anthropic",
        json.dumps({"content": [{"type": "thinking", "thinking": GOOD}], "stop_reason": "end_turn"}).encode(),
        "the answer is empty",
    ),
    "a blocked prompt": (
        "google",
        b'{"promptFeedback": {"blockReason": "PROHIBITED_CONTENT"}}',
        "blocked for PROHIBITED_CONTENT",
    ),
    "recited": ("google", PROTOCOLS["google"].response(GOOD, finish="RECITATION"), "RECITATION"),
    "another language": ("google", PROTOCOLS["google"].response(GOOD, finish="LANGUAGE"), "'LANGUAGE'"),
    "only thoughts of Google": (
        "google",
        json.dumps(
            {
                "candidates": [
                    {"content": {"parts": [{"text": GOOD, "thought": True}]}, "finishReason": "STOP"}
                ]
            }
        ).encode(),
        "the answer is empty",
    ),
    "two candidates": (
        "google",
        json.dumps({"candidates": json.loads(PROTOCOLS["google"].response(GOOD))["candidates"] * 2}).encode(),
        "2 answers",
    ),
    "a part of a stream": ("ollama", PROTOCOLS["ollama"].response(GOOD, done=False), "not whole"),
    "an error inside 200": (
        "ollama",
        b'{"error": "model runner has stopped"}',
        "the server says: model runner",
    ),
    "loading": ("ollama", PROTOCOLS["ollama"].response(GOOD, reason="load"), "'load'"),
}


@pytest.mark.parametrize(("name", "body", "told"), OTHERS.values(), ids=OTHERS.keys())
def test_each_protocol_has_ways_of_its_own_to_give_no_answer(
    name: str, body: bytes, told: str, server: Starts
) -> None:
    said = ask(PROTOCOLS[name], server(scripted(Reply(body=body))).url)
    assert told in said.failure
    assert judge(as_raw(said), question()).action is Action.ABSTAIN


def test_odd_counts_void_no_answer(server: Starts) -> None:
    usages: list[object] = [
        None,
        "many",
        {"prompt_tokens": -1, "completion_tokens": True},
        {"prompt_tokens": 1.5},
    ]
    for usage in usages:
        said = ask(OPENAI, server(scripted(completion(GOOD, usage=usage))).url)
        assert (said.failure, said.usage) == ("", Usage())


def test_a_server_without_a_model_name_is_called_by_ours(server: Starts) -> None:
    assert ask(OPENAI, server(scripted(completion(GOOD, model=None))).url).model == "stand-in"


def test_words_of_a_server_are_one_printable_line(server: Starts) -> None:
    said = json.dumps({"error": {"message": "a\nb\x00c\ud800d\u202ee"}}).encode()
    assert ask(OPENAI, server(scripted(Reply(status=400, body=said))).url).failure == "HTTP 400: a b c d e"
