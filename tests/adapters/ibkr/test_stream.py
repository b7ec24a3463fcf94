"""The stream over scripted lines: hints and never facts, and nothing that is said there breaks it [§7]."""

import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from glassdesk.adapters.ibkr.line import LineDown
from glassdesk.adapters.ibkr.orderboard import Heard, OrderBoard
from glassdesk.adapters.ibkr.prices import LastQuotes, Lines, Prices
from glassdesk.adapters.ibkr.stream import Stream, Wire
from tests.adapters.ibkr.gateway import ACCOUNT, START, Desk
from tests.facts import order_tracking, session

ORDERS = "/iserver/account/orders"
ROW: dict[str, Any] = order_tracking.LIVE_ORDERS.example["orders"][0]
NUMBER, CONID = ROW["orderId"], ROW["conid"]
STS = {"topic": "sts", "args": {"authenticated": True, "competing": False}}
BEAT = {"topic": "system", "hb": 1775086883187}
Said = dict[str, Any] | str | Exception | Callable[[], None]


class Seconds:
    """Machine time that passes while a line is listened to."""

    def __init__(self) -> None:
        self.now = 0.0

    def seconds(self) -> float:
        return self.now

    def pause(self, seconds: float) -> None:
        self.now += seconds


@dataclass
class ScriptedLine:
    """Says one thing for each time somebody listens; a number is so many seconds of silence."""

    machine: Seconds
    says: list[Said | float]
    sent: list[str] = field(default_factory=list)
    closed: bool = False

    def send(self, text: str) -> None:
        self.sent.append(text)

    def receive(self, seconds: float) -> list[str]:
        if not self.says:
            self.machine.now += seconds
            raise LineDown("the script is over")
        said = self.says.pop(0)
        if isinstance(said, float):
            self.machine.now += seconds
            if said > seconds:
                self.says.insert(0, said - seconds)
            return []
        if isinstance(said, Exception):
            raise said
        if callable(said):
            said()
            return []
        return [said if isinstance(said, str) else json.dumps(said)]

    def close(self) -> None:
        self.closed = True


class Story:
    """A stream and the lines it will open, one after the other; it runs until they are used up."""

    def __init__(self, over: Desk) -> None:
        self.over = over
        self.machine = Seconds()
        self.lines: list[ScriptedLine] = []
        self.cookies: list[str] = []
        self.rests: list[float] = []
        self.over_with = threading.Event()
        self.board, self.last = OrderBoard(), LastQuotes()
        prices = Prices(over.clock, self.last, Lines())
        self.stream = Stream(over.broker.gate, self._open, self.machine, self.board, prices, rest=self._rest)
        over.gateway.on("POST", "/tickle", session.TICKLE.example)
        over.gateway.on("GET", ORDERS, order_tracking.LIVE_ORDERS.example)

    def line(self, *says: Said | float, greet: bool = True) -> ScriptedLine:
        line = ScriptedLine(self.machine, [*([STS] if greet else []), *says])
        self.lines.append(line)
        return line

    def run(self) -> None:
        self.waiting = list(self.lines)
        self.stream.attend(True)
        assert self.over_with.wait(timeout=10)
        self.stream.stop()

    def _open(self, cookie: str) -> Wire:
        self.cookies.append(cookie)
        return self.waiting.pop(0)

    def _rest(self, stopped: threading.Event, seconds: float) -> None:
        self.rests.append(seconds)
        if not self.waiting:
            self.over_with.set()
            stopped.wait(timeout=10)


@pytest.fixture
def story(over: Desk) -> Iterator[Story]:
    made = Story(over)
    yield made
    made.stream.stop()


def seen(story: Story, hints: list[tuple[bool, bool]]) -> Callable[[], None]:
    """Note at this place of the script what the dealer would be told."""
    return lambda: hints.append((story.stream.orders_changed(), story.stream.session_changed()))


def delta(**changes: Any) -> dict[str, Any]:
    return {"topic": "sor", "args": [{"acct": ACCOUNT, "orderId": NUMBER, **changes}]}


def test_the_broker_is_asked_in_its_order_before_it_is_listened_to(story: Story) -> None:
    up: list[bool] = []
    line = story.line(BEAT, lambda: up.append(story.stream.flowing))
    story.run()
    assert story.over.gateway.paths() == ["/tickle", "/iserver/accounts", ORDERS, ORDERS]
    assert story.cookies == [session.TICKLE.example["session"]]
    assert line.sent[:2] == ["sor+{}", 'str+{"realtimeUpdatesOnly":false,"days":1}']
    assert (up, line.closed, story.stream.flowing) == ([True], True, False)


def test_F_80_only_a_frame_that_says_something_new_is_a_hint(story: Story) -> None:
    hints: list[tuple[bool, bool]] = []
    look = seen(story, hints)
    said = [
        {"topic": "sor", "args": [ROW]},
        delta(bgColor="#ff0000", price=640),
        delta(status="Filled", filledQuantity=5.0, remainingQuantity=0.0),
        delta(status="Filled"),
        {"topic": "sor", "args": [{"acct": ACCOUNT, "orderId": 1, "status": "Submitted"}]},
        {"topic": "sor", "args": "nonsense"},
    ]
    story.line(look, *(one for frame in said for one in (frame, look)))
    story.run()
    orders = [told for told, _ in hints]
    assert orders == [True, False, False, True, False, True, True]


def test_an_execution_is_news_until_a_reading_has_shown_it(story: Story) -> None:
    hints: list[tuple[bool, bool]] = []
    look = seen(story, hints)
    execution = "0000e0d5.6576fd38.01.01"
    frame = {"topic": "str", "args": [{"execution_id": execution, "symbol": "SPY", "size": 5.0}]}
    board = story.board
    story.line(look, frame, look, lambda: board.read_trades([execution]), frame, look)
    story.run()
    assert [told for told, _ in hints] == [True, True, False]


def test_F_77_a_line_without_a_frame_for_half_a_minute_is_opened_again_and_everything_read(
    story: Story,
) -> None:
    hints: list[tuple[bool, bool]] = []
    look = seen(story, hints)
    silent, second = story.line(look, 60.0), story.line(look)
    story.run()
    assert silent.closed
    assert silent.says, "it waited for all of the silence"
    assert second.sent[0] == "sor+{}"
    assert [told for told, _ in hints] == [True, True]
    assert story.over.gateway.paths().count(ORDERS) == 3, "the forced list is asked for once in a session"


def test_heartbeats_keep_a_line_and_a_tic_is_sent_each_minute(story: Story) -> None:
    beats: list[Said | float] = [one for _ in range(14) for one in (9.0, BEAT)]
    line = story.line(*beats)
    story.run()
    assert line.says == []
    assert line.sent.count("tic") == 2


@pytest.mark.parametrize(
    "frame",
    [
        {"topic": "sts", "args": {"authenticated": False, "competing": False}},
        {"topic": "sts", "args": {"authenticated": True, "competing": True}},
        {"topic": "sts", "args": [{"authenticated": False}]},
        {"error": "not authenticated", "code": 401},
    ],
)
def test_F_78_a_loss_of_the_session_is_told_and_the_line_is_of_no_more_use(
    story: Story, frame: dict[str, Any]
) -> None:
    first = story.line(frame, BEAT)
    story.line()
    story.run()
    assert first.says == [BEAT]
    assert story.stream.session_changed()
    assert story.stream.opened == 2


def test_F_81_a_line_that_waits_for_a_session_is_left_and_tried_again_with_growing_pauses(
    story: Story,
) -> None:
    for _ in range(4):
        story.line({"message": "waiting for session"}, greet=False)
    story.run()
    assert story.rests == [2.0, 4.0, 8.0, 16.0]
    assert all(line.sent == [] for line in story.lines)


def test_without_a_session_no_line_is_opened(story: Story) -> None:
    story.over.gateway.on("POST", "/tickle", b"", status=401)
    story.stream.attend(True)
    story.waiting = []
    assert story.over_with.wait(timeout=10)
    assert story.cookies == []


@pytest.mark.parametrize(
    "said",
    [
        "\ufffd\ufffd",
        "{",
        "[1, 2]",
        "null",
        "[" * 100_000,
        {"topic": "nobody knows"},
        {"topic": "ntf", "args": [{"id": "x", "text": "\ufffd"}]},
        {"topic": "sts", "args": []},
        {"topic": "sts", "args": {"authenticated": "perhaps"}},
        {"topic": "smd+1", "84": "1.00"},
        {"topic": "smd+1", "conid": 1, "6509": "RpB", "84": "much"},
        {"topic": "str"},
        {"topic": "sor", "args": [None, 3, {}]},
        {"error": {"nested": True}},
        {"topic": 7},
    ],
)
def test_F_82_whatever_is_said_the_line_is_listened_to_on(story: Story, said: Said) -> None:
    line = story.line(said, BEAT)
    story.run()
    assert (line.says, story.stream.opened) == ([], 1)


def test_F_83_another_brokerage_session_gets_a_line_of_its_own(story: Story) -> None:
    first = story.line(story.over.broker.gate.forget_session, BEAT, BEAT)
    story.line()
    story.run()
    assert first.says == [BEAT, BEAT]
    assert story.over.gateway.paths().count("/iserver/accounts") == 2


def test_a_stream_that_is_not_wanted_any_more_is_let_go(story: Story) -> None:
    line = story.line(lambda: story.stream.attend(False), BEAT)
    story.run()
    assert (line.closed, line.says, story.stream.flowing) == (True, [BEAT], False)


def test_F_32_prices_of_resting_orders_are_subscribed_renewed_and_laid_together(story: Story) -> None:
    head = {"topic": f"smd+{CONID}", "conid": CONID, "conidEx": str(CONID)}
    whole = head | {"_updated": 1349100000000, "6509": "RpB", "84": "640.04", "86": "640.06"}
    asks: list[Decimal | None] = []

    def ask() -> None:
        asks.append(story.last.ask(CONID, story.over.clock.now()))

    later: list[Said | float] = [one for _ in range(56) for one in (10.0, BEAT)]
    gone = delta(status="Filled")
    line = story.line(
        BEAT, head | {"86": "1.00"}, ask, whole, ask, head | {"86": "641"}, ask, *later, gone, BEAT
    )
    story.run()
    assert asks == [None, Decimal("640.06"), Decimal(641)]
    fields = '{"fields":["31","84","86","6509"]}'
    spoken = [text for text in line.sent if text != "tic"]
    assert spoken[2:] == [f"smd+{CONID}+{fields}", f"smd+{CONID}+{fields}", f"umd+{CONID}+{{}}"]


def test_F_39_the_stream_takes_no_line_away_from_snapshots() -> None:
    lines = Lines()
    lines.use(range(1, 90))
    assert lines.free([1, 200, 201]) == [1, 200]


def test_a_price_of_the_stream_is_old_after_a_minute(story: Story) -> None:
    prices = Prices(story.over.clock, story.last, Lines())
    prices.take({"topic": "smd+1", "conid": 1, "6509": "RpB", "86": "5.00", "_updated": 1349100000000})
    assert story.last.ask(1, START + timedelta(seconds=60)) == Decimal(5)
    assert story.last.ask(1, START + timedelta(seconds=61)) is None


@pytest.mark.parametrize(
    ("known", "said", "heard"),
    [
        ("640.00", 640, Heard.NOTHING),
        ("640.00", "640.01", Heard.CHANGE),
        ("", None, Heard.NOTHING),
        ("", "640", Heard.CHANGE),
        ("1,640.00", Decimal("1640.0"), Heard.NOTHING),
    ],
)
def test_a_price_is_the_same_in_any_of_its_forms(known: object, said: object, heard: Heard) -> None:
    board = OrderBoard()
    board.read([ROW | {"price": known}])
    assert board.heard({"orderId": NUMBER, "price": said}) is heard


def test_a_row_without_its_number_is_a_stranger() -> None:
    board = OrderBoard()
    board.read([ROW, {"orderId": None}, 7])
    assert board.heard({"orderId": str(NUMBER), "status": ROW["status"]}) is Heard.NOTHING
    assert board.heard({"status": "Filled"}) is Heard.STRANGER
    assert board.working_conids() == (CONID,)


def test_T_60_client_order_ids_that_the_stream_named_are_remembered() -> None:
    board = OrderBoard()
    assert not board.heard_ref("gd1pabc")
    board.heard({"orderId": 1, "order_ref": "gd1pabc", "status": "Submitted"})
    board.heard({"orderId": 2, "order_ref": None})
    assert board.heard_ref("gd1pabc")
