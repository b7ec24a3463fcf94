"""Faults drawn at random, on every endpoint, and calls of the adapter drawn at random under them."""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

from glassdesk.kernel.errors import GlassdeskError, InvalidInput
from glassdesk.workflow.market_data.model import BarSize
from glassdesk.workflow.orders.model import Outcome
from ibkr_simulator.scenarios.endpoints import ENDPOINTS
from tests.adapters.ibkr.tickets import BRACKET, ENTRY, EXIT
from tests.faults.stage import AAPL, ACCOUNT, IBM, MSFT, Stage

FAULTS: tuple[tuple[int, dict[str, Any]], ...] = (
    (7, {}),
    (9, {}),
    (13, {}),
    (18, {}),
    (19, {}),
    (11, {}),
    (12, {}),
    (16, {}),
    (22, {}),
    (22, {"stall": 12}),
    (23, {}),
    (24, {}),
    (25, {"manner": "html"}),
    (25, {"manner": "truncated"}),
    (25, {"manner": "garbage"}),
    (25, {"manner": "502"}),
    (26, {}),
    (28, {}),
    (29, {"value": "D", "seconds": 60}),
    (30, {"age": 900}),
    (27, {}),
    (31, {"values": {"31": "1,2,3"}}),
    (35, {}),
    (36, {}),
    (37, {"points": 20}),
    (38, {}),
    (33, {}),
    (34, {"status": 200, "text": "No data."}),
    (34, {"empty": True}),
    (40, {}),
    (41, {}),
    (43, {}),
    (45, {"message_id": "o451"}),
    (45, {"message_id": "o163"}),
    (46, {}),
    (47, {}),
    (48, {}),
    (49, {}),
    (50, {}),
    (50, {"text": "Something nobody has read before"}),
    (51, {}),
    (52, {}),
    (55, {}),
    (56, {}),
    (57, {}),
    (58, {}),
    (59, {}),
    (60, {}),
    (62, {}),
    (66, {}),
    (67, {}),
)
"""What strikes a request. Where the fault has an endpoint of its own it keeps it half the time."""
ORDER = re.compile(r"/iserver/account/[^/]+/(orders|order/[^/]+)")
SESSION_FAULTS = (1, 2, 3, 5)


class Weather:
    """One seeded campaign over a stage; `calls` counts the adapter calls made."""

    def __init__(self, stage: Stage, seed: int) -> None:
        self.stage = stage
        self.dice = random.Random(seed)
        self.calls = 0
        self.errors: Counter[str] = Counter()
        self.outcomes: Counter[str] = Counter()
        self.most_writes = 0
        """The most writes that one call ever sent."""
        self._seen = 0
        self.placed: list[str] = []
        self.numbers: list[str] = ["1"]
        self._verbs: tuple[Callable[[], Any], ...] = (
            self._status,
            self._keep_alive,
            self._accounts,
            lambda: self.stage.broker.contracts.search("AAPL"),
            lambda: self.stage.broker.contracts.stocks(["IBM"]),
            lambda: self.stage.broker.contracts.contract(self._conid()),
            lambda: self.stage.broker.contracts.rules(self._conid(), fetched_at=self.stage.now),
            lambda: self.stage.broker.contracts.hours(self._conid(), "SMART"),
            lambda: self.stage.broker.market_data.history(
                self._conid(), self._size(), 50, read_at=self.stage.now
            ),
            lambda: self.stage.broker.market_data.quotes([AAPL, IBM, MSFT], read_at=self.stage.now),
            self.stage.broker.order_tracking.live_orders,
            lambda: self.stage.broker.order_tracking.order_status(self.dice.choice(self.numbers)),
            lambda: self.stage.broker.order_tracking.trades(7),
            lambda: self.stage.broker.positions.positions(ACCOUNT),
            lambda: self.stage.broker.portfolio.balances(ACCOUNT),
            self._place_one,
            self._place_bracket,
            self._modify,
            self._cancel,
        )

    def blow(self, calls: int) -> None:
        """Make so many calls, each under whatever was drawn."""
        while self.calls < calls:
            self._draw_fault()
            self._call(self.dice.choice(self._verbs))
            self.stage.travel(
                self.stage.now + timedelta(milliseconds=self.dice.choice((0, 0, 50, 400, 3000)))
            )
            self._recover()

    def _call(self, verb: Callable[[], Any]) -> None:
        self.calls += 1
        result = self._result(verb)
        writes = self._writes_since()
        if isinstance(result, Outcome):
            self.outcomes[result.kind] += 1
            self.most_writes = max(self.most_writes, writes)
            self.numbers += [one.broker_order_id for one in result.acknowledged]
        elif isinstance(result, GlassdeskError):
            # Wrong input would be a mistake of the campaign's own.
            assert str(result).strip()
            assert not isinstance(result, InvalidInput), result
            self.errors[type(result).__name__] += 1

    def _writes_since(self) -> int:
        """Orders, changes and cancels that arrived since the last call; replies are part of their order."""
        rows = list(self.stage.world.truth.rows("request", self._seen))
        self._seen = rows[-1]["seq"] if rows else self._seen
        return sum(1 for row in rows if row["method"] != "GET" and ORDER.fullmatch(row["path"]))

    def _result(self, verb: Callable[[], Any]) -> Any:
        try:
            return verb()
        except GlassdeskError as failure:
            return failure

    def _draw_fault(self) -> None:
        roll = self.dice.random()
        if roll < 0.35:
            number, fields = self.dice.choice(FAULTS)
            place = {} if self.dice.random() < 0.5 else {"endpoint": self.dice.choice(list(ENDPOINTS))}
            self.stage.arm(
                number,
                count=self.dice.choice((1, 1, 2, 5)),
                skip=self.dice.choice((0, 0, 1)),
                **fields,
                **place,
            )
        elif roll < 0.36:
            self.stage.arm(self.dice.choice(SESSION_FAULTS))
        elif roll < 0.41:
            self.stage.disarm()

    def _recover(self) -> None:
        """After a while a person signs in again, and a penalty ends."""
        if self.dice.random() < 0.05:
            self.stage.travel(self.stage.now + timedelta(minutes=16))
            self.stage.sign_in()
            self._call(lambda: self.stage.broker.session.repair(seen_at=self.stage.now, compete=True))

    # ------------------------------------------------------------ verbs

    def _status(self) -> Any:
        return self.stage.broker.session.status(seen_at=self.stage.now)

    def _keep_alive(self) -> Any:
        return self.stage.broker.session.keep_alive(seen_at=self.stage.now)

    def _accounts(self) -> Any:
        return self.stage.broker.session.accounts()

    def _conid(self) -> int:
        return self.dice.choice((AAPL, IBM, MSFT))

    def _size(self) -> BarSize:
        return self.dice.choice((BarSize.DAY, BarSize.HOUR_1, BarSize.MIN_5))

    def _name(self, leg: str) -> str:
        name = f"gd1s{leg}{self.calls:019d}"
        self.placed.append(name)
        return name

    def _limit(self) -> Decimal:
        return (self.stage.price() * Decimal(self.dice.choice(("0.90", "0.99", "1.004")))).quantize(
            Decimal("0.01")
        )

    def _place_one(self) -> Any:
        if self.dice.random() < 0.5:
            ticket = replace(EXIT, coid=self._name("x"), price=self.stage.price() + 5, quantity=Decimal(1))
        else:
            ticket = replace(ENTRY, coid=self._name("e"), price=self._limit(), quantity=Decimal(3))
        return self.stage.broker.orders.place([ticket])

    def _place_bracket(self) -> Any:
        entry, stop, target = BRACKET
        price = self._limit()
        entry = replace(entry, coid=self._name("a"), price=price, quantity=Decimal(2))
        stop = replace(
            stop, coid=self._name("b"), parent_coid=entry.coid, price=price - 15, quantity=Decimal(2)
        )
        target = replace(
            target, coid=self._name("c"), parent_coid=entry.coid, price=price + 40, quantity=Decimal(2)
        )
        return self.stage.broker.orders.place([entry, stop, target])

    def _modify(self) -> Any:
        ticket = replace(ENTRY, price=self._limit(), quantity=Decimal(4))
        return self.stage.broker.orders.modify(self.dice.choice(self.numbers), ticket)

    def _cancel(self) -> Any:
        return self.stage.broker.orders.cancel(ACCOUNT, self.dice.choice(self.numbers))
