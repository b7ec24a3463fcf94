"""Mutants of the portfolio."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from glassdesk.adapters.ibkr.answers import get
from glassdesk.adapters.ibkr.parse import listed
from glassdesk.adapters.ibkr.positions import IbkrPositions, position_of
from glassdesk.workflow.positions.model import BrokerPosition
from tests.faults.mutants.mutant import Mutant


def _cached(patch: pytest.MonkeyPatch) -> None:
    def positions(self: IbkrPositions, account: str) -> Sequence[BrokerPosition]:
        rows = listed(get(self._reads, f"/portfolio/{account}/positions/0"), "positions")
        return tuple(position_of(row, account) for row in rows)

    patch.setattr(IbkrPositions, "positions", positions)


MUTANTS = (Mutant(number=71, about="the cached positions are taken for the present ones", undo=_cached),)
