"""The stream that says what changed: prompt, shared by all, bounded, and no hindrance to an end."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import httpx2
import pytest
import uvicorn
from fastapi import FastAPI
from sqlalchemy import Engine, event

from glassdesk.adapters.database import Stores, open_database
from glassdesk.kernel.errors import GlassdeskError
from glassdesk.web.live import Live
from glassdesk.workflow.notifications.model import Notification, Severity
from tests.web.visitor import Visitor
from tests.web.world import BEGINS, PASSWORD, World, furnish, open_world


@contextmanager
def serving(app: FastAPI) -> Iterator[str]:
    """The application on a free port; ending it is part of the test."""
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=0, log_level="warning"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started and thread.is_alive():
        thread.join(0.02)
    try:
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        app.state.parts.live.close()
        server.should_exit = True
        thread.join(timeout=5)
        assert not thread.is_alive(), "a stream kept the server from ending"


@pytest.fixture(scope="module")
def stood(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with open_world(tmp_path_factory.mktemp("live")) as world:
        furnish(world)
        yield world


@contextmanager
def entered(world: World, base: str) -> Iterator[httpx2.Client]:
    """A signed-in client."""
    with httpx2.Client(base_url=base, timeout=10, follow_redirects=True) as client:
        door = world.door()
        page = client.get(door).text
        token = page.partition('<meta name="csrf" content="')[2].partition('"')[0]
        fields = {"csrf": token, "password": PASSWORD, "again": PASSWORD}
        assert client.post(door, data=fields, headers={"origin": base}).status_code == 200
        yield client


def tell(world: World, key: str) -> None:
    with world.desk.transactions.begin() as t:
        world.desk.notifications.tell(t, key, Severity.INFO, "Something", "happened", "session")


def events(answer: httpx2.Response) -> Iterator[tuple[str, dict[str, object]]]:
    """The events of a stream as they come."""
    name = ""
    for line in answer.iter_lines():
        if line.startswith("event: "):
            name = line[7:]
        elif line.startswith("data: "):
            yield name, json.loads(line[6:])


def changed(found: Iterator[tuple[str, dict[str, object]]], topic: str) -> float:
    """When the stream names the topic."""
    for name, body in found:
        if name == "changed" and topic in body:
            return time.monotonic()
    raise AssertionError("the stream ended")


def test_the_stream_names_what_was_committed_within_a_second(stood: World) -> None:
    app = stood.app()
    with serving(app) as base, entered(stood, base) as client, client.stream("GET", "/live") as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        found = events(answer)
        changed(found, "notification")
        tell(stood, "live:one")
        committed = time.monotonic()
        _, body = next(one for one in found if one[0] == "changed")
        assert time.monotonic() - committed < 1.0
        assert set(body) == {"notification"}


def notification(key: str, at: datetime) -> Notification:
    return Notification(
        key=key, severity=Severity.INFO, title="Elsewhere", body="", ref="session", created_at=at
    )


def test_what_another_process_commits_is_named_too(tmp_path: Path, stood: World) -> None:
    here, there = (open_database(f"sqlite:///{tmp_path / 'desk.db'}") for _ in range(2))
    app = stood.app()
    live = Live(here.changes, here.transactions, stood.desk.stopwatch, dict)
    app.state.parts = replace(app.state.parts, live=live)
    with serving(app) as base, entered(stood, base) as client, client.stream("GET", "/live") as answer:
        found = events(answer)
        changed(found, "prompt")
        with there.transactions.begin() as t:
            there.outbox.put(t, notification("there:one", stood.clock.now()))
        committed = time.monotonic()
        assert changed(found, "notification") - committed < 1.0
    here.close()
    there.close()


def put_and_fail(stores: Stores) -> None:
    with stores.transactions.begin() as t:
        stores.outbox.put(t, notification("here:one", BEGINS))
        stores.outbox.acknowledge(t, "unknown", at=BEGINS)


def test_a_rolled_back_change_is_not_named(tmp_path: Path) -> None:
    stores = open_database(f"sqlite:///{tmp_path / 'desk.db'}")
    rung: list[bool] = []
    silence = stores.changes.listen(lambda: rung.append(True))
    with stores.transactions.read() as t:
        before = dict(stores.changes.versions(t))
    with pytest.raises(GlassdeskError):
        put_and_fail(stores)
    with stores.transactions.read() as t:
        assert dict(stores.changes.versions(t)) == before
    assert rung == []
    with stores.transactions.begin() as t:
        stores.outbox.put(t, notification("here:one", BEGINS))
    assert rung == [True]
    silence()
    with stores.transactions.begin() as t:
        stores.outbox.put(t, notification("here:two", BEGINS))
    assert rung == [True]
    stores.close()


@contextmanager
def statements() -> Iterator[list[str]]:
    """What any database of this process was asked meanwhile."""
    asked: list[str] = []

    def note(connection: object, cursor: object, statement: str, *rest: object) -> None:
        asked.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield asked
    finally:
        event.remove(Engine, "before_cursor_execute", note)


def asked_while(app: FastAPI, stood: World, pages: int) -> int:
    """Statements in two seconds in which nothing happens, with so many pages open."""
    with serving(app) as base, entered(stood, base) as client, ExitStack() as opened:
        streams = [events(opened.enter_context(client.stream("GET", "/live"))) for _ in range(pages)]
        for stream in streams:
            changed(stream, "notification")
        assert app.state.parts.live.ears == pages
        with statements() as asked:
            threading.Event().wait(2.0)
        return len(asked)


def test_many_open_pages_ask_the_database_no_more_than_one(stood: World) -> None:
    one, twelve = asked_while(stood.app(), stood, 1), asked_while(stood.app(), stood, 12)
    assert 0 < one <= 60
    assert abs(twelve - one) <= 20  # a beat more or less inside the two seconds


def test_nobody_who_listens_nothing_that_is_asked(stood: World) -> None:
    app = stood.app()
    with serving(app) as base, entered(stood, base) as client:
        with client.stream("GET", "/live") as answer:
            changed(events(answer), "notification")
        live = app.state.parts.live
        until = time.monotonic() + 8
        while live.ears and time.monotonic() < until:
            threading.Event().wait(0.05)
        assert live.ears == 0, "an ear stayed after its browser had left"
        threading.Event().wait(0.5)
        with statements() as asked:
            threading.Event().wait(0.6)
        assert asked == []


def test_too_many_listeners_are_refused_and_told_so(stood: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("glassdesk.web.live.MOST_EARS", 2)
    with serving(stood.app()) as base, entered(stood, base) as client, ExitStack() as opened:
        streams = [events(opened.enter_context(client.stream("GET", "/live"))) for _ in range(2)]
        for stream in streams:
            changed(stream, "notification")
        assert client.get("/live").status_code == 503


def test_a_stranger_hears_nothing(visitor: Visitor) -> None:
    answer = visitor.get("/live", follow_redirects=False)
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/sign-in")


def test_a_new_password_ends_the_streams_of_the_old_one(stood: World) -> None:
    with serving(stood.app()) as base, entered(stood, base) as client:
        with client.stream("GET", "/live") as answer:
            found = events(answer)
            changed(found, "notification")
            with stood.desk.transactions.begin() as t:
                stood.desk.access.set_password(t, PASSWORD)
            list(found)
        assert "sign-in" in str(client.get("/").url)


def test_a_stream_carries_the_clock_of_the_bar(stood: World) -> None:
    with (
        serving(stood.app()) as base,
        entered(stood, base) as client,
        client.stream("GET", "/live") as answer,
    ):
        _, body = next(one for one in events(answer) if one[0] == "clock")
        assert "<time datetime=" in str(body["clock"])
        assert body["next"]
