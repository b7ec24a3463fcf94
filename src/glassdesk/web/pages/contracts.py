"""Symbols: search at the broker, see what can be traded and why not, remember what is to be used."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from fastapi import APIRouter, Request, Response

from glassdesk.kernel.errors import InvalidInput, NotFound
from glassdesk.web.forms.fields import Form, say
from glassdesk.web.parts import OWNER, Here, Parts
from glassdesk.web.rendering import go, page
from glassdesk.workflow.contracts.model import Contract, SearchResult
from glassdesk.workflow.contracts.scope import calendar_of, out_of_scope

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
