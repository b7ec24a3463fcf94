"""Risk: the level of the kill switch, the limits with what is used of them, the rules."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from glassdesk.kernel.errors import Conflict, Denied, InvalidInput
from glassdesk.web.forms.fields import Form, say
from glassdesk.web.parts import OWNER, Here, Parts
from glassdesk.web.rendering import go, page
from glassdesk.web.views.gauges import gauges_of
from glassdesk.workflow.dealing.guarding import NEWEST, trading, watched
from glassdesk.workflow.orders.model import OrderState
from glassdesk.workflow.risk.model import Halt, HaltLevel
from glassdesk.workflow.risk.page import action
from glassdesk.workflow.risk.rules_live import FIRST

router = APIRouter()

MEANINGS = {
    HaltLevel.PAUSE_ENTRIES: "Runs go on; no new entry is reserved.",
    HaltLevel.REDUCE_ONLY: "Also no reserved or queued entry is sent; exits go on.",
    HaltLevel.HALT: "No new run; exits only by a person. Working entries stay; protection goes on.",
    HaltLevel.HALT_CANCEL_ENTRIES: "Working entries are cancelled as well; stops and targets stay.",
    HaltLevel.FLATTEN: "As above, and the desk sells its shares, order by order. Type its name.",
    HaltLevel.FREEZE: "Nothing is sent any more, not even a cancel. Type its name.",
}
DAYS = 5
"""Denials are shown for so long."""
TYPED = frozenset({HaltLevel.FLATTEN, HaltLevel.FREEZE})


@router.get("/risk")
def show(request: Request, here: Here) -> Response:
    """Level, gauges, rules."""
    return _page(request, here)


@router.get("/risk/stop")
def confirm(request: Request, here: Here) -> Response:
    """The red button's question as a page, for browsers without scripts."""
    with here.desk.transactions.read() as t:
        return page(request, t, "risk/stop.html")


@router.post("/risk/halt")
def halt(request: Request, here: Here, form: Form) -> Response:
    """Raise the level."""
    try:
        now = raise_level(here, form.text("level"), form.text("reason"), form.text("typed"))
    except InvalidInput as problem:
        return _page(request, here, status=422, errors={problem.where: say(problem)}, values=form.shown())
    except Conflict as problem:
        return _page(request, here, status=409, errors={"level": say(problem)}, values=form.shown())
    return go(
        request,
        "/risk",
        f"The level is {now.level.name} now. The dealer acts at its next turn, within a second.",
    )


@router.post("/risk/resume")
def resume(request: Request, here: Here, form: Form) -> Response:
    """Back to trading."""
    try:
        if not form.ticked("sure"):
            raise InvalidInput("not confirmed", where="sure", remedy="tick it when you have looked")
        with here.desk.transactions.begin() as t:
            here.desk.risk.resume(t, form.text("why"), OWNER)
    except InvalidInput as problem:
        where = "sure" if problem.where == "sure" else "why"
        return _page(request, here, status=422, errors={where: say(problem)}, values=form.shown())
    return go(request, "/risk", "Trading goes on.")


@router.post("/risk/lock")
def lock(request: Request, here: Here, form: Form) -> Response:
    """Lock the live account: nothing opens from now on."""
    try:
        with here.desk.transactions.begin() as t:
            here.desk.road.lock(t, form.text("lock_reason"), OWNER)
    except InvalidInput as problem:
        return _page(request, here, status=422, errors={"lock_reason": say(problem)}, values=form.shown())
    except (Conflict, Denied) as problem:
        return _page(request, here, status=409, errors={"lock_reason": say(problem)}, values=form.shown())
    here.wake_dealer()
    return go(request, "/risk", "The account is locked. Exits and protection go on.")


def raise_level(here: Parts, level: str, reason: str, typed: str) -> Halt:
    """Set a level by its name. Raises `InvalidInput` or, where it would sink, `Conflict`."""
    wanted = _level(level)
    if wanted in TYPED and typed != wanted.name:
        raise InvalidInput("not confirmed", where="typed", remedy=f"type {wanted.name}")
    with here.desk.transactions.begin() as t:
        after = here.desk.risk.set_halt(t, wanted, reason, OWNER)
    here.wake_dealer()
    return after


def _level(text: str) -> HaltLevel:
    names = [level.name for level in MEANINGS]
    if text not in names:
        raise InvalidInput(f"{text!r} is no level", where="level", remedy=", ".join(names))
    return HaltLevel[text]


def _page(request: Request, here: Parts, **more: object) -> Response:
    desk = here.desk
    with desk.transactions.read() as t:
        now = desk.clock.now()
        exposure = desk.portfolio.exposure(t, desk.account, "", now=now)
        refused = desk.orders.orders(t, states=[OrderState.REJECTED], limit=NEWEST)
        look = watched(exposure, refused, desk.positions.held(t, desk.account), now)
        denials = desk.risk.recent_denials(t, days=DAYS)
        active = trading(desk.strategies.list(t), desk.account)
        measured = desk.risk.guard_limits(active)
        return page(
            request,
            t,
            "risk/show.html",
            meanings=MEANINGS,
            halt=desk.risk.halt(t),
            history=desk.risk.history(t),
            rules=[(rule, action(rule)) for rule in desk.risk.rules()],
            gauges=gauges_of(exposure, measured.limits),
            by_strategy=[
                (name, gauges_of(exposure, desk.risk.in_force(one))) for name, one in active.items()
            ],
            origins=measured.origins,
            guards=desk.risk.guards(look, measured.limits),
            denials=[(one, desk.runs.run(t, one.run)) for one in denials],
            days=DAYS,
            exposure=exposure,
            live=desk.road.standing(t),
            live_moves=desk.road.history(t),
            live_conditions=desk.road.here(t),
            first_orders=FIRST,
            **more,  # type: ignore[arg-type]
        )
