"""Symbols: search at the broker, see what can be traded and why not, remember what is to be used."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from fastapi import APIRouter, Request, Response

from glassdesk.kernel.errors import GlassdeskError, InvalidInput, NotFound
from glassdesk.web.forms.fields import Form, say
from glassdesk.web.parts import OWNER, Here, Parts
from glassdesk.web.rendering import go, page, plain_page
from glassdesk.workflow.contracts.model import Contract, SearchResult
from glassdesk.workflow.contracts.scope import calendar_of, out_of_scope
from glassdesk.workflow.dealing.quoting import QUOTE_AGE
from glassdesk.workflow.market_data.availability import availability

router = APIRouter()
USUAL = timedelta(hours=6, minutes=30)
"""A session of New York that ends at its usual time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """One session on the exchange's wall clock."""

    session: date
    opens: datetime
    closes: datetime
    runs: bool
    short: bool


@router.get("/contracts")
def search(request: Request, here: Here, q: str = "") -> Response:
    """Remembered symbols, and the results of a search if one was asked for."""
    results, errors = _search(here, q)
    with here.desk.transactions.read() as t:
        known = here.desk.contracts.known(t)
        return page(
            request,
            t,
            "contracts/list.html",
            status=422 if errors else 200,
            q=q,
            results=results,
            known=known,
            remembered={contract.conid for contract in known},
            errors=errors,
        )


@router.post("/contracts")
def remember(request: Request, here: Here, form: Form) -> Response:
    """Keep one search result. The broker is asked again, so that the page cannot make a contract up."""
    conid, q = form.whole("conid"), form.text("q")
    found = [r.contract for r in here.desk.contracts.search(q) if r.contract.conid == conid]
    if not found:
        raise NotFound(f"the broker no longer lists conid {conid} for {q!r}", remedy="search again")
    with here.desk.transactions.begin() as t:
        here.desk.contracts.remember(t, found[0])
        here.desk.audit.append(
            t, OWNER, "contract.remember", str(conid), found[0], before=None, after=found[0]
        )
    return go(request, "/contracts", f"{found[0].symbol} is remembered and can be used in a strategy.")


@router.get("/contracts/{conid}")
def show(request: Request, here: Here, conid: int) -> Response:
    """One contract: its rules, who uses it, what was decided on it."""
    desk = here.desk
    with desk.transactions.read() as t:
        contract = desk.contracts.contract(t, conid)
        users = [
            row
            for row in desk.strategies.list(t)
            if conid in {one.conid for one in desk.strategies.traded(t, row.strategy).contracts}
        ]
        return page(
            request,
            t,
            "contracts/show.html",
            contract=contract,
            refused=out_of_scope(contract),
            rules=desk.contracts.rules(t, conid),
            users=users,
            hours=_hours(here, contract),
            signals=desk.signals.recent(t, conid=conid, limit=20),
        )


@router.get("/contracts/{conid}/quote")
def quote(request: Request, here: Here, conid: int) -> Response:
    """What the broker quotes now, how it comes, and how old it is (`T-06`); asked of the broker."""
    desk = here.desk
    with desk.transactions.read() as t:
        contract = desk.contracts.contract(t, conid)
    found, problem = None, ""
    try:
        found = desk.market_data.quotes([conid]).get(conid)
    except GlassdeskError as failure:
        problem = say(failure)
    is_open = desk.contracts.is_open(calendar_of(contract), desk.clock.now())
    age = found.read_at - found.updated_at if found is not None and found.updated_at is not None else None
    return plain_page(
        request,
        "contracts/_quote.html",
        quote=found,
        problem=problem,
        feed=availability(found, is_open=is_open),
        age=None if age is None else max(0, int(age.total_seconds())),
        old=age is not None and age > QUOTE_AGE,
    )


def _hours(here: Parts, contract: Contract) -> list[Day]:
    """The next sessions as the exchange's wall clock has them."""
    desk, exchange = here.desk, calendar_of(contract)
    zone, now = desk.contracts.zone(exchange), desk.clock.now()
    return [
        Day(
            session=hours.session,
            opens=hours.opens_at.astimezone(zone),
            closes=hours.closes_at.astimezone(zone),
            runs=hours.contains(now),
            short=hours.closes_at - hours.opens_at < USUAL,
        )
        for hours in desk.contracts.sessions_ahead(exchange, now, 6)
    ]


def _search(here: Parts, q: str) -> tuple[list[SearchResult], dict[str, str]]:
    if not q.strip():
        return [], {}
    try:
        return here.desk.contracts.search(q), {}
    except InvalidInput as problem:
        return [], {"q": say(problem)}
