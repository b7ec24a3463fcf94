"""Watchlists: paste tickers or a CSV file, choose where one is ambiguous, keep the list."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from glassdesk.kernel.errors import GlassdeskError, InvalidInput
from glassdesk.kernel.unit_of_work import Transaction
from glassdesk.web.forms.fields import Form, FormValues, say
from glassdesk.web.parts import OWNER, Here, Parts
from glassdesk.web.rendering import go, page
from glassdesk.workflow.contracts.watchlists import Match

router = APIRouter()
_PICK = "pick."
"""Before the ticker in the name of a field that says which contract is meant."""


@router.get("/watchlists")
def lists(request: Request, here: Here) -> Response:
    """Every list."""
    with here.desk.transactions.read() as t:
        found = here.desk.watchlists.list(t)
        return page(request, t, "watchlists/list.html", lists=found)


@router.get("/watchlists/new")
def blank(request: Request, here: Here, base: str = "") -> Response:
    """An empty form, or one with a list to change."""
    with here.desk.transactions.read() as t:
        if not base:
            return page(request, t, "watchlists/form.html", values={"version": "0"}, matches=())
        kept = here.desk.watchlists.get(t, base)
        text = "\n".join(f"{one.symbol}={one.conid}" for one in kept.contracts)
        values = {"name": kept.name, "version": str(kept.version), "text": text}
        return page(request, t, "watchlists/form.html", values=values, matches=())


@router.post("/watchlists/match")
def match(request: Request, here: Here, form: Form) -> Response:
    """What each ticker means, with a choice where it may be several; nothing is kept."""
    try:
        return _asked(request, here, form, here.desk.watchlists.match(form.raw("text")))
    except GlassdeskError as problem:
        return _asked(request, here, form, (), problem)


@router.post("/watchlists")
def save(request: Request, here: Here, form: Form) -> Response:
    """Keep the list. The broker is asked again, so that the page cannot make a contract up."""
    desk = here.desk
    matches: tuple[Match, ...] = ()
    try:
        matches = desk.watchlists.match(form.raw("text"))
        contracts = desk.watchlists.picked(matches, _picks(form))
        with desk.transactions.begin() as t:
            version = form.whole("version")
            kept = desk.watchlists.save(t, form.text("name"), contracts, OWNER, version=version)
    except GlassdeskError as problem:
        return _asked(request, here, form, matches, problem)
    return go(request, f"/watchlists/{kept.name}", f"{len(kept.contracts)} symbols are kept in {kept.name}.")


@router.get("/watchlists/{name}")
def show(request: Request, here: Here, name: str) -> Response:
    """One list."""
    with here.desk.transactions.read() as t:
        kept = here.desk.watchlists.get(t, name)
        return page(request, t, "watchlists/show.html", kept=kept, users=_users(here, t, name))


def _users(here: Parts, t: Transaction, name: str) -> list[str]:
    """Strategies that trade the list."""
    return [row.strategy.name for row in here.desk.strategies.list(t) if row.strategy.watchlist == name]


@router.post("/watchlists/{name}/remove")
def remove(request: Request, here: Here, name: str) -> Response:
    """Forget a list; a strategy that trades it enters nothing more."""
    with here.desk.transactions.begin() as t:
        here.desk.watchlists.remove(t, name, OWNER)
        users = _users(here, t, name)
    more = f" {', '.join(users)} enter nothing until there is one again." if users else ""
    return go(request, "/watchlists", f"The list {name} is removed.{more}")


def _asked(
    request: Request,
    here: Parts,
    form: FormValues,
    matches: tuple[Match, ...],
    problem: GlassdeskError | None = None,
) -> Response:
    where = getattr(problem, "where", "")
    errors = {} if problem is None else {"name" if where == "name" else "text": say(problem)}
    with here.desk.transactions.read() as t:
        return page(
            request,
            t,
            "watchlists/form.html",
            status=422 if isinstance(problem, InvalidInput) else 409 if problem else 200,
            values=form.shown(),
            matches=matches,
            picks=_picks(form),
            errors=errors,
        )


def _picks(form: FormValues) -> dict[str, int]:
    named = {name[len(_PICK) :]: value for name, value in form.fields if name.startswith(_PICK)}
    return {symbol: int(value) for symbol, value in named.items() if value.isdigit()}
