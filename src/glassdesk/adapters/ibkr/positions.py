"""What the account holds, over the un-cached `/portfolio2/{id}/positions` [§6, F-71]."""

from __future__ import annotations

from collections.abc import Sequence

from glassdesk.adapters.ibkr.answers import get, reading
from glassdesk.adapters.ibkr.gate import Reads
from glassdesk.adapters.ibkr.parse import Fields, listed
from glassdesk.workflow.positions.model import BrokerPosition


class IbkrPositions:
    """Implements `positions.ports.BrokerPositions`."""

    def __init__(self, reads: Reads) -> None:
        self._reads = reads

    def positions(self, account: str) -> Sequence[BrokerPosition]:
        path = f"/portfolio2/{account}/positions"
        stated = get(self._reads, path)
        with reading(path):
            rows = [position_of(raw, account) for raw in listed(stated, "positions")]
        found: dict[int, BrokerPosition] = {}
        for row in rows:
            # A contract may be repeated [F-72].
            found.setdefault(row.conid, row)
        return tuple(found.values())


def position_of(raw: object, account: str) -> BrokerPosition:
    """One row, of this path or of the cached one: `conid` is text here and a number there."""
    row = Fields(raw, "position")
    return BrokerPosition(
        account=row.text_or_none("acctId") or account,
        conid=row.integer("conid"),
        symbol=row.text_or_none("ticker", "description", "contractDesc") or "",
        quantity=row.decimal("position"),
        average_cost=row.decimal("avgCost", "avgPrice"),
        market_price=row.decimal_or_none("marketPrice", "mktPrice"),
    )
