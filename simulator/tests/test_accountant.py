"""A year of random trading: the accountant and the simulator agree to the cent, every day."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

from ibkr_simulator.exchange.listings import AAPL, GOOG, IBM, MSFT
from ibkr_simulator.exchange.market import Market
from ibkr_simulator.exchange.tape import Dividend, Split
from ibkr_simulator.exchange.tapes import choice
from ibkr_simulator.instants import iso, new_york_day, new_york_midnight
from simulator.tests.accountant import Accountant, Ledger, cents, nights
from simulator.tests.conftest import begin
from simulator.tests.support import Inside

MARGIN, CASH = "DU1000001", "DU1000002"
CONIDS = (AAPL.conid, GOOG.conid, IBM.conid, MSFT.conid)
# The prices of the tape do not know of these; books have to be right all the same.
SPLITS = [
    (date(2012, 3, 15), IBM.conid, Fraction(3, 2)),
    (date(2012, 6, 1), AAPL.conid, Fraction(1, 7)),
    (date(2012, 9, 4), MSFT.conid, Fraction(5, 4)),
]
DIVIDENDS = [
    (day, conid, Decimal(amount), pays)
    for day, pays in (
        (date(2012, 2, 8), date(2012, 3, 8)),
        (date(2012, 5, 8), date(2012, 6, 9)),
        (date(2012, 6, 1), date(2012, 6, 2)),
        (date(2012, 11, 7), date(2012, 12, 10)),
    )
    for conid, amount in ((IBM.conid, "0.85"), (MSFT.conid, "0.2033"), (AAPL.conid, "2.65"))
]
TRADED = {"trade", "commission", "fee", "deposit", "withdrawal"}
LANES = TRADED | {"dividend", "interest", "borrow", "cash_in_lieu"}
RATES = {
    "interest_debit_percent": "1.61",
    "interest_credit_percent": "0.50",
    "interest_free_cash": "10000.00",
    "borrow_fee_percent": "0.75",
    "monthly_fee": "4.50",
}


@pytest.fixture(scope="module")
def eventful(market: Market) -> Market:
    """The history tape with splits and dividends of our own."""
    index = market.sessions.index_of
    splits = [
        Split(conid=c, session=index(day), ratio=ratio, at=new_york_midnight(day)) for day, c, ratio in SPLITS
    ]
    midnight = new_york_midnight
    dividends = [
        Dividend(conid=c, session=index(day), amount=a, at=midnight(day), pays_at=midnight(pays))
        for day, c, a, pays in DIVIDENDS
    ]
    tape = replace(market.tape, splits=tuple(splits), dividends=tuple(dividends))
    return Market(tape, 7)


class Year:
    """A world and an accountant who follows its truth log."""

    def __init__(self, market: Market, seed: int, conids: Sequence[int], days: Sequence[date]) -> None:
        self.dice = random.Random(seed)
        self.conids, self.days = conids, days
        self.client = begin(
            market,
            iso(market.sessions.opens[market.sessions.index_of(days[0])]),
            accounts=f"{MARGIN}:margin,{CASH}:cash",
            questions="",
            partial_fills="2",
            dividends="on",
            cancel_seconds="0",
            **RATES,
        )
        self.client.get("/iserver/account/pnl/partitioned")
        self.market = market
        self.accountant = Accountant(
            sessions=market.sessions.days,
            splits=[
                (days_of(market, s.session), s.conid, s.ratio)
                for s in market.tape.splits
                if s.conid in conids
            ],
            dividends=[
                (days_of(market, d.session), d.conid, d.amount, new_york_day(d.pays_at))
                for d in market.tape.dividends
                if d.conid in conids
            ],
            debit=Decimal("1.61"),
            credit=Decimal("0.50"),
            free=Decimal(10_000),
            lending=Decimal("0.75"),
            monthly=Decimal("4.50"),
        )
        self.day = days[0]
        self._seen = {"execution": 0, "cash": 0}

    def closes(self, day: date) -> dict[int, Decimal]:
        """The close of the last day up to this one on which each contract traded."""
        session, found = self.market.sessions.index_of(day), {}
        for conid in self.conids:
            bars = self.market.tape.bars[conid]
            index = min(session - bars.first, len(bars) - 1)
            while not bars.volume[index]:
                index -= 1
            found[conid] = Decimal(int(bars.close[index])) / 100
        return found

    def trade(self, day: date) -> None:
        """What happens on a day, at three instants of it."""
        opened = self.market.sessions.opens[self.market.sessions.index_of(day)]
        for minute in sorted(self.dice.sample(range(1, 180), 3)):
            self.client.advance(iso(opened + minute * 60_000_000))
            self.dice.choice([self.order, self.order, self.order, self.money, self.revise])()
            self.read()

    def order(self) -> None:
        account, conid = self.dice.choice((MARGIN, MARGIN, CASH)), self.dice.choice(self.conids)
        held = self.client.world.accounts[account].quantity(conid)
        side = self.dice.choice(("BUY", "SELL"))
        order = {"conid": conid, "orderType": "MKT", "tif": "DAY", "side": side}
        order["quantity"] = abs(held) if held and self.dice.random() < 0.3 else self.dice.randint(1, 150)
        self.client.post(f"/iserver/account/{account}/orders", {"orders": [order]})

    def money(self) -> None:
        amount = self.dice.randint(-400_000, 500_000) / 100
        fields = {"account": self.dice.choice((MARGIN, CASH)), "amount": f"{amount:.2f}"}
        self.client.control("POST", "/person/deposit", fields)

    def revise(self) -> None:
        recent = self.client.world.exchange.effective()[-5:]
        if recent:
            execution = self.dice.choice(recent)
            if self.dice.random() < 0.4:
                self.client.control("POST", "/person/bust", {"execution_id": execution.execution_id})
            else:
                self.client.world.exchange.correct(execution, self.dice.choice((-7, -1, 1, 13)))

    def read(self) -> None:
        """Hand the accountant what the truth log holds of trades and deposits, and nothing else."""
        for row in self._fresh("cash"):
            if row["lane"] in ("deposit", "withdrawal"):
                self.accountant.deposit(row["account"], Decimal(row["amount"]) / 100)
        for row in self._fresh("execution"):
            price = Decimal(row["price"]) / 100
            self.accountant.execution({**row, "price": price}, new_york_day(row["at"]))

    def _fresh(self, kind: str) -> list[dict[str, Any]]:
        rows = list(self.client.world.truth.rows(kind, self._seen[kind]))
        self._seen[kind] = rows[-1]["seq"] if rows else self._seen[kind]
        return rows

    def close(self, day: date) -> None:
        """To the close, with all that fills on the way."""
        self.client.advance(iso(self.market.sessions.closes[self.market.sessions.index_of(day)]))
        self.read()

    def sleep(self, until: date) -> None:
        closes = self.closes(self.day)
        for day in nights(self.day, until):
            self.accountant.midnight(day, closes)
        self.day = until


def shown(client: Inside, account: str) -> dict[str, Any]:
    """What the broker's endpoints say of an account."""
    ledger = client.get(f"/portfolio/{account}/ledger")["USD"]
    summary = client.get(f"/portfolio/{account}/summary")
    profit = client.get("/iserver/account/pnl/partitioned")["upnl"][f"{account}.Core"]
    truth = client.control("GET", f"/truth/equity?account={account}")
    net = {
        ledger["netliquidationvalue"],
        summary["netliquidation"]["amount"],
        profit["nl"],
        float(truth["equity"]),
    }
    cash = {ledger["cashbalance"], summary["totalcashvalue"]["amount"], float(truth["cash"])}
    settled = {ledger["settledcash"], summary["settledcash"]["amount"], float(truth["settled_cash"])}
    unrealised = {ledger["unrealizedpnl"], profit["upl"]}
    assert {len(each) for each in (net, cash, settled, unrealised)} == {1}
    rows = client.get(f"/portfolio2/{account}/positions")
    return {
        "net": net.pop(),
        "cash": cash.pop(),
        "settled": settled.pop(),
        "unrealised": unrealised.pop(),
        "realised": ledger["realizedpnl"],
        "dividends": ledger["dividends"],
        "interest": ledger["interest"],
        "day": profit["dpl"],
        "positions": {int(r["conid"]): (r["position"], r["unrealizedPnl"], r["realizedPnl"]) for r in rows},
    }


def reckoned(ledger: Ledger, day: date, closes: Mapping[int, Decimal]) -> dict[str, Any]:
    """The same from the accountant's books."""
    lots = ledger.lots.items()
    gains = {conid: lot.quantity * closes[conid] - lot.cost for conid, lot in lots}
    net = ledger.worth(closes)
    return {
        "net": float(net),
        "cash": float(ledger.cash),
        "settled": float(ledger.settled(day)),
        "unrealised": float(sum(gains[conid] for conid, lot in lots if lot.quantity)),
        "realised": float(sum(lot.realised for _, lot in lots)),
        "dividends": float(sum(amount for _, amount in ledger.dividends)),
        "interest": float(cents(ledger.interest) + cents(ledger.borrow)),
        "day": float(net - ledger.opened - ledger.flows),
        "positions": {
            conid: (float(lot.quantity), float(gains[conid]), float(lot.realised)) for conid, lot in lots
        },
    }


def days_of(market: Market, session: int) -> date:
    """The date of a session."""
    return market.sessions.days[session]


def live_through(year: Year) -> set[str]:
    """Compare everything at every close; answers the lanes cash has moved in."""
    year.read()
    for day in year.days:
        year.sleep(day)
        year.trade(day)
        year.close(day)
        closes = year.closes(day)
        for account in (MARGIN, CASH):
            theirs, ours = shown(year.client, account), reckoned(year.accountant.books[account], day, closes)
            held = {c: row for c, row in ours["positions"].items() if c in theirs["positions"]}
            assert theirs == ours | {"positions": held}, (day, account)
    return {row["lane"] for row in year.client.control("GET", "/truth/cash")}


def days_between(market: Market, first: date, last: date) -> list[date]:
    return [day for day in market.sessions.days if first <= day <= last]


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 2, 3, 4])
def test_the_accountant_finds_every_day_of_a_year_right_to_the_cent(eventful: Market, seed: int) -> None:
    days = days_between(eventful, date(2012, 1, 3), date(2012, 12, 31))
    assert live_through(Year(eventful, seed, CONIDS, days)) == LANES


@pytest.mark.slow
def test_the_accountant_agrees_on_a_tape_whose_prices_know_of_its_events_and_of_both_cycles() -> None:
    market = Market(choice.load("synthetic", 7), 7)
    days = days_between(market, date(2024, 1, 2), date(2024, 12, 20))
    within = {market.sessions.index_of(day) for day in days}
    split = [each.conid for each in market.tape.splits if each.session in within][:3]
    paying = {each.conid for each in market.tape.dividends if each.session in within}
    conids = [*split, *sorted(paying - set(split))[:3]]
    assert len(conids) == 6
    lanes = live_through(Year(market, 3, conids, days))
    assert lanes >= TRADED | {"dividend", "interest", "borrow"}


def test_the_same_story_writes_the_same_truth_to_the_last_row(eventful: Market) -> None:
    days = days_between(eventful, date(2012, 2, 27), date(2012, 3, 20))

    def told(seed: int) -> list[tuple[str, list[dict[str, Any]]]]:
        year = Year(eventful, seed, CONIDS, days)
        live_through(year)
        kinds = ("order", "execution", "cash", "position", "account", "split", "request")
        return [(kind, list(year.client.world.truth.rows(kind))) for kind in kinds]

    assert told(5) == told(5)
    assert told(5) != told(6)
