"""What the broker says of an order before it is sent is kept with the intent, with its time and its node."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import timedelta
from decimal import Decimal

from glassdesk.adapters.artifacts import MemoryArtifacts
from glassdesk.kernel.errors import Unavailable
from glassdesk.workflow.dealing.turn import Dealer
from glassdesk.workflow.lineage.service import Lineage
from glassdesk.workflow.orders.bracket import Reservation
from glassdesk.workflow.orders.model import IntentState, Ticket, WhatIfRow
from glassdesk.workflow.risk.model import WhatIf
from tests.workflow.dealing.desk import TestDesk, a_desk
from tests.workflow.dealing.makers import WINDOW

MINUTE = timedelta(minutes=1)
TOLD = WhatIf(
    equity_after=Decimal(99_998),
    initial_after=Decimal(855),
    maintenance_after=Decimal(800),
    commission=Decimal("1.05"),
    warning="21/You are trying to submit an order without having market data",
)


@dataclass(slots=True)
class ScriptedPreview:
    """Answers what it was told to; remembers what it was asked."""

    answer: WhatIf | None = TOLD
    asked: list[Ticket] = field(default_factory=list)

    def what_if(self, ticket: Ticket) -> WhatIf:
        self.asked.append(ticket)
        if self.answer is None:
            raise Unavailable("whatif: HTTP 503")
        return self.answer


def asking(state: IntentState, answer: WhatIf | None = TOLD) -> tuple[TestDesk, Reservation, ScriptedPreview]:
    desk, preview = a_desk(), ScriptedPreview(answer=answer)
    desk.parts = replace(desk.parts, broker=replace(desk.parts.broker, preview=preview))
    desk.dealers.append(Dealer(desk.parts))
    return desk, desk.reserve_entry(state=state), preview


def kept(desk: TestDesk, reservation: Reservation) -> list[WhatIfRow]:
    return list(desk.read(lambda t: desk.stores.orders.what_ifs(t, reservation.intents[0].intent)))


def test_R_22_a_person_is_told_what_the_broker_says_before_the_yes() -> None:
    desk, reservation, preview = asking(IntentState.AWAITING_APPROVAL)
    desk.turn()
    desk.turn()
    main = reservation.intents[0]
    [row] = kept(desk, reservation)
    assert (row.told, row.moment, row.number) == (TOLD, "approve", 1)
    assert (row.quantity, row.price, row.asked_at) == (main.quantity, main.price, desk.clock.now())
    # Once, however often the dealer looks before the market opens; never a word about the children.
    assert [ticket.coid for ticket in preview.asked] == [reservation.orders[0].coid]


def test_the_answer_is_a_node_below_its_intent_and_its_hash_holds() -> None:
    desk, reservation, _ = asking(IntentState.AWAITING_APPROVAL)
    desk.turn()
    [row] = kept(desk, reservation)
    lineage = Lineage(desk.stores.lineage, MemoryArtifacts())
    graph = desk.read(lambda t: lineage.graph(t, row.node))
    assert [node.node for node in graph.nodes] == [f"intent:{row.intent}", row.node]
    assert "1.05" in graph.nodes[-1].content
    assert desk.read(lambda t: lineage.verify(t, graph, {})) == []


def test_an_answer_grows_old_while_the_market_is_open_and_is_asked_for_again() -> None:
    desk, reservation, preview = asking(IntentState.AWAITING_APPROVAL)
    desk.run_until(WINDOW)
    before = len(preview.asked)
    desk.run_until(WINDOW + 31 * MINUTE)
    assert len(preview.asked) - before == 2
    rows = kept(desk, reservation)
    assert [row.number for row in rows] == list(range(1, len(rows) + 1))
    newest = desk.read(lambda t: desk.parts.orders.what_if(t, reservation.intents[0].intent))
    assert newest == rows[-1]


def test_an_answer_nobody_has_is_kept_as_that_and_asked_for_again() -> None:
    desk, reservation, preview = asking(IntentState.AWAITING_APPROVAL, answer=None)
    desk.run_until(WINDOW + MINUTE)
    assert {row.told.problem for row in kept(desk, reservation)} == {"whatif: HTTP 503"}
    preview.answer = TOLD
    desk.run_until(WINDOW + 7 * MINUTE)
    assert kept(desk, reservation)[-1].told == TOLD


def test_what_the_send_was_judged_by_is_kept_and_stands_above_its_verdicts() -> None:
    desk, reservation, preview = asking(IntentState.QUEUED)
    desk.run_until(WINDOW)
    [row] = kept(desk, reservation)
    # Asked about the entry as it went out: at the ask, below the limit of the intent.
    assert (row.moment, row.price) == ("send", Decimal("170.17"))
    assert [ticket.price for ticket in preview.asked] == [Decimal("170.17")]
    nodes = desk.read(lambda t: desk.parts.lineage.nodes_of_run(t, reservation.intents[0].run))
    [verdicts] = [node for node in nodes if node.kind == "send_verdicts"]
    assert row.node in verdicts.parents


def test_what_the_broker_would_refuse_is_denied_and_its_words_stay_with_the_intent() -> None:
    desk, reservation, _ = asking(IntentState.QUEUED, answer=replace(TOLD, error="margin is not enough"))
    desk.run_until(WINDOW + 90 * MINUTE)
    assert desk.broker.placed == []
    assert desk.intent_state(reservation) is IntentState.DENIED
    reason = [
        v
        for m, v in desk.read(lambda t: desk.parts.risk.verdicts(t, reservation.intents[0].run))
        if m == "send" and v.rule == "WHAT_IF"
    ]
    assert reason[-1].observed == "margin is not enough"
