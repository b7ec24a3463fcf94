"""The broker's what-if over `/iserver/account/{id}/orders/whatif` [§5.3]: a read."""

from __future__ import annotations

from decimal import Decimal

from glassdesk.adapters.ibkr.answers import load_or_fail, reading, settled
from glassdesk.adapters.ibkr.calls import Answer, Request
from glassdesk.adapters.ibkr.gate import Reads
from glassdesk.adapters.ibkr.orders import placed
from glassdesk.adapters.ibkr.parse import Fields, Unparsable, number
from glassdesk.workflow.orders.model import Ticket
from glassdesk.workflow.risk.model import WhatIf


class IbkrPreview:
    """Implements `dealing.ports.BrokerPreview`."""

    def __init__(self, reads: Reads) -> None:
        self._reads = reads

    def what_if(self, ticket: Ticket) -> WhatIf:
        path = f"/iserver/account/{ticket.account}/orders/whatif"
        body = {"orders": [placed(ticket, child_coid=False)]}
        answer = self._reads.read(Request(method="POST", path=path, body=body))
        stated = load_or_fail(answer, path) if _is_preview(answer, path) else settled(answer, path)
        with reading(path):
            return what_if_of(stated)


def _is_preview(answer: Answer, where: str) -> bool:
    """A preview says what is wrong with the order in `error`, beside its figures."""
    if answer.status != 200:
        return False
    stated = load_or_fail(answer, where)
    return isinstance(stated, dict) and "equity" in stated


def what_if_of(stated: object) -> WhatIf:
    """All values are formatted texts; one that is no number is unknown, never a guess [F-66]."""
    fields = Fields(stated, "what-if")
    return WhatIf(
        equity_after=_after(fields, "equity"),
        initial_after=_after(fields, "initial"),
        maintenance_after=_after(fields, "maintenance"),
        commission=_commission(fields),
        warning=fields.text_or_none("warn") or "",
        error=fields.text_or_none("error") or "",
    )


def _after(fields: Fields, name: str) -> Decimal | None:
    if fields.stated(name) is None:
        return None
    return _figure(fields.inner(name).text_or_none("after"))


def _commission(fields: Fields) -> Decimal | None:
    """`1 USD`, or the upper end of `0.35 ... 1.05 USD`."""
    if fields.stated("amount") is None:
        return None
    text = fields.inner("amount").text_or_none("commission")
    return None if text is None else _figure(text.rpartition("...")[2])


def _figure(text: str | None) -> Decimal | None:
    """A number before its currency; `None` for anything else."""
    words = (text or "").split()
    if not words or len(words) > 2:
        return None
    try:
        return number(words[0])
    except Unparsable:
        return None
