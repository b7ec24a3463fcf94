"""Every channel delivers to a real server, says what is wrong, and keeps its address to itself."""

from __future__ import annotations

import email
import email.policy
import json
import logging
import socket
from datetime import UTC, datetime

import pytest

from glassdesk.adapters.notify import LogChannel, open_channels
from glassdesk.kernel.errors import InvalidInput, Unavailable
from glassdesk.workflow.notifications.model import Message, Severity
from glassdesk.workflow.notifications.ports import Channel
from tests.adapters.notify.servers import http, smtp

SECRET = "s3cr3t-t0k3n"
MESSAGE = Message(
    key="unprotected:DU1:265598",
    keys=("unprotected:DU1:265598", "unprotected:DU1:272093"),
    severity=Severity.ALARM,
    title="AAPL is not protected",
    body="100 AAPL: stop is gone",
    ref="conid:265598",
    created_at=datetime(2012, 10, 1, 13, 30, tzinfo=UTC),
    audit="row 812 3f9ab02c11223344",
)


def channel(url: str) -> Channel:
    (opened,) = open_channels([url], where="GLASSDESK_NOTIFY_URLS")
    opened.check()
    return opened


def nobody() -> int:
    """A port where nobody listens."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port


def test_a_webhook_is_posted_the_message_with_its_key() -> None:
    with http() as hook:
        channel(f"http://127.0.0.1:{hook.port}/{SECRET}?a=b").send(MESSAGE)
    (taken,) = hook.taken
    assert taken.path == f"/{SECRET}?a=b"
    assert taken.headers["idempotency-key"] == MESSAGE.key
    assert json.loads(taken.body) == {
        "key": MESSAGE.key,
        "keys": list(MESSAGE.keys),
        "count": 2,
        "severity": "alarm",
        "title": MESSAGE.title,
        "body": MESSAGE.body,
        "ref": MESSAGE.ref,
        "at": "2012-10-01T13:30:00Z",
        "audit": MESSAGE.audit,
    }


@pytest.mark.parametrize("status", [301, 400, 404, 500, 503])
def test_a_webhook_that_does_not_take_it_fails_and_no_redirect_is_followed(status: int) -> None:
    with http() as hook:
        hook.status = status
        with pytest.raises(Unavailable, match=f"HTTP {status}"):
            channel(f"http://127.0.0.1:{hook.port}/{SECRET}").send(MESSAGE)
    assert len(hook.taken) == 1


def test_ntfy_takes_title_and_text_with_key_and_head_of_the_audit() -> None:
    with http() as hook:
        channel(f"ntfy://127.0.0.1:{hook.port}/desk").send(MESSAGE)
    body = json.loads(hook.taken[0].body)
    assert body["topic"] == "desk"
    assert body["title"] == MESSAGE.title
    assert MESSAGE.key in body["message"]
    assert MESSAGE.audit in body["message"]


def test_an_e_mail_is_handed_over_to_a_mail_server() -> None:
    with smtp() as box:
        channel(f"mailto://127.0.0.1:{box.port}?from=desk@example.org&to=owner@example.org").send(MESSAGE)
    ((sender, receivers, data),) = box.letters
    assert (sender, receivers) == ("desk@example.org", ["owner@example.org"])
    letter = email.message_from_string(data, policy=email.policy.default)
    assert letter["subject"] == MESSAGE.title
    body = letter.get_body()
    assert body is not None
    assert MESSAGE.key in body.get_content()
    assert MESSAGE.audit in body.get_content()


def test_telegram_and_slack_take_it_at_their_own_doors(monkeypatch: pytest.MonkeyPatch) -> None:
    """Their addresses are fixed in the library: here they are this machine's."""
    telegram = channel("tgram://123456789:abcdefg_hijklmnop-12345678901234567/12315544")
    slack = channel("slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ/%23desk")
    with http() as hook:
        monkeypatch.setattr(
            "apprise.plugins.telegram.NotifyTelegram.notify_url", f"http://127.0.0.1:{hook.port}/bot"
        )
        monkeypatch.setattr(
            "apprise.plugins.slack.NotifySlack.webhook_url", f"http://127.0.0.1:{hook.port}/services"
        )
        for one in (telegram, slack):
            try:
                one.send(MESSAGE)
            except Unavailable:
                assert hook.taken, "it did not even knock"
    told = b"".join(taken.body for taken in hook.taken)
    assert b"12315544" in told
    assert any(taken.path.startswith("/services/T1JJ3T3L2") for taken in hook.taken)
    assert told.count(MESSAGE.key.encode()) == 2


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:{port}/" + SECRET,
        "ntfy://owner:" + SECRET + "@127.0.0.1:{port}/desk",
        "mailto://owner:" + SECRET + "@127.0.0.1:{port}?from=desk@example.org&to=owner@example.org",
    ],
)
def test_where_nobody_listens_it_is_unavailable_and_no_secret_is_said_or_logged(
    url: str, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG), pytest.raises(Unavailable) as failure:
        channel(url.format(port=nobody())).send(MESSAGE)
    assert SECRET not in str(failure.value)
    assert SECRET not in caplog.text


def test_a_delivered_message_logs_no_address(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG), http() as hook:
        channel(f"http://127.0.0.1:{hook.port}/{SECRET}").send(MESSAGE)
        channel(f"ntfy://owner:{SECRET}@127.0.0.1:{hook.port}/desk").send(MESSAGE)
    assert len(hook.taken) == 2
    assert SECRET not in caplog.text


@pytest.mark.parametrize(
    "url", ["file:///etc/" + SECRET, "gotify://h/" + SECRET, "json://h/" + SECRET, SECRET, "://" + SECRET, ""]
)
def test_a_scheme_that_is_not_allowed_is_refused_without_a_word_of_the_address(url: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        open_channels(["https://example.org/hook", url], where="GLASSDESK_NOTIFY_URLS")
    assert refused.value.where == "GLASSDESK_NOTIFY_URLS"
    assert "address 2" in refused.value.problem
    assert "ntfys" in refused.value.remedy
    assert SECRET not in str(refused.value)


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("tgram://" + SECRET, "telegram"),
        ("slack://" + SECRET, "slack"),
        ("https://", "webhook"),
        ("mailto://", "e-mail"),
    ],
)
def test_an_address_that_cannot_be_read_is_refused_by_its_channels_name(url: str, name: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        channel(url)
    assert refused.value.where == name
    assert SECRET not in str(refused.value)


def test_channels_are_named_after_their_service_and_numbered() -> None:
    urls = ["https://a.example/1", "ntfy://h/t", "http://b.example/2", "mailtos://u:p@h", "ntfys://h/u"]
    first = open_channels(urls, where="GLASSDESK_NOTIFY_URLS")
    names = [one.name for one in first]
    assert names == ["webhook", "ntfy", "webhook 2", "e-mail", "ntfy 2"]
    (second,) = open_channels(["ntfy://h/v"], where="GLASSDESK_NOTIFY_SECOND_URLS", taken=names)
    assert second.name == "ntfy 3"


def test_the_log_has_one_line_with_the_key(caplog: pytest.LogCaptureFixture) -> None:
    log = LogChannel()
    log.check()
    with caplog.at_level(logging.INFO):
        log.send(MESSAGE)
    (record,) = caplog.records
    assert record.levelno == logging.ERROR
    assert record.getMessage() == (
        "AAPL is not protected: 100 AAPL: stop is gone "
        "(key unprotected:DU1:265598, audit row 812 3f9ab02c11223344)"
    )
