"""Mutants of reading orders and executions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from glassdesk.adapters.ibkr import order_tracking as adapter
from glassdesk.adapters.ibkr.calls import Answer
from glassdesk.adapters.ibkr.order_tracking import IbkrOrderTracking
from glassdesk.adapters.ibkr.priming import Priming
from glassdesk.workflow.dealing.facts_part import FactsPart
from glassdesk.workflow.dealing.reign import Reign
from glassdesk.workflow.order_tracking import fold, mapping
from glassdesk.workflow.order_tracking.fold import STATEMENTS
from glassdesk.workflow.order_tracking.model import Execution, Fact, OrderList
from glassdesk.workflow.orders.model import Order, OrderState
from tests.faults.mutants.mutant import Mutant


def _every_list_is_whole(patch: pytest.MonkeyPatch) -> None:
    read = adapter.orders_of

    def whole(stated: object) -> OrderList:
        return replace(read(stated), complete=True)

    patch.setattr(adapter, "orders_of", whole)


def _asks_once(patch: pytest.MonkeyPatch) -> None:
    """And believes what it hears."""

    def never(self: Priming, path: str, answer: Answer) -> bool:
        return False

    patch.setattr(Priming, "unsettled", never)
    _every_list_is_whole(patch)


def _never_forces(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(IbkrOrderTracking, "_heal", lambda _: None)


def _absence_is_the_end(patch: pytest.MonkeyPatch) -> None:
    read = FactsPart.read_now

    def ended(self: FactsPart, reign: Reign) -> bool:
        done, parts = read(self, reign), self._parts
        with parts.transactions.begin() as t:
            for order in parts.order_rows.orders(t, states=[OrderState.WORKING]):
                if done and reign.row_of(order.broker_order_id) is None:
                    parts.orders.move(t, order, replace(order, state=OrderState.CANCELLED), lease=reign.lease)
        return done

    patch.setattr(FactsPart, "read_now", ended)


def _filled_is_believed(patch: pytest.MonkeyPatch) -> None:
    judge = fold._state

    def believed(order: Order, facts: Sequence[Fact], *more: object) -> OrderState:
        said = [fact for fact in facts if fact.kind in STATEMENTS]
        if any(fact.status == "Filled" for fact in said):
            return OrderState.FILLED
        return judge(order, facts, *more)  # type: ignore[arg-type]  # as it was called

    patch.setattr(fold, "_state", believed)


def _every_revision_counts(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(adapter, "_split", lambda execution_id: (execution_id, 1))


def _whoever_trades_it_is_us(patch: pytest.MonkeyPatch) -> None:
    find = mapping.owner_of_execution

    def ours(execution: Execution, known: mapping.Finder) -> Order | None:
        found = find(execution, known)
        return found or next(iter(_of_contract(known, execution.conid)), None)

    patch.setattr(mapping, "owner_of_execution", ours)


def _of_contract(known: mapping.Finder, conid: int) -> Sequence[Order]:
    return known._store.orders(known._t, conid=conid)  # type: ignore[attr-defined, no-any-return]  # the real one


MUTANTS = (
    Mutant(number=40, about="an empty first list means: no orders", undo=_every_list_is_whole),
    Mutant(number=41, about="a list is asked for once, and believed", undo=_asks_once),
    Mutant(number=42, about="a poisoned list is never healed", undo=_never_forces),
    Mutant(number=44, about="not listed is gone", undo=_absence_is_the_end),
    Mutant(
        number=67, about="an order is over by its status, without its executions", undo=_filled_is_believed
    ),
    Mutant(number=68, about="a corrected execution counts beside the first", undo=_every_revision_counts),
    Mutant(number=70, about="whoever trades our contract is us", undo=_whoever_trades_it_is_us),
)
