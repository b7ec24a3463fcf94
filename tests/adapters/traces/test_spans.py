"""One trace per run, known by its id, whoever works for it; to a receiver only where a setting names one."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from glassdesk.adapters.traces.spans import traces_over_http, traces_to
from glassdesk.composition.tracing import traced
from glassdesk.kernel.errors import InvalidInput, Unavailable
from glassdesk.kernel.work import Kind, doing, trace_of, watch_with
from glassdesk.settings import Settings, load
from tests.web.visitor import BASE, Visitor
from tests.web.world import live_a_week, open_world

RUN = "917f199b-af3b-54a6-9757-4a9846777c8c"
TRACE = "917f199baf3b54a697574a9846777c8c"


@contextmanager
def recorded() -> Iterator[list[ReadableSpan]]:
    """The spans of the block, once it is over."""
    exporter, spans = InMemorySpanExporter(), list[ReadableSpan]()
    traces = traces_to(exporter, "test")
    end = watch_with(traces)
    try:
        yield spans
    finally:
        end()
        traces.close()
        spans.extend(exporter.get_finished_spans())


def named(spans: list[ReadableSpan]) -> dict[str, ReadableSpan]:
    return {span.name: span for span in spans}


def trace_id(span: ReadableSpan) -> str:
    assert span.context is not None
    return f"{span.context.trace_id:032x}"


def test_a_run_is_a_trace_of_its_own_id_with_its_steps_and_calls_inside() -> None:
    with recorded() as spans, doing(Kind.RUN, "run", run=RUN, strategy="trend") as work:
        with doing(Kind.STEP, "bars", run=RUN), doing(Kind.BROKER, "/iserver/marketdata/history") as call:
            call.result = "200"
        with doing(Kind.STEP, "answer", run=RUN), doing(Kind.MODEL, "openai:gpt", run=RUN):
            pass
        work.result = "decided"
    found = named(spans)
    assert trace_of(RUN) == TRACE
    assert {trace_id(span) for span in spans} == {TRACE}
    run, bars, call_span = found["run"], found["step bars"], found["broker /iserver/marketdata/history"]
    assert run.parent is None
    assert bars.parent is not None
    assert run.context is not None
    assert bars.parent.span_id == run.context.span_id
    assert call_span.parent == bars.context
    assert found["model openai:gpt"].parent == found["step answer"].context
    assert dict(run.attributes or {}) == {
        "glassdesk.run": RUN,
        "glassdesk.strategy": "trend",
        "glassdesk.result": "decided",
    }


def test_a_send_of_the_dealer_goes_on_with_the_runs_trace_and_names_its_turn() -> None:
    with recorded() as spans, doing(Kind.TURN, "dealer"):
        with doing(Kind.SEND, "place", run=RUN, order="b" * 8) as send:
            with doing(Kind.BROKER, "/iserver/account/{id}/orders") as call:
                call.result = "200"
            send.result = "accepted"
        with doing(Kind.BROKER, "/tickle") as call:
            call.result = "401"
    found = named(spans)
    turn, send_span = found["turn dealer"], found["send place"]
    assert trace_id(send_span) == trace_id(found["broker /iserver/account/{id}/orders"]) == TRACE
    assert send_span.parent is None
    assert [link.context for link in send_span.links] == [turn.context]
    assert trace_id(turn) != TRACE
    assert found["broker /tickle"].parent == turn.context
    assert not found["broker /tickle"].status.is_ok
    assert found["broker /tickle"].status.description == "401"
    assert turn.status.is_ok
    assert send_span.status.is_ok


def test_a_resumed_run_goes_on_with_its_trace() -> None:
    with recorded() as spans:
        for _ in range(2):
            with pytest.raises(Unavailable), doing(Kind.RUN, "run", run=RUN):
                raise Unavailable("no answer from https://secret.example")
    assert [trace_id(span) for span in spans] == [TRACE, TRACE]
    assert [span.status.description for span in spans] == ["unavailable", "unavailable"]
    assert not any("secret" in str(span.to_json()) for span in spans)


def test_a_desk_that_decides_and_sends_makes_the_spans_its_page_names(tmp_path: Path) -> None:
    with open_world(tmp_path) as world:
        with recorded() as spans:
            live_a_week(world, days=1)
        with world.desk.transactions.read() as t:
            orders = world.desk.orders
            bought = next(run for run in world.desk.runs.runs(t) if orders.orders(t, run=run.run))
            steps = world.desk.runs.steps(t, bought.run)
        app = world.app(traces=True)
        with TestClient(app, base_url=BASE) as client:
            visitor = Visitor(world, client)
            visitor.enter()
            assert trace_of(bought.run) in visitor.get(f"/runs/{bought.run}").text
    own = [span for span in spans if trace_id(span) == trace_of(bought.run)]
    names = [span.name for span in own]
    # an entry is judged and reserved in one piece
    done = [f"step {step.name}" for step in steps if step.name != "verdicts"]
    assert [name for name in names if name.startswith("step ")] == done
    assert names.count("run") == 1
    assert "send place" in names
    assert len(own) <= 40


@pytest.fixture
def receiver() -> Iterator[tuple[str, list[tuple[str, bytes]]]]:
    """An OTLP receiver on this machine."""
    got: list[tuple[str, bytes]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            got.append((self.path, self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (as the base class)
            """Nothing."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/v1/traces", got
    server.shutdown()
    thread.join()
    server.server_close()


def test_spans_arrive_at_the_receiver_that_the_settings_name(
    tmp_path: Path, receiver: tuple[str, list[tuple[str, bytes]]]
) -> None:
    url, got = receiver
    with traced(Settings(home=tmp_path, otlp_url=url), "worker"), doing(Kind.RUN, "run", run=RUN):
        pass
    [(path, body)] = got
    assert path == "/v1/traces"
    assert bytes.fromhex(TRACE) in body
    assert b"glassdesk.run" in body
    with traced(Settings(home=tmp_path), "worker"), doing(Kind.RUN, "run", run=RUN):
        pass
    assert len(got) == 1


def test_a_receiver_that_is_away_stops_nobody() -> None:
    traces = traces_over_http("http://127.0.0.1:9/v1/traces", "test")
    end = watch_with(traces)
    try:
        with doing(Kind.RUN, "run", run=RUN) as work:
            work.result = "decided"
    finally:
        end()
    began = time.monotonic()
    traces.close()
    assert time.monotonic() - began < 20


def test_an_address_that_is_none_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="no address") as refused:
        load(tmp_path, otlp_url="127.0.0.1:4318")
    assert refused.value.where == "GLASSDESK_OTLP_URL"


def test_a_desk_without_a_receiver_loads_nothing_of_it() -> None:
    program = (
        "import sys; from pathlib import Path; from glassdesk.settings import Settings; "
        "from glassdesk.composition.tracing import traced\n"
        "with traced(Settings(home=Path('.')), 'web'): pass\n"
        "heavy = ('opentelemetry.sdk', 'opentelemetry.exporter')\n"
        "print([name for name in sys.modules if name.startswith(heavy)])"
    )
    told = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "[]"
