"""The websocket's topics, frame by frame; every frame is held against its schema as it is sent."""

import json
from typing import Any

import pytest

from ibkr_simulator.web_api.stream import Stream, is_admitted
from simulator.tests.conftest import Make
from simulator.tests.support import AAPL, ACCOUNT, IBM, Inside, bracket, limit

COMPETE = {"publish": True, "compete": True}
INIT = "/iserver/auth/ssodh/init"


class Listener:
    """A connection whose frames are read at once."""

    def __init__(self, client: Inside) -> None:
        self.client = client
        self.stream = Stream(client.world)
        client.world.streams.append(self.stream)
        client.world.watchers.append(self.stream.changed)
        client.world.time_watchers.append(self.stream.moved)

    def frames(self) -> list[dict[str, Any]]:
        """Everything since the last look."""
        queue = self.stream.outbox
        return [json.loads(json.dumps(queue.get_nowait())) for _ in range(queue.qsize())]

    def say(self, text: str) -> list[dict[str, Any]]:
        """Send a message; what came back."""
        self.stream.obey(text)
        return self.frames()

    def later(self, until: str) -> list[dict[str, Any]]:
        """Let time pass; what came meanwhile."""
        self.client.advance(until)
        return self.frames()


def topics(frames: list[dict[str, Any]]) -> list[str]:
    """Topics of frames, or the first key of those without."""
    return [str(frame.get("topic", next(iter(frame)))) for frame in frames]


def test_a_connection_is_greeted_beats_and_echoes(make: Make) -> None:
    listener = Listener(make())
    listener.stream.greet()
    assert topics(listener.frames()) == ["system", "sts", "act"]
    listener.stream.beat()
    assert listener.frames() == [{"topic": "system", "hb": 1349103600000}]
    for text in ("tic", "ech+hb"):
        assert [(frame["topic"], frame["lastAccessed"]) for frame in listener.say(text)] == [
            ("tic", 1349103600000)
        ]


def test_a_connection_that_comes_too_early_waits_and_is_greeted_later(make: Make) -> None:
    client = make()
    client.control("POST", "/switches", {"establish_seconds": 5})
    client.control("POST", "/faults", {"number": 2})
    listener = Listener(client)
    listener.stream.greet()
    assert listener.frames() == [{"message": "waiting for session"}]
    assert [frame["code"] for frame in listener.say("sor+{}")] == [401]
    client.post(INIT, COMPETE)
    listener.stream.beat()
    assert topics(listener.frames()) == ["system"]
    assert topics(listener.later("2012-10-01T15:00:05Z")) == ["system", "sts", "act"]


def test_a_lost_session_is_told_once_and_its_return_never(make: Make) -> None:
    client = make()
    listener = Listener(client)
    listener.say("sor+{}")
    client.control("POST", "/faults", {"number": 5})
    listener.stream.beat()
    told = listener.frames()
    assert (told[0]["args"]["authenticated"], told[0]["args"]["competing"]) == (False, True)
    client.post(INIT, COMPETE)
    client.get("/iserver/accounts")
    client.place(limit("after", 600.0))
    listener.stream.beat()
    assert topics(listener.frames()) == ["system"]
    assert [frame["code"] for frame in listener.say("sor+{}")] == [401]


def test_prices_come_with_changed_fields_only_and_end_after_fifteen_minutes(make: Make) -> None:
    listener = Listener(make())
    first = listener.say(f'smd+{AAPL}+{{"fields":["31","84","86","55"]}}')[0]
    assert (first["topic"], first["55"], first["6509"]) == (f"smd+{AAPL}", "AAPL", "RpB")
    moved = listener.later("2012-10-01T15:01:00Z")
    assert moved
    assert all("55" not in frame and "6509" not in frame for frame in moved)
    assert listener.later("2012-10-01T15:15:00Z")
    assert listener.later("2012-10-01T15:16:00Z") == []
    assert listener.say(f'smd+{AAPL}+{{"fields":["31"]}}')
    assert listener.say(f"umd+{AAPL}+{{}}") == []
    assert listener.later("2012-10-01T15:17:00Z") == []
    assert [frame["code"] for frame in listener.say("smd+1+{}")] == [400]


def test_streams_and_snapshots_share_the_market_data_lines(make: Make) -> None:
    client = make(market_data_lines="2")
    listener = Listener(client)
    fields = '{"fields":["31"]}'
    assert listener.say(f"smd+{AAPL}+{fields}")[0]["topic"] == f"smd+{AAPL}"
    path = "/iserver/marketdata/snapshot?fields=31&conids="
    for conid, count in ((AAPL, 2), (IBM, 2)):
        rows = [client.get(f"{path}{conid}") for _ in range(count)]
        assert "31" in rows[-1][0]
    assert listener.say(f"smd+272093+{fields}")[0]["error"] == "market data lines exhausted"
    client.post("/iserver/marketdata/unsubscribe", {"conid": IBM})
    assert listener.say(f"smd+272093+{fields}")[0]["topic"] == "smd+272093"
    assert client.get(f"{path}{IBM}") == client.get(f"{path}{IBM}")
    listener.stream.close()
    client.get(f"{path}{IBM}")
    assert "31" in client.get(f"{path}{IBM}")[0]


def test_history_answers_once_and_stays_open_until_given_back(make: Make) -> None:
    client = make()
    listener = Listener(client)
    ask = f'smh+{AAPL}+{{"period":"5d","bar":"1d"}}'
    frame = listener.say(ask)[0]
    rest = client.get(f"/iserver/marketdata/history?conid={AAPL}&period=5d&bar=1d")
    assert (frame["topic"], frame["data"]) == (f"smh+{AAPL}", rest["data"])
    ids = [frame["serverId"], *(listener.say(ask)[0]["serverId"] for _ in range(4))]
    assert len(set(ids)) == 5
    assert listener.say(ask)[0]["code"] == 429
    assert listener.say(f"umh+{ids[0]}") == [{"message": f"Unsubscribed {ids[0]}"}]
    assert listener.say(f"umh+{ids[0]}")[0]["code"] == 400
    assert "serverId" in listener.say(ask)[0]
    assert listener.say(f"umh+{ids[1]}")
    assert listener.say("smh+1+{}")[0]["code"] == 400


def test_orders_come_in_full_and_then_as_deltas(make: Make) -> None:
    client = make()
    listener = Listener(client)
    assert listener.say("sor+{}") == []
    client.place(limit("a", 600.0))
    row = listener.frames()[0]["args"][0]
    assert (row["order_ref"], row["price"]) == ("a", "600.00")
    client.api("DELETE", f"{ACCOUNT}/order/{row['orderId']}")
    delta = listener.frames()[0]["args"][0]
    assert set(delta) <= {
        "acct",
        "orderId",
        "status",
        "order_ccp_status",
        "lastExecutionTime",
        "lastExecutionTime_r",
    }
    assert delta["status"] == "PendingCancel"
    assert [row["status"] for frame in listener.later("2012-10-01T15:01:00Z") for row in frame["args"]] == [
        "Cancelled"
    ]
    assert listener.say("sor+{}")[0]["args"][0]["orderDesc"]
    assert listener.say('sor+{"filters":["submitted"]}') == []
    listener.say("uor+{}")
    client.place(limit("b", 600.0))
    assert listener.frames() == []


def test_a_filtered_list_silences_the_order_feed_until_forced(make: Make) -> None:
    client = make()
    listener = Listener(client)
    listener.say("sor+{}")
    client.get("/iserver/account/orders?filters=filled")
    client.place(limit("a", 600.0))
    assert listener.frames() == []
    client.get("/iserver/account/orders?force=true")
    client.place(limit("b", 600.0))
    assert [frame["args"][0]["order_ref"] for frame in listener.frames()] == ["b"]


def test_trades_come_without_commission_and_for_as_many_days_as_asked(make: Make) -> None:
    client = make()
    client.place(limit("old", 700.0))
    client.advance("2012-10-02T15:00:00Z")
    listener = Listener(client)
    assert listener.say('str+{"days":1}') == []
    rows = listener.say('str+{"realtimeUpdatesOnly":false,"days":2}')[0]["args"]
    assert [(row["order_ref"], "commission" in row) for row in rows] == [("old", False)]
    assert listener.say('str+{"realtimeUpdatesOnly":true}') == []
    client.place(limit("new", 700.0))
    assert [frame["args"][0]["order_ref"] for frame in listener.frames()] == ["new"]
    listener.say("utr")
    client.place(limit("silent", 700.0))
    assert listener.frames() == []


def test_profit_needs_no_brokerage_session_and_comes_when_it_changes(make: Make) -> None:
    client = make()
    client.place(limit("in", 700.0))
    client.control("POST", "/faults", {"number": 2})
    listener = Listener(client)
    first = listener.say("spl")[-1]["args"]["DU1234567.Core"]
    moved = [frame for frame in listener.later("2012-10-01T15:01:00Z") if frame["topic"] == "spl"]
    assert len(moved) == 1
    assert moved[0]["args"]["DU1234567.Core"]["upl"] != first["upl"]
    listener.say("upl+{}")
    assert listener.later("2012-10-01T15:02:00Z") == []


def test_the_summary_comes_with_its_account_and_then_with_changed_rows(make: Make) -> None:
    client = make()
    client.place(limit("in", 700.0))
    listener = Listener(client)
    ask = 'ssd+DU1234567+{"keys":["NetLiquidation","TotalCashValue"],"fields":["currency","monetaryValue"]}'
    rows = listener.say(ask)[0]["result"]
    assert [row["key"] for row in rows] == ["AccountCode", "NetLiquidation", "TotalCashValue"]
    assert set(rows[1]) == {"key", "timestamp", "currency", "monetaryValue"}
    later = listener.later("2012-10-01T15:01:00Z")[0]["result"]
    assert [row["key"] for row in later] == ["AccountCode", "NetLiquidation"]
    assert listener.say("usd+DU1234567+{}") == [{"result": "unsubscribed from summary"}]
    assert listener.later("2012-10-01T15:02:00Z") == []
    assert listener.say("ssd+DU0+{}")[0]["code"] == 400


def test_the_ledger_comes_by_currency_and_then_with_changed_fields(make: Make) -> None:
    client = make()
    client.place(limit("in", 700.0))
    listener = Listener(client)
    rows = listener.say("sld+DU1234567+{}")[0]["result"]
    assert [row["key"] for row in rows] == ["LedgerListUSD", "LedgerListBASE"]
    changed = listener.later("2012-10-01T15:01:00Z")[0]["result"][0]
    assert {"acctCode", "unrealizedPnl"} <= set(changed)
    assert "cashbalance" not in changed
    assert listener.say("uld+DU1234567+{}") == [{"result": "unsubscribed from ledger"}]
    only = listener.say('sld+DU1234567+{"keys":["LedgerListUSD"],"fields":["cashbalance"]}')[0]["result"]
    assert [set(row) for row in only] == [{"key", "timestamp", "acctCode", "secondKey", "cashbalance"}]


def test_depth_is_a_ladder_around_the_last_price(make: Make) -> None:
    listener = Listener(make())
    frame = listener.say(f"sbd+DU1234567+{AAPL}+NASDAQ")[0]
    assert frame["topic"] == f"sbd+DU1234567+{AAPL}+NASDAQ"
    assert [row["focus"] for row in frame["data"]] == [0] * 5 + [1] + [0] * 5
    assert ["ask" in row for row in frame["data"]] == [True] * 5 + [False] * 6
    prices = [float(row["price"]) for row in frame["data"]]
    assert prices == sorted(prices, reverse=True)
    assert listener.later("2012-10-01T15:01:00Z")[0]["data"]
    assert listener.say("ubd+DU1234567") == []
    assert listener.later("2012-10-01T15:02:00Z") == []
    assert listener.say("sbd+DU1234567+1")[0]["code"] == 400


def test_notices_prompts_and_bulletins_come_unasked(make: Make) -> None:
    client = make()
    listener = Listener(client)
    client.control("POST", "/broker/notice", {"title": "T", "text": "Something"})
    client.control("POST", "/broker/bulletin", {"message": "Early close"})
    client.control("POST", "/faults", {"number": 51})
    prompt = client.ask(limit("p", 600.0))
    frames = listener.frames()
    assert topics(frames) == ["ntf", "blt", "ntf"]
    assert (frames[0]["args"][0]["text"], frames[1]["args"]["message"]) == ("Something", "Early close")
    assert {key: frames[2]["args"][0][key] for key in prompt} == prompt


@pytest.mark.parametrize(("text", "code"), [("xyz+1+{}", 400), ("", 400), ("smd", 400), ("smd+abc+{}", 400)])
def test_a_bad_request_is_answered_with_an_error(make: Make, text: str, code: int) -> None:
    frames = Listener(make()).say(text)
    assert [(frame["code"], "error" in frame) for frame in frames] == [(code, True)]


def test_json_that_is_none_is_taken_for_empty(make: Make) -> None:
    listener = Listener(make())
    listener.client.place(*bracket("b", 600.0, 580.0, 700.0))
    assert len(listener.say("sor+{nonsense")[0]["args"]) == 3


def test_a_muted_connection_says_nothing_more(make: Make) -> None:
    client = make()
    listener = Listener(client)
    listener.say("sor+{}")
    client.control("POST", "/faults", {"number": 77})
    listener.stream.beat()
    client.place(limit("a", 600.0))
    assert listener.frames() == []


@pytest.mark.parametrize(
    ("cookie", "agent", "switch", "admitted"),
    [
        ("api={token}", "x", "any", True),
        ('api={{"session":"{token}"}}', "x", "any", True),
        ('a=1; api={{"session":"{token}"}}; b=2', "x", "any", True),
        ("api={token}", "", "any", True),
        ("api={token}", "", "required", False),
        ("api={token}", "x", "required", True),
        ("api=other", "x", "any", False),
        ("", "x", "any", False),
    ],
)
def test_the_cookie_is_the_session_plain_or_as_json(
    make: Make, cookie: str, agent: str, switch: str, *, admitted: bool
) -> None:
    client = make(stream_agent=switch)
    token = client.get("/tickle")["session"]
    headers = [(b"cookie", cookie.format(token=token).encode())]
    headers += [(b"user-agent", agent.encode())] if agent else []
    assert is_admitted(client.world, {"headers": headers}) is admitted


def test_nobody_signed_in_means_no_websocket(make: Make) -> None:
    client = make()
    headers = [(b"cookie", f"api={client.get('/tickle')['session']}".encode())]
    client.control("POST", "/person/sign-out")
    assert is_admitted(client.world, {"headers": headers}) is False
