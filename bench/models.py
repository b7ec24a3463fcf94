"""What models cost the desk: replaying recorded decisions, and pages while many models are being asked.

A replay is the recorded answer found by prompt and pictures, and judged by every rule. Peers are the budget
of 1,000 replays a second of one core, the replay that keeps nothing, and the same page while nobody is asked.
"""

from __future__ import annotations

import statistics
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from bench.answer import Answer, less_is_better, more_is_better
from glassdesk.adapters.llm import Recorded, Recording, model_for, write_recordings
from glassdesk.workflow.signals.calls import Prompt
from glassdesk.workflow.signals.model import Action, Question, RawAnswer
from glassdesk.workflow.signals.service import judge
from tests.adapters.llm.protocols import PROTOCOLS
from tests.adapters.llm.standin import Reply, StandIn
from tests.web.conftest import door_of
from tests.web.visitor import Visitor
from tests.web.world import live_a_week, open_world
from tests.workflow.signals.cases import question
from tests.workflow.signals.desks import scene
from tests.workflow.signals.malformed import GOOD

DECISIONS = 2_000
IN_FLIGHT = 64
VISITS = 120
PICTURE = b"\x89PNG" + bytes(range(256)) * 240
"""As large as a chart of the desk."""


def ask() -> Iterator[Answer]:
    """Processor time for replays, time on the clock for pages."""
    with tempfile.TemporaryDirectory() as folder:
        questions = [_question(number) for number in range(DECISIONS)]
        model = _recorded(Path(folder) / "answers.jsonl", questions)
        replayed = _replays(model, questions)
        yield more_is_better("recorded decisions replayed", replayed, 1_000.0, "budget", "a second and core")
        yield more_is_better(
            "recorded decisions asked through governor and database",
            _kept(model, questions[:400]),
            replayed,
            "replayed without",
            "a second and core",
        )
        yield _page(Path(folder))


def _question(number: int) -> Question:
    text = f"Symbol: GLAS\nSlot: {number}\n" + "2012-10-01  100.10  101.20  99.80  100.90  1200300\n" * 120
    pictures = (PICTURE + number.to_bytes(4), PICTURE + b"weekly")
    return replace(
        question(), run=f"run-{number}", system="s" * 4_000, user=text, images=pictures, strategy="s"
    )


def _prompt(put: Question) -> Prompt:
    return Prompt(system=put.system, user=put.user, images=put.images)


def _recorded(file: Path, questions: list[Question]) -> Recorded:
    file.write_text(
        write_recordings(Recording(prompt=_prompt(put).sha256, text=GOOD, model="m") for put in questions)
    )
    found = model_for(f"recorded:{file}")
    assert isinstance(found, Recorded)
    return found


def _replays(model: Recorded, questions: list[Question]) -> float:
    """Looked up and judged."""
    began = time.process_time()
    for put in questions:
        reply = model.ask(_prompt(put), 1.0)
        raw = RawAnswer(text=reply.text, engine="recorded", model=reply.model, failure=reply.failure)
        assert judge(raw, put).action is Action.BUY
    return len(questions) / (time.process_time() - began)


def _kept(model: Recorded, questions: list[Question]) -> float:
    """The same through governor and database: reserved, asked, judged, settled."""
    with scene() as desk:
        analyst = desk.analyst(model)
        began = time.process_time()
        for put in questions:
            assert analyst.ask(put).failure == ""
        return len(questions) / (time.process_time() - began)


def _page(folder: Path) -> Answer:
    with open_world(folder) as world:
        live_a_week(world, days=2)
        with door_of(world) as visitor:
            visitor.enter()
            idle = _p95(visitor)
            with _asking():
                busy = _p95(visitor)
    return less_is_better(
        f"a page's p95 with {IN_FLIGHT} model calls in flight", busy, idle, "the same page idle", "ms"
    )


def _p95(visitor: Visitor) -> float:
    taken = []
    for _ in range(VISITS):
        began = time.perf_counter()
        assert visitor.get("/runs").status_code == 200
        taken.append((time.perf_counter() - began) * 1000)
    return statistics.quantiles(taken, n=20)[-1]


@contextmanager
def _asking() -> Iterator[None]:
    """So many calls of a model that does not answer until the end."""
    with StandIn(lambda ask: Reply(delay=600.0)) as server:
        model = model_for(PROTOCOLS["openai-compatible"].model_url(server.url))
        prompt = _prompt(_question(0))
        threads = [threading.Thread(target=model.ask, args=(prompt, 300.0)) for _ in range(IN_FLIGHT)]
        for thread in threads:
            thread.start()
        while len(server.asked) < IN_FLIGHT:
            assert all(thread.is_alive() for thread in threads), "a call failed"
            time.sleep(0.01)
        yield
        server.closing.set()
        for thread in threads:
            thread.join()
