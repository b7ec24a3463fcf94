"""Positions: what each strategy holds, whether its stop lives, what the broker says beside it, and acts."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from glassdesk.kernel.errors import InvalidInput
from glassdesk.web.forms.fields import Form
from glassdesk.web.parts import OWNER, Here, Parts
from glassdesk.web.rendering import go, page
from glassdesk.web.views.positions import average_r, positions_of
from glassdesk.workflow.dealing.wishes import Act

router = APIRouter()


@router.get("/positions")
def show(request: Request, here: Here) -> Response:
    """Held, protected, compared."""
    desk = here.desk
    with desk.transactions.read() as t:
        owners, rows = desk.positions.owners(t, desk.account), positions_of(desk, t)
        return page(
            request,
            t,
            "positions/list.html",
            rows=rows,
            average=average_r(rows),
            breaks=desk.positions.breaks(t),
            owners=owners,
            others=[p for p in desk.positions.broker(t, desk.account) if owners.get(p.conid)],
            working=desk.tracking.owner_orders(t, desk.account),
            said=list(desk.positions.adjustments(t, desk.account))[-20:],
        )


@router.post("/positions/{symbol}/{act}")
def ask(request: Request, here: Here, symbol: str, act: str, form: Form) -> Response:
    """What a person wants of a position; the dealer does it at its next turn."""
    if not form.ticked("confirmed"):
        raise InvalidInput("tick the box to confirm", where="confirmed", remedy="nothing was done")
    about_position(
        here,
        act,
        symbol,
        strategy=form.text("strategy"),
        price=form.text("price"),
        reason=form.text("reason"),
    )
    return go(request, "/positions", f"Asked for: {act} {symbol}. The dealer does it at its next turn.")


def about_position(
    here: Parts, act: str, symbol: str, *, strategy: str = "", price: str = "", reason: str = ""
) -> str:
    """Write the wish down and answer the command's id. Raises `InvalidInput` or `NotFound`."""
    if act not in [one.value for one in Act]:
        raise InvalidInput(f"{act!r} is nothing one does with a position", where="act", remedy=", ".join(Act))
    desk = here.desk
    with desk.transactions.begin() as t:
        name = desk.positions.named(t, desk.account, symbol)
        wish = desk.dealing.about_position(
            t, Act(act), name, OWNER, strategy=strategy, price=price, reason=reason
        )
    return wish.command
