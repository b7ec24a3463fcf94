"""Indicators: the catalogue, named sets in versions, and the form that makes one and draws it meanwhile."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request, Response

from glassdesk.kernel.errors import GlassdeskError
from glassdesk.kernel.unit_of_work import Transaction
from glassdesk.web.forms.fields import Form, FormValues, say
from glassdesk.web.forms.indicators import SetForm, read_set, rows_of
from glassdesk.web.parts import OWNER, Here, Parts
from glassdesk.web.rendering import go, page, plain_page
from glassdesk.web.views.indicators import chosen, preview
from glassdesk.workflow.charts.model import Theme
from glassdesk.workflow.indicators.kind import Family
from glassdesk.workflow.indicators.model import IndicatorSet, IndicatorSetVersion

router = APIRouter()


@router.get("/indicators")
def show(request: Request, here: Here) -> Response:
    """Sets with who uses them, and the catalogue."""
    desk = here.desk
    with desk.transactions.read() as t:
        return page(
            request,
            t,
            "indicators/list.html",
            families=list(Family),
            catalogue=desk.indicators.catalogue(),
            sets=desk.indicators.newest(t),
            users=_users(here, t),
        )


def _users(here: Parts, t: Transaction) -> dict[str, list[str]]:
    """Strategies by the name of the set that stands in them."""
    found: dict[str, list[str]] = {}
    for row in here.desk.strategies.list(t):
        found.setdefault(row.strategy.indicators.name, []).append(row.strategy.name)
    return found


@router.get("/indicators/new")
def blank(request: Request, here: Here, base: str = "standard") -> Response:
    """The form, filled with the set `base` to begin with."""
    with here.desk.transactions.read() as t:
        begin = here.desk.indicators.get(t, base)
    return _begun(request, here, begin)


@router.get("/indicators/{name}")
def one(request: Request, here: Here, name: str, version: int | None = None) -> Response:
    """One version of a set in the form, its history, who uses it."""
    with here.desk.transactions.read() as t:
        row = here.desk.indicators.version(t, name, version)
        newest = here.desk.indicators.version(t, name)
    return _begun(request, here, row.indicators, newest if newest.version else None)


def _begun(
    request: Request, here: Parts, wanted: IndicatorSet, newest: IndicatorSetVersion | None = None
) -> Response:
    """The form with a set in it; `newest` is the version that is followed, none where a new set is made."""
    read = SetForm(rows=rows_of(wanted.indicators), wanted=wanted, errors={})
    name, base = (newest.name, str(newest.version)) if newest else ("", "")
    return _editor(request, here, read, FormValues((("name", name), ("base", base))))


@router.post("/indicators/preview")
def draw(request: Request, here: Here, form: Form) -> Response:
    """The form again with the fields of what was chosen, and the set over a real symbol; nothing is kept."""
    read = read_set(form)
    if "hx-request" in request.headers:
        return plain_page(request, "indicators/_editor.html", **_values(here, read, form))
    return _editor(request, here, read, form)


@router.post("/indicators")
def keep(request: Request, here: Here, form: Form) -> Response:
    """Keep a new set, or the next version of one."""
    read = read_set(form)
    if read.errors:
        return _editor(request, here, read, form, status=422)
    try:
        kept = keep_indicators(here, read.wanted, form.maybe_whole("base"), form.text("message"))
    except GlassdeskError as problem:
        where = "name" if problem.where in ("name", "base") else "rows"
        refused = SetForm(rows=read.rows, wanted=read.wanted, errors={where: say(problem)})
        return _editor(request, here, refused, form, status=422)
    version = f" version {kept.version}" if kept.version else ""
    return go(request, f"/indicators/{kept.name}", f"The set {kept.name}{version} is kept.")


@router.post("/indicators/{name}/archive")
def archive(request: Request, here: Here, name: str) -> Response:
    """Put a set away; its versions stay."""
    desk = here.desk
    with desk.transactions.begin() as t:
        newest = desk.indicators.archive(t, name, author=OWNER)
        desk.audit.append(t, OWNER, "indicators.archive", name, newest, before="kept", after="archived")
    return go(request, "/indicators", f"The set {name} is archived; strategies keep theirs.")


def keep_indicators(here: Parts, wanted: IndicatorSet, base: int | None, message: str) -> IndicatorSetVersion:
    """Keep a new set, or the version after `base`, and write it into the audit."""
    desk = here.desk
    with desk.transactions.begin() as t:
        if base is None:
            before, kind = None, "indicators.create"
            desk.indicators.create(t, wanted, author=OWNER, message=message)
        else:
            before, kind = desk.indicators.get(t, wanted.name, base), "indicators.edit"
            desk.indicators.edit(t, wanted, base=base, author=OWNER, message=message)
        kept = desk.indicators.version(t, wanted.name)
        desk.audit.append(t, OWNER, kind, kept.name, kept, before=before, after=kept.indicators)
    return kept


def _editor(request: Request, here: Parts, read: SetForm, form: FormValues, *, status: int = 200) -> Response:
    values = _values(here, read, form)
    name = form.text("name") if form.text("base") else ""
    with here.desk.transactions.read() as t:
        history = here.desk.indicators.versions(t, name) if name else []
        users = _users(here, t).get(name, [])
        away = name in here.desk.indicators.archived(t)
        more = {"history": history, "users": users, "archived": away}
        return page(request, t, "indicators/set.html", status=status, **values, **more)


def _values(here: Parts, read: SetForm, form: FormValues) -> dict[str, Any]:
    """What the form shows. Reads bars, so it is called outside of a transaction."""
    desk = here.desk
    with desk.transactions.read() as t:
        known = desk.contracts.known(t)
    contract = chosen(known, form.text("symbol"))
    theme = Theme.DARK if form.text("theme") == Theme.DARK.value else Theme.LIGHT
    shown = {"base": "", **form.shown(), "theme": theme.value}
    return {
        "catalogue": desk.indicators.catalogue(),
        "families": list(Family),
        "rows": read.rows,
        "errors": dict(read.errors),
        "values": shown | {"symbol": str(contract.conid) if contract else ""},
        "symbols": [(str(contract.conid), contract.symbol) for contract in known],
        "preview": preview(desk, contract, read.wanted, theme),
    }
