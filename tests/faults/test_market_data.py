"""Market data: F-27 to F-39."""

import threading
import time
from decimal import Decimal

from glassdesk.adapters.ibkr.prices import LastQuotes, Lines, Prices
from glassdesk.kernel.errors import GlassdeskError
from glassdesk.kernel.ids import AccountKind
from glassdesk.workflow.market_data.model import BarSize
from glassdesk.workflow.orders.bracket import Reservation
from glassdesk.workflow.orders.model import IntentState, OrderState, Role
from glassdesk.workflow.runs.model import RunState
from ibkr_simulator.web_api.stream import Stream
from tests.faults.conftest import Make
from tests.faults.deciding import again, decide
from tests.faults.market import truth_bars
from tests.faults.stage import AAPL, IBM, MINUTE, MSFT, SECOND, Stage

SNAPSHOT, HISTORY = "/iserver/marketdata/snapshot", "/iserver/marketdata/history"


def ready(make: Make, kind: AccountKind = AccountKind.SIMULATED, *, delayed: bool = False) -> Stage:
    stage = make(kind=kind, delayed=delayed)
    stage.run(10 * SECOND)
    return stage


def entered(stage: Stage) -> Reservation:
    """A decision whose window is open, and a minute for the dealer."""
    reservation = stage.reserve_entry(limit=stage.price() - 5)
    stage.run(MINUTE)
    return reservation


def refuses(stage: Stage, rule: str = "QUOTE") -> None:
    """Nothing is sent while the quote is no number, and the decision ends with its reason."""
    reservation = stage.reserve_entry(limit=stage.price() - 5, minutes=2)
    stage.run(MINUTE)
    assert stage.intent_state(reservation) is IntentState.QUEUED
    stage.run(MINUTE + 5 * SECOND)
    assert stage.placements() == 0
    assert stage.truth() == []
    assert stage.intent_state(reservation) is IntentState.DENIED
    # On a paper account the canary of the feed is told as well.
    told = [one for one in stage.told() if not one.key.startswith("canary:")]
    assert [one.title for one in told] == ["Denied at send"]
    assert f"{rule}: " in told[0].body


def test_F_27_preflight_only(make: Make) -> None:
    stage = ready(make)
    stage.arm(27, count=4)
    reservation = entered(stage)
    assert stage.states(reservation)[Role.ENTRY] is OrderState.WORKING
    assert 5 <= stage.asked(SNAPSHOT) <= 8
    stage = ready(make)
    stage.arm(27, seconds=300)
    refuses(stage)
    # Ten at each look, and a look every quarter of a minute.
    assert 10 <= stage.asked(SNAPSHOT) <= 120


def test_F_28_partial_fields(make: Make) -> None:
    stage = ready(make)
    stage.arm(28, seconds=300)
    refuses(stage)
    quote = stage.desk.market_data.quotes([AAPL])[AAPL]
    assert quote.bid is not None
    assert (quote.ask, quote.mid) == (None, None)


def test_F_29_delayed_or_frozen(make: Make) -> None:
    for value in ("D", "Z", "Y", "N", "O"):
        stage = ready(make, AccountKind.PAPER)
        stage.arm(29, value=value)
        refuses(stage)


def test_a_paper_account_may_enter_on_delayed_quotes_and_says_so(make: Make) -> None:
    stage = ready(make, AccountKind.PAPER, delayed=True)
    stage.arm(29)
    entry = stage.legs(entered(stage))[Role.ENTRY]
    assert (entry.state, entry.note) == (OrderState.WORKING, "priced on a delayed quote")
    frozen = ready(make, AccountKind.PAPER, delayed=True)
    frozen.arm(29, value="Z")
    refuses(frozen)


def test_F_30_stale_snapshot(make: Make) -> None:
    stage = ready(make)
    stage.arm(30, seconds=300)
    refuses(stage)


def test_F_31_string_formats(make: Make) -> None:
    stage = ready(make)
    plain = stage.broker.market_data.quotes([AAPL], read_at=stage.now)[AAPL]
    stage.arm(31, manner="grouped", values={"84": "1,300.5", "86": "1,301.00", "31": "1,300.75"})
    found = stage.broker.market_data.quotes([AAPL], read_at=stage.now)[AAPL]
    assert (found.bid, found.ask, found.last) == (Decimal("1300.5"), Decimal(1301), Decimal("1300.75"))
    stage.arm(31, manner="prior")
    found = stage.broker.market_data.quotes([AAPL], read_at=stage.now)[AAPL]
    assert (found.last, found.bid, found.ask) == (None, plain.bid, plain.ask)
    stage.arm(31, manner="empty", seconds=300)
    found = stage.broker.market_data.quotes([AAPL], read_at=stage.now)[AAPL]
    assert (found.last, found.bid, found.ask) == (None, None, None)
    stage = ready(make)
    stage.arm(31, manner="halted", seconds=300)
    refuses(stage)


def test_F_32_price_stream_expires(make: Make) -> None:
    stage = ready(make)
    last, stream = LastQuotes(), Stream(stage.world)
    stage.world.streams.append(stream)
    prices = Prices(stage.parts.clock, last, Lines())

    def wish(seconds: int) -> int:
        """What the desk asks of the stream then, and what comes of it."""
        wishes = prices.wishes([AAPL], seconds)
        for one in wishes:
            stream.obey(one)
        while not stream.outbox.empty():
            frame = stream.outbox.get_nowait()
            assert isinstance(frame, dict)
            prices.take(frame)
        return len(wishes)

    assert wish(0) == 1
    assert last.ask(AAPL, stage.now) is not None
    stage.arm(32)
    stage.travel(stage.now + 8 * MINUTE)
    stream.moved()
    # Silence is no price, and the desk does not ask before its time.
    assert wish(480) == 0
    assert last.ask(AAPL, stage.now) is None
    stage.travel(stage.now + MINUTE)
    assert wish(540) == 1
    assert last.ask(AAPL, stage.now) == stage.desk.market_data.quotes([AAPL])[AAPL].ask


def test_F_33_history_429(make: Make) -> None:
    stage = ready(make)
    under_way, most = [0], [0]
    lock = threading.Lock()

    def counted(begins: bool) -> None:
        with lock:
            under_way[0] += 1 if begins else -1
            most[0] = max(most[0], under_way[0])
        if begins:
            time.sleep(0.01)

    stage.wire.watch(HISTORY, counted)
    asks = [
        threading.Thread(target=stage.broker.market_data.history, args=(AAPL, BarSize.DAY, 20), kwargs=at)
        for at in [{"read_at": stage.now}] * 8
    ]
    for ask in asks:
        ask.start()
    for ask in asks:
        ask.join()
    assert 2 <= most[0] <= 4
    stage.arm(33)
    decided = decide(stage)
    assert (decided.run.state, decided.bars, decided.signal) == (RunState.DUE, None, False)
    asked = stage.asked(HISTORY)
    assert again(stage, decided.run.run).run.state is RunState.DUE
    assert stage.asked(HISTORY) == asked
    stage.travel(stage.now + 16 * MINUTE)
    assert again(stage, decided.run.run).signal


def test_F_34_history_none(make: Make) -> None:
    stage, run = ready(make), ""
    for more in ({"status": 500}, {"status": 200, "text": "No data."}, {"empty": True}):
        stage.arm(34, **more)
        decided = decide(stage)
        run = decided.run.run
        assert (decided.run.state, decided.bars, decided.signal) == (RunState.DUE, None, False), more
        assert f"{decided.run.symbol} cannot be decided now" in stage.titles()
        stage.travel(stage.now + MINUTE)
    assert again(stage, run).signal


def test_F_35_history_defaulted(make: Make) -> None:
    stage = ready(make)
    stage.arm(35, seconds=60)
    decided = decide(stage)
    assert (decided.run.state, decided.bars, decided.signal) == (RunState.DUE, None, False)
    assert "a defaulted series" in decided.run.reason
    assert stage.truth() == []


def test_F_36_unfinished_bar_and_gaps(make: Make) -> None:
    stage = ready(make)
    stage.arm(36, drop=-3)
    bars = decide(stage).bars
    assert bars is not None
    # The running bar of this Monday is not there, the missing Thursday is told, volume is in shares.
    last, missing = truth_bars(stage.world, IBM)[-2:][::-1]
    assert (bars.last.session, bars.last.volume) == (last.session, Decimal(last.volume))
    assert missing.session not in {bar.session for bar in bars.bars}
    assert bars.quality.notes == (f"1 session(s) missing, first {missing.session}",)
    assert stage.truth() == []


def test_F_37_history_truncated(make: Make) -> None:
    stage = ready(make)
    whole = stage.broker.market_data.history(IBM, BarSize.DAY, 250, read_at=stage.now).bars
    stage.travel(stage.now + MINUTE)
    stage.arm(37, points=90, seconds=60)
    paged = stage.broker.market_data.history(IBM, BarSize.DAY, 250, read_at=stage.now).bars
    assert len(paged) >= 250
    assert [bar.session for bar in paged][-250:] == [bar.session for bar in whole][-250:]


def test_F_38_unsubscribe_500(make: Make) -> None:
    stage = ready(make)
    stage.broker.market_data._lines.use([AAPL, IBM, *range(1, 89)])
    stage.arm(38)
    # One more than the desk lets itself have: the oldest is given back, and the broker knows of none.
    assert set(stage.broker.market_data.quotes([MSFT], read_at=stage.now)) == {MSFT}
    given = stage.requests("/iserver/marketdata/unsubscribe")
    assert [(row["status"], row["body"]["conid"]) for row in given] == [(500, AAPL)]


def test_F_39_lines_exhausted(make: Make) -> None:
    stage = ready(make)
    quotes = stage.broker.market_data.quotes
    assert set(quotes([AAPL], read_at=stage.now)) == {AAPL}
    stage.arm(39)
    # The broker has no line left for IBM: the one used longest ago is given back for it.
    assert set(quotes([IBM], read_at=stage.now)) == {IBM}
    assert [row["body"]["conid"] for row in stage.requests("/iserver/marketdata/unsubscribe")] == [AAPL]
    try:
        assert quotes([AAPL, MSFT], read_at=stage.now).keys() <= {AAPL, MSFT}
    except GlassdeskError as failure:
        raise AssertionError("a contract without a line is one without a quote") from failure
