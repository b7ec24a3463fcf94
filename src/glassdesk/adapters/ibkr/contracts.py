"""Contracts over `/iserver/secdef/search`, `/trsrv/*`, `/iserver/contract/*`, `/contract/trading-schedule`
[§3]."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from glassdesk.adapters.ibkr.answers import get, reading, settled
from glassdesk.adapters.ibkr.calls import Answer, Request
from glassdesk.adapters.ibkr.gate import Reads
from glassdesk.adapters.ibkr.known import US_ZONE, KnownContracts
from glassdesk.adapters.ibkr.parse import Fields, Unparsable, compact_date, number
from glassdesk.kernel.clock import Clock
from glassdesk.kernel.errors import NotFound
from glassdesk.workflow.contracts.model import Contract, ContractRules, Hours, TickBand

_SEARCH = "/iserver/secdef/search"
_STOCKS = "/trsrv/stocks"
_SECDEF = "/trsrv/secdef"
_RULES = "/iserver/contract/rules"
_SCHEDULE = "/contract/trading-schedule"
_CONIDS_PER_CALL = 200
_SYMBOLS_PER_CALL = 50

_CODES = {
    "limit": "LMT",
    "market": "MKT",
    "stop": "STP",
    "stop_limit": "STOP_LIMIT",
    "midprice": "MIDPRICE",
    "mit": "MIT",
    "lit": "LIT",
    "trailing_stop": "TRAIL",
    "trailing_stop_limit": "TRAILLMT",
    "relative": "REL",
    "marketonclose": "MOC",
    "limitonclose": "LOC",
}
"""Rules name order types in words, orders in codes [§3]."""


class IbkrContracts:
    """Implements `contracts.ports.BrokerContracts`."""

    def __init__(self, reads: Reads, clock: Clock, known: KnownContracts, account: str | None) -> None:
        self._reads = reads
        self._clock = clock
        self._known = known
        self._account = account

    def search(self, text: str) -> Sequence[Contract]:
        return self._search({"symbol": text}) or self._search({"symbol": text, "name": "true"})

    def stocks(self, symbols: Sequence[str]) -> Mapping[str, Sequence[Contract]]:
        found: list[Contract] = []
        for first in range(0, len(symbols), _SYMBOLS_PER_CALL):
            asked = symbols[first : first + _SYMBOLS_PER_CALL]
            stated = get(self._reads, _STOCKS, {"symbols": ",".join(asked)})
            with reading(_STOCKS):
                found += [one for symbol in asked for one in stocks_of(stated, symbol)]
        by_symbol: dict[str, list[Contract]] = {symbol: [] for symbol in symbols}
        for contract in self._with_currency(found):
            by_symbol[contract.symbol].append(contract)
        return by_symbol

    def contract(self, conid: int) -> Contract:
        path = f"/iserver/contract/{conid}/info"
        answer = self._reads.read(Request(method="GET", path=path))
        stated = settled(answer, path, missing=_no_such_contract)
        with reading(path):
            return contract_of(stated)

    def rules(self, conid: int, *, fetched_at: datetime) -> ContractRules:
        known = self._known.rules(conid, fetched_at)
        if known is not None:
            return known
        body = {"conid": conid, "exchange": "SMART", "isBuy": True, "modifyOrder": False, "orderId": 0}
        answer = self._reads.read(Request(method="POST", path=_RULES, body=body))
        stated = settled(answer, _RULES, missing=_no_such_contract)
        with reading(_RULES):
            rules = rules_of(stated, conid, self._account, fetched_at)
        self._known.keep_rules(rules)
        return rules

    def hours(self, conid: int, exchange: str) -> Sequence[Hours]:
        known = self._known.hours(conid, exchange, self._clock.now())
        if known is not None:
            return known
        params = {"conid": str(conid)} | ({"exchange": exchange} if exchange else {})
        stated = get(self._reads, _SCHEDULE, params)
        with reading(_SCHEDULE):
            zone, hours = hours_of(stated)
        self._known.keep_hours(conid, exchange, zone, hours)
        return hours

    def _search(self, params: dict[str, str]) -> Sequence[Contract]:
        answer = self._reads.read(Request(method="GET", path=_SEARCH, params=params))
        try:
            stated = settled(answer, _SEARCH, missing=_nothing_found)
        except NotFound:
            return ()
        # An unknown symbol is answered 200 with something that is no array [§3].
        found = stated if isinstance(stated, list) else []
        with reading(_SEARCH):
            return self._with_currency([search_row(row) for row in found if _has_conid(row)])

    def _with_currency(self, found: Sequence[Contract]) -> Sequence[Contract]:
        """Search and stocks state no currency; the definitions do, also without a brokerage session."""
        conids = [str(contract.conid) for contract in found]
        currencies: dict[int, str] = {}
        for first in range(0, len(conids), _CONIDS_PER_CALL):
            stated = get(self._reads, _SECDEF, {"conids": ",".join(conids[first : first + _CONIDS_PER_CALL])})
            with reading(_SECDEF):
                currencies |= currencies_of(stated)
        return tuple(_in_currency(contract, currencies.get(contract.conid, "")) for contract in found)


def search_row(raw: object) -> Contract:
    """One line of a search; the currency is not stated there."""
    row = Fields(raw, "search")
    sections = [Fields(section, "search.sections").text("secType") for section in row.rows("sections")]
    return Contract(
        conid=row.integer("conid"),
        symbol=row.text_or_none("symbol") or "",
        name=row.text_or_none("companyName", "companyHeader") or "",
        sec_type="STK" if "STK" in sections or not sections else sections[0],
        exchange=row.text_or_none("description") or "",
        currency="",
    )


def stocks_of(stated: object, symbol: str) -> list[Contract]:
    """Listings of `symbol`; none where the broker does not know it."""
    answer = Fields(stated, "stocks")
    rows = answer.rows(symbol) if answer.stated(symbol) is not None else []
    return [
        _listing(Fields(listing, "stocks.contracts"), row, symbol)
        for row in (Fields(raw, "stocks") for raw in rows)
        for listing in row.rows("contracts")
    ]


def _listing(listing: Fields, row: Fields, symbol: str) -> Contract:
    return Contract(
        conid=listing.integer("conid"),
        symbol=symbol,
        name=row.text_or_none("name") or "",
        sec_type=row.text_or_none("assetClass") or "STK",
        exchange=listing.text_or_none("exchange") or "",
        currency="",
    )


def currencies_of(stated: object) -> dict[int, str]:
    """Currency by conid from `/trsrv/secdef`."""
    rows = (Fields(raw, "secdef") for raw in Fields(stated, "secdef").rows("secdef"))
    return {row.integer("conid"): row.text_or_none("currency") or "" for row in rows}


def contract_of(stated: object) -> Contract:
    """A contract from its snake-case info [§3]."""
    info = Fields(stated, "contract info")
    return Contract(
        conid=info.integer("con_id"),
        symbol=info.text("symbol"),
        name=info.text_or_none("company_name") or "",
        sec_type=info.text("instrument_type"),
        exchange=info.text_or_none("exchange") or "",
        currency=info.text("currency"),
    )


def rules_of(stated: object, conid: int, account: str | None, fetched_at: datetime) -> ContractRules:
    """Order rules; tick bands exactly as stated."""
    rules = Fields(stated, "rules")
    bands = (Fields(raw, "incrementRules") for raw in rules.rows("incrementRules"))
    allowed = [str(item) for item in rules.rows("canTradeAcctIds")]
    return ContractRules(
        conid=conid,
        ticks=tuple(
            TickBand(lower_edge=b.amount("lowerEdge"), increment=b.positive("increment")) for b in bands
        ),
        order_types=frozenset(_CODES.get(str(word), str(word)) for word in rules.rows("orderTypes")),
        tifs=frozenset(str(tif).split("/")[0] for tif in rules.rows("tifTypes")),
        can_trade=account in allowed if account else bool(allowed),
        fetched_at=fetched_at,
    )


def hours_of(stated: object) -> tuple[ZoneInfo, Sequence[Hours]]:
    """Regular hours by session date, oldest first; a day without liquid hours is no session."""
    schedule = Fields(stated, "trading-schedule")
    days = schedule.stated("schedules")
    if not isinstance(days, dict):
        raise Unparsable("trading-schedule.schedules: an object is expected")
    found = (_session(day, Fields(value, f"schedules.{day}")) for day, value in sorted(days.items()))
    return _zone(schedule.text("exchange_time_zone")), tuple(hours for hours in found if hours is not None)


def _session(day: str, value: Fields) -> Hours | None:
    spans = (
        [Fields(raw, "liquid_hours") for raw in value.rows("liquid_hours")]
        if value.has("liquid_hours")
        else []
    )
    if not spans:
        return None
    opens = min(span.seconds("opening") for span in spans)
    closes = max(span.seconds("closing") for span in spans)
    if opens >= closes:
        raise Unparsable(f"schedules.{day}: it closes before it opens")
    return Hours(session=compact_date(day), opens_at=opens, closes_at=closes)


def _zone(name: str) -> ZoneInfo:
    try:
        return US_ZONE if name == "US/Eastern" else ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise Unparsable(f"unknown time zone {name[:50]!r}") from None


def _has_conid(raw: object) -> bool:
    """Search answers also list bond issuers, which have no conid of their own."""
    try:
        return number(Fields(raw, "search").stated("conid")) > 0
    except Unparsable:
        return False


def _in_currency(contract: Contract, currency: str) -> Contract:
    return Contract(
        conid=contract.conid,
        symbol=contract.symbol,
        name=contract.name,
        sec_type=contract.sec_type,
        exchange=contract.exchange,
        currency=currency,
    )


def _no_such_contract(answer: Answer) -> bool:
    return answer.status in (400, 404)


def _nothing_found(answer: Answer) -> bool:
    return answer.status in (200, 400, 404)
