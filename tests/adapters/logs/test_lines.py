"""One line of JSON or of text for whatever logs, with what it belongs to and without secrets."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from glassdesk.adapters.logs import LoggedWork, write_lines
from glassdesk.composition.logs import begin_logs, secrets_of
from glassdesk.kernel.work import Kind, doing, watch_with
from glassdesk.settings import Settings

KEY = "sk-ant-0123456789abcdef"
PASSWORD = "correct horse"
RUN, ORDER = "a" * 64, "b" * 64


class Page:
    """What was written."""

    def __init__(self) -> None:
        self.stream = io.StringIO()

    @property
    def text(self) -> str:
        return self.stream.getvalue()

    @property
    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.text.splitlines()]


@pytest.fixture
def page() -> Page:
    return Page()


@pytest.fixture
def writing(page: Page) -> Iterator[Callable[..., None]]:
    """Writes to the page until the test ends."""
    ends: list[Callable[[], None]] = []

    def begin(form: str = "json", level: str = "info") -> None:
        ends.append(write_lines(form=form, level=level, secrets=[KEY, PASSWORD], stream=page.stream))
        ends.append(watch_with(LoggedWork()))

    yield begin
    for end in reversed(ends):
        end()


def test_a_line_has_its_instant_in_utc_its_level_its_logger_and_its_event(
    page: Page, writing: Callable[..., None]
) -> None:
    writing()
    logging.getLogger("glassdesk.worker.role").warning("the turn was cut short: %s", "no answer")
    [line] = page.lines
    at = datetime.fromisoformat(line.pop("at"))
    assert at.utcoffset() == timedelta(0)
    assert line == {
        "event": "the turn was cut short: no answer",
        "level": "warning",
        "logger": "glassdesk.worker.role",
    }


def test_whatever_is_logged_for_a_run_or_an_order_names_it(page: Page, writing: Callable[..., None]) -> None:
    writing(level="debug")
    log = logging.getLogger("uvicorn.error")
    with doing(Kind.RUN, "run", run=RUN, strategy="trend", conid="265598"):
        with doing(Kind.STEP, "bars", run=RUN):
            log.warning("inside a step")
        log.warning("inside a run")
    with doing(Kind.SEND, "place", order=ORDER, run=RUN, strategy="trend", conid="265598") as work:
        log.warning("inside a send")
        work.result = "unknown"
    log.warning("outside")
    told = {line["event"]: line for line in page.lines}
    names = {"run": RUN, "strategy": "trend", "conid": "265598"}
    assert names.items() <= told["inside a run"].items()
    assert (names | {"step": "bars"}).items() <= told["inside a step"].items()
    assert (names | {"order": ORDER}).items() <= told["inside a send"].items()
    assert not {"run", "order", "strategy", "conid", "step"} & set(told["outside"])
    assert told["run: ok"]["run"] == told["step bars: ok"]["run"] == RUN
    assert (told["send place: unknown"]["level"], told["send place: unknown"]["order"]) == ("warning", ORDER)
    assert told["run: ok"]["seconds"] >= 0


def test_turns_waits_and_answers_are_no_news(page: Page, writing: Callable[..., None]) -> None:
    writing()
    for kind in (Kind.TURN, Kind.WAIT, Kind.BROKER, Kind.STEP):
        with doing(kind, "often"):
            pass
    assert page.text == ""


@pytest.mark.parametrize("form", ["json", "text"])
def test_no_secret_is_written_in_any_part_of_a_line(
    page: Page, writing: Callable[..., None], form: str
) -> None:
    writing(form)
    log = logging.getLogger("celery.worker")
    log.error("HTTP 401 with key %s", KEY)
    log.error("sent", extra={"headers": {"x-api-key": KEY, "Authorization": "Bearer abcdefgh12345678"}})
    log.error("no answer from postgresql://desk:hunter2@db/desk")
    try:
        raise RuntimeError(f"the password is {PASSWORD}")
    except RuntimeError:
        log.exception("it failed")
    assert "RuntimeError: the password is [redacted]" in page.text.replace("\\n", "\n")
    for secret in (KEY, PASSWORD, "abcdefgh12345678", "hunter2"):
        assert secret not in page.text


def test_a_trace_is_one_line_of_json(page: Page, writing: Callable[..., None]) -> None:
    writing()
    try:
        raise ValueError("one\ntwo")
    except ValueError:
        logging.getLogger("glassdesk").exception("it failed")
    [line] = page.lines
    assert "ValueError: one\ntwo" in line["exception"]


def test_text_for_people_has_no_colours_in_a_file_and_cannot_command_a_terminal(
    page: Page, writing: Callable[..., None]
) -> None:
    writing("text")
    with doing(Kind.RUN, "run", run=RUN):
        logging.getLogger("glassdesk").warning("a name: \x1b[2J\x07")
    first = page.text.splitlines()[0]
    assert "\x1b" not in page.text
    assert "\x07" not in page.text
    assert "warning" in first
    assert f"run={RUN}" in first


def test_who_tells_each_request_is_heard_only_when_it_warns(page: Page, writing: Callable[..., None]) -> None:
    writing(level="debug")
    for name in ("httpx2", "httpcore2"):
        logging.getLogger(name).info("HTTP Request: GET https://localhost:5000/v1/api/tickle")
        logging.getLogger(name).debug("request_headers=[…]")
    logging.getLogger("httpx2").warning("a warning")
    assert [line["event"] for line in page.lines] == ["a warning"]


def test_every_secret_of_the_settings_is_known(tmp_path: Path) -> None:
    settings = Settings(
        home=tmp_path,
        openai_key=SecretStr("openai-key-1"),
        analyst_keys={"second": SecretStr("second-key-2")},
        notify_urls=SecretStr("https://hooks.example/abc ntfy://topic-3"),
        gate_token=SecretStr("gate-token-4"),
        metrics_token=SecretStr("metrics-token-5"),
        s3_secret=SecretStr("s3-secret-6"),
        database_url="postgresql+psycopg://desk:pass%20word@127.0.0.1/desk",
        jobs_url="redis://:redis-word@127.0.0.1:6379/0",
    )
    found = set(secrets_of(settings))
    assert {"openai-key-1", "second-key-2", "gate-token-4", "metrics-token-5", "s3-secret-6"} <= found
    assert {"https://hooks.example/abc", "ntfy://topic-3", "pass word", "redis-word"} <= found
    named = {name for name, field in Settings.model_fields.items() if "SecretStr" in str(field.annotation)}
    planted = {name: SecretStr(f"planted-{name}") for name in named - {"analyst_keys"}}
    assert {f"planted-{name}" for name in planted} <= set(secrets_of(settings.model_copy(update=planted)))


def test_a_process_logs_as_its_settings_say_and_stops(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    end = begin_logs(Settings(home=tmp_path, log_format="json", log_level="error", openai_key=SecretStr(KEY)))
    try:
        logging.getLogger("glassdesk").warning("not heard")
        logging.getLogger("glassdesk").error("heard: %s", KEY)
    finally:
        end()
    [line] = capsys.readouterr().err.splitlines()
    assert json.loads(line)["event"] == "heard: [redacted]"
