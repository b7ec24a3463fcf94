"""From pasted tickers to a list of contracts: only what is ambiguous is asked about."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from glassdesk.adapters.calendars import ExchangeCalendar
from glassdesk.adapters.clocks import ManualClock
from glassdesk.adapters.database import Stores, open_database
from glassdesk.adapters.memory.broker import MemoryBroker
from glassdesk.kernel.errors import Conflict, InvalidInput, NotFound
from glassdesk.workflow.contracts.model import Contract
from glassdesk.workflow.contracts.service import Contracts
from glassdesk.workflow.contracts.typed import MOST, read, spellings
from glassdesk.workflow.contracts.watchlists import Watchlist, Watchlists
from glassdesk.workflow.lineage.audit import Audit
from glassdesk.workflow.session.model import Account

NOON = datetime(2024, 3, 5, 17, 0, tzinfo=UTC)


def listing(conid: int, symbol: str, exchange: str = "NASDAQ", currency: str = "USD") -> Contract:
    name = f"{symbol} {conid}"
    return Contract(
        conid=conid, symbol=symbol, name=name, sec_type="STK", exchange=exchange, currency=currency
    )


APPLE, BERKSHIRE = listing(1, "AAPL"), listing(2, "BRK B", "NYSE")
HERE, THERE = listing(3, "DUO", "NYSE"), listing(4, "DUO", "ARCA")
ABROAD, CANADIAN = listing(5, "SAP", "IBIS", "EUR"), listing(6, "AAPL", "TSE", "CAD")


class Desk:
    """Watchlists over a database in memory."""

    def __init__(self) -> None:
        self.clock = ManualClock(NOON)
        self.stores: Stores = open_database("memory:")
        listed = (APPLE, BERKSHIRE, HERE, THERE, ABROAD, CANADIAN)
        broker = MemoryBroker(Account(account="DU1", is_paper=True), listed)
        calendar = ExchangeCalendar(start=date(2023, 1, 3))
        contracts = Contracts(self.stores.transactions, broker, self.stores.contracts, calendar, self.clock)
        audit = Audit(self.stores.audit, self.clock)
        self.lists = Watchlists(self.stores.watchlists, contracts, audit, self.clock)

    def add(self, name: str, text: str, *, version: int | None = None, **picks: int) -> Watchlist:
        contracts = self.lists.picked(self.lists.match(text), picks)
        with self.stores.transactions.begin() as t:
            return self.lists.save(t, name, contracts, "owner", version=version)


@pytest.fixture
def desk() -> Desk:
    return Desk()


@pytest.mark.parametrize(
    "text",
    [
        "AAPL BRK.B",
        "aapl, brk b",
        "AAPL\nBRK/B\nAAPL",
        "$AAPL; 'BRK-B'",
        "Symbol,Name\nAAPL,Apple\nBRK B,Berkshire",
        'name;"ticker"\n"Apple";AAPL\n"Berkshire";"BRK.B"',
        "\n\nticker\tshares\nAAPL\t5\n\nBRK.B\t1\n",
    ],
)
def test_tickers_are_read_from_any_paste_and_from_csv(desk: Desk, text: str) -> None:
    assert desk.add("two", text).contracts == (APPLE, BERKSHIRE)


def test_only_the_ambiguous_are_open(desk: Desk) -> None:
    apple, duo = desk.lists.match("AAPL DUO")
    assert apple.chosen == APPLE
    assert duo.chosen is None
    assert duo.candidates == (HERE, THERE)
    with pytest.raises(InvalidInput, match=r"DUO is ambiguous.*choose one, e\.g\. DUO=3"):
        desk.add("few", "AAPL DUO")


@pytest.mark.parametrize("text", ["AAPL DUO=4", "symbol,exchange\nAAPL,\nDUO,ARCA"])
def test_a_number_or_an_exchange_settles_it(desk: Desk, text: str) -> None:
    assert desk.add("few", text).contracts == (APPLE, THERE)


def test_a_choice_on_the_page_settles_it_or_leaves_it_out(desk: Desk) -> None:
    assert desk.add("few", "AAPL DUO", DUO=3).contracts == (APPLE, HERE)
    assert desk.add("few", "AAPL DUO NONE", DUO=0, NONE=0).contracts == (APPLE,)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "no ticker is there"),
        ("AAPL\nNONE", "line 2: no stock or ETF is called NONE"),
        ("SAP", "it trades in EUR"),
        ("AAPL=5", "AAPL is not listed so; it is at NASDAQ"),
        ("symbol,exchange\nDUO,LSE", "it is at NYSE .3., ARCA .4."),
        ("AAPL\n<script>", "line 2.*is no ticker"),
        (" ".join(f"A{n}" for n in range(MOST + 1)), "201 tickers are too many"),
        ("A" * 64_001, "too long"),
    ],
)
def test_what_is_wrong_is_named_with_its_line(desk: Desk, text: str, words: str) -> None:
    with pytest.raises(InvalidInput, match=words):
        desk.add("few", text)


@pytest.mark.parametrize("name", ["", "Caps", "a b", "-x", "x" * 41])
def test_a_name_that_is_none_is_refused(desk: Desk, name: str) -> None:
    with pytest.raises(InvalidInput, match="is no name of a list"):
        desk.add(name, "AAPL")


def test_each_change_is_a_version_and_a_row_of_the_audit(desk: Desk) -> None:
    first = desk.add("few", "AAPL")
    assert desk.add("few", "AAPL") == first
    second = desk.add("few", "AAPL BRK.B", version=1)
    assert second.version == 2
    with pytest.raises(Conflict, match="changed meanwhile"):
        desk.add("few", "BRK.B", version=1)
    with desk.stores.transactions.begin() as t:
        desk.lists.remove(t, "few", "owner")
        assert desk.lists.list(t) == []
        kinds = [row.kind for row in desk.stores.audit.entries(t, after=0, limit=10)]
    assert kinds == ["watchlist.save", "watchlist.save", "watchlist.remove"]


def test_its_contracts_can_be_used_in_strategies_and_stay_when_it_goes(desk: Desk) -> None:
    desk.add("few", "AAPL BRK.B")
    with desk.stores.transactions.begin() as t:
        desk.lists.remove(t, "few", "owner")
        assert {one.conid for one in desk.stores.contracts.all_contracts(t)} == {1, 2}
        with pytest.raises(NotFound, match="no watchlist 'few'"):
            desk.lists.get(t, "few")


@given(st.text(max_size=300))
def test_any_text_is_read_or_refused_in_words(text: str) -> None:
    try:
        found = read(text)
    except InvalidInput:
        return
    assert 0 < len(found) <= MOST
    assert all(one.symbol in spellings(one.symbol) for one in found)
    assert len({(one.symbol, one.exchange, one.conid) for one in found}) == len(found)
