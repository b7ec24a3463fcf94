"""Approvals and the operator's queue on the pages: what is shown, what is answered once, what is refused."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

import pytest
from playwright.sync_api import Browser

from glassdesk.kernel.canonical import canonical_text
from glassdesk.workflow.dealing.model import CommandKind, Resolution
from glassdesk.workflow.order_tracking.fold import VERDICT
from glassdesk.workflow.order_tracking.service import Observation
from glassdesk.workflow.orders.model import IntentState, Order, OrderState, Role
from glassdesk.workflow.risk.model import HaltLevel
from glassdesk.workflow.strategies.model import Approval
from tests.web.test_api import act
from tests.web.test_browser import PICTURES, visiting
from tests.web.visitor import Visitor
from tests.web.world import World, furnish, trend

DAY = datetime(2012, 10, 1, 13, 0, tzinfo=UTC)


def ask(world: World) -> str:
    """A morning on which the strategy wants to buy and asks first; answers the main intent."""
    furnish(world)
    with world.desk.transactions.begin() as t:
        world.desk.strategies.create(t, replace(trend(), approval=Approval.ALL), author="owner")
        world.desk.strategies.enable(t, "trend", "owner")
    world.at(DAY)
    for run in world.desk.schedules.tick():
        world.pipeline.execute(run)
    with world.desk.transactions.read() as t:
        found = world.desk.approvals.waiting(t)
    assert found
    return found[0].intent.intent


def state_of(world: World, intent: str) -> IntentState:
    with world.desk.transactions.read() as t:
        return world.desk.orders.intent(t, intent)[1]


def payload_of(world: World, intent: str) -> str:
    with world.desk.transactions.read() as t:
        return world.desk.approvals.show(t, intent).payload


def test_a_card_shows_picture_reasons_verdicts_levels_and_what_doing_nothing_means(owner: Visitor) -> None:
    intent = ask(owner.world)
    text = owner.get("/approvals").text
    for words in ("If you do nothing", "and nothing is sent", "Stop", "Target", "Loss at the stop", "Why"):
        assert words in text
    assert "RULES, not AI" in text
    assert 'class="picture"' in text
    assert "rules passed" in text
    assert payload_of(owner.world, intent) in text
    assert re.search(r"\d wait", owner.get("/bar").text)
    assert "for your approval" in owner.get("/").text


def test_R_22_a_card_says_what_the_broker_says_with_its_time_and_its_lineage(owner: Visitor) -> None:
    ask(owner.world)
    assert "The broker has not been asked yet" in owner.get("/approvals").text
    for _ in range(2):
        owner.world.dealer.turn()
    with owner.world.desk.transactions.read() as t:
        row = owner.world.desk.approvals.waiting(t)[0].what_if
    assert row is not None
    text = owner.get("/approvals").text
    for words in ("Initial margin after it", "99,998.95", "without having market data", "1.05"):
        assert words in text
    assert "not been asked" not in text.split("What-if at the broker")[1].split("Size and rules")[0]
    assert f'href="/lineage/{row.node}"' in text
    assert row.intent in owner.get(f"/lineage/{row.node}").text


def test_a_double_click_approves_once(owner: Visitor) -> None:
    intent = ask(owner.world)
    payload = payload_of(owner.world, intent)
    first = owner.post(f"/approvals/{intent}", do="approve", payload=payload)
    again = owner.post(f"/approvals/{intent}", do="approve", payload=payload)
    assert "Approved: it is sent in its window." in first.text
    assert "It was approved already; nothing more happened." in again.text
    assert state_of(owner.world, intent) is IntentState.QUEUED
    with owner.world.desk.transactions.read() as t:
        rows = list(owner.world.ground.stores.audit.entries(t, after=0, limit=10_000))
    assert [e.kind for e in rows if e.ref == f"intent:{intent}"].count("intent.approved") == 1


def test_a_stale_form_is_refused_with_a_clear_message(owner: Visitor) -> None:
    intent = ask(owner.world)
    other = owner.post(f"/approvals/{intent}", do="approve", payload="0" * 64)
    assert other.status_code == 409
    assert "This is not the order that the page showed" in other.text
    payload = payload_of(owner.world, intent)
    owner.post(f"/approvals/{intent}", do="decline", payload=payload)
    late = owner.post(f"/approvals/{intent}", do="approve", payload=payload)
    assert late.status_code == 409
    assert "The intent is cancelled: it no longer waits for a person." in late.text
    assert state_of(owner.world, intent) is IntentState.CANCELLED


def test_after_its_window_nothing_can_be_approved(owner: Visitor) -> None:
    intent = ask(owner.world)
    payload = payload_of(owner.world, intent)
    owner.world.at(DAY + timedelta(hours=3))
    late = owner.post(f"/approvals/{intent}", do="approve", payload=payload)
    assert (late.status_code, "The entry window is over" in late.text) == (409, True)


def test_the_rules_judge_again_at_the_yes_and_what_they_deny_goes_on_waiting(owner: Visitor) -> None:
    intent = ask(owner.world)
    with owner.world.desk.transactions.begin() as t:
        owner.world.desk.risk.set_halt(t, HaltLevel.PAUSE_ENTRIES, "news", "owner")
    answer = owner.post(f"/approvals/{intent}", do="approve", payload=payload_of(owner.world, intent))
    assert answer.status_code == 409
    assert "Not approved: the rules deny it now." in answer.text
    assert "KILL_SWITCH" in answer.text
    assert state_of(owner.world, intent) is IntentState.AWAITING_APPROVAL


@pytest.mark.parametrize(("fields", "status"), [({"do": "perhaps"}, 422), ({"do": "approve"}, 422)])
def test_an_answer_that_is_none_is_refused(owner: Visitor, fields: dict[str, str], status: int) -> None:
    intent = ask(owner.world)
    assert owner.post(f"/approvals/{intent}", **fields).status_code == status
    assert state_of(owner.world, intent) is IntentState.AWAITING_APPROVAL


def program(visitor: Visitor, intent: str, wish: str, payload: str) -> Any:
    return act(visitor, f"approvals/{intent}/{wish}", {"payload": payload})


def test_a_program_reads_what_waits_and_says_yes_once_to_exactly_that_order(owner: Visitor) -> None:
    intent = ask(owner.world)
    for _ in range(2):
        owner.world.dealer.turn()
    listed = owner.get("/api/v1/approvals").json()
    assert intent in [one["intent"] for one in listed]
    shown = owner.get(f"/api/v1/approvals/{intent[:8]}").json()
    assert shown in listed
    assert (shown["state"], len(shown["legs"]), shown["approval"]) == ("awaiting_approval", 3, None)
    assert shown["what_if"]["told"]["commission"] == "1.05"
    other = program(owner, intent, "approve", "0" * 64)
    assert (other.status_code, other.json()["code"], other.json()["where"]) == (409, "conflict", "approval")
    first = program(owner, intent, "approve", shown["payload"])
    assert (first.status_code, first.json()) == (200, {"intent": intent, "state": "queued", "already": False})
    assert program(owner, intent, "approve", shown["payload"]).json()["already"] is True
    given = owner.get(f"/api/v1/approvals/{intent}").json()["approval"]
    assert (given["payload_sha256"], given["actor"]) == (shown["payload"], "owner")


def test_a_program_says_no_once(owner: Visitor) -> None:
    intent = ask(owner.world)
    payload = payload_of(owner.world, intent)
    assert program(owner, intent, "decline", "0" * 64).status_code == 409
    assert state_of(owner.world, intent) is IntentState.AWAITING_APPROVAL
    assert program(owner, intent, "decline", payload).json()["state"] == "cancelled"
    assert program(owner, intent, "decline", payload).status_code == 409


def test_a_programs_yes_that_the_rules_deny_is_a_problem_with_each_denial(owner: Visitor) -> None:
    intent = ask(owner.world)
    with owner.world.desk.transactions.begin() as t:
        owner.world.desk.risk.set_halt(t, HaltLevel.PAUSE_ENTRIES, "news", "owner")
    answer = program(owner, intent, "approve", payload_of(owner.world, intent))
    assert (answer.status_code, answer.headers["content-type"]) == (409, "application/problem+json")
    problem = answer.json()
    assert problem["code"] == "not_approved"
    assert [one["rule"] for one in problem["denials"]] == ["KILL_SWITCH"]
    assert "KILL_SWITCH: PAUSE_ENTRIES, the limit is ACTIVE" in problem["detail"]
    assert state_of(owner.world, intent) is IntentState.AWAITING_APPROVAL


def test_a_programs_answer_needs_the_token_the_payload_and_an_intent(owner: Visitor) -> None:
    intent = ask(owner.world)
    payload = payload_of(owner.world, intent)
    bare = owner.client.post(f"/api/v1/approvals/{intent}/approve", json={"payload": payload})
    assert (bare.status_code, bare.json()["code"]) == (403, "denied")
    for body, where in (({}, "payload"), ({"payload": ""}, "payload")):
        refused = act(owner, f"approvals/{intent}/approve", body)
        assert (refused.status_code, refused.json()["where"]) == (422, where)
    assert program(owner, "ffffffffffff", "approve", payload).status_code == 404
    assert owner.get("/api/v1/approvals/ffffffffffff").status_code == 404
    assert state_of(owner.world, intent) is IntentState.AWAITING_APPROVAL


def in_the_queue(world: World) -> Order:
    """An entry that the dealer has handed to a person."""
    furnish(world)
    world.at(DAY)
    for run in world.desk.schedules.tick():
        world.pipeline.execute(run)
    with world.desk.transactions.begin() as t:
        order = next(o for o in world.desk.orders.orders(t) if o.role is Role.ENTRY)
        for state in (OrderState.SENDING, OrderState.UNKNOWN):
            order = world.desk.orders.move(t, order, replace(order, state=state), lease=None)
        seen = Observation(seen_at=world.clock.now(), epoch=1, lease=None)
        return world.desk.tracking.conclude(
            t, order, OrderState.NEEDS_OPERATOR, "nobody knows", seen, kind=VERDICT
        )


def test_T_75_the_queue_stands_above_the_orders_and_a_person_settles_it_there(owner: Visitor) -> None:
    order = in_the_queue(owner.world)
    listed = owner.get("/orders").text
    assert "Nobody knows what became of these" in listed
    assert f"/orders/{order.order}/resolve" in listed
    assert "Read the evidence first" in owner.get(f"/orders/{order.order}/resolve").text
    owner.post(f"/orders/{order.order}/look")
    owner.world.dealer.turn()
    shown = owner.get(f"/orders/{order.order}/resolve").text
    assert "It never reached the broker" in shown
    assert "No: the broker shows it nowhere." in shown
    unsure = owner.post(f"/orders/{order.order}/resolve", state="abandoned", reason="not in TWS")
    assert (unsure.status_code, "tick the box once you are sure" in unsure.text) == (422, True)
    owner.post(f"/orders/{order.order}/resolve", state="abandoned", reason="not in TWS", sure="yes")
    owner.world.at(owner.world.clock.now() + timedelta(seconds=6))
    owner.world.dealer.turn()
    with owner.world.desk.transactions.read() as t:
        assert owner.world.desk.orders.order(t, order.order).state is OrderState.ABANDONED
    assert "Nobody knows what became of these" not in owner.get("/orders").text


@pytest.mark.parametrize(
    ("fields", "where"),
    [
        ({"reason": "x"}, "No state chosen"),
        ({"state": "abandoned"}, "No reason given"),
        ({"state": "sending", "reason": "x"}, "is not for you to say"),
    ],
)
def test_T_75_a_settlement_that_says_too_little_is_refused_beside_its_field(
    owner: Visitor, fields: dict[str, str], where: str
) -> None:
    order = in_the_queue(owner.world)
    with owner.world.desk.transactions.begin() as t:
        argument = canonical_text(Resolution(order=order.order))
        owner.world.desk.dealing.ask(t, CommandKind.RESOLVE_ORDER, argument, "owner")
    owner.world.dealer.turn()
    answer = owner.post(f"/orders/{order.order}/resolve", sure="yes", **fields)
    assert answer.status_code == 422
    assert where.lower() in answer.text.lower()


def test_an_order_at_the_broker_is_changed_by_the_dealer(reader: Visitor) -> None:
    with reader.world.desk.transactions.read() as t:
        rows = reader.world.desk.orders.orders(t, states=[OrderState.WORKING])
    if not rows:
        pytest.fail("the lived week has no working order")
    order = rows[0].order
    assert "Change it" in reader.get(f"/orders/{order}").text
    answer = reader.post(f"/orders/{order}/modify", price="much")
    assert (answer.status_code, "is no number" in answer.text) == (422, True)


@pytest.mark.parametrize(
    "query", ["state=ended", "role=stop", "symbol=AAPL", "symbol=NOPE", "strategy=trend"]
)
def test_the_orders_are_filtered(reader: Visitor, query: str) -> None:
    page = reader.get(f"/orders?{query}")
    assert page.status_code == 200
    if "NOPE" in query:
        assert "Nothing fits the filter." in page.text


@pytest.mark.browser
@pytest.mark.parametrize("width", [390, 1280])
def test_the_approvals_page_fits_its_window(browser: Browser, world: World, width: int) -> None:
    intent = ask(world)
    for _ in range(2):
        world.dealer.turn()
    PICTURES.mkdir(parents=True, exist_ok=True)
    with visiting(browser, world) as visit:
        for path in ("/approvals", f"/approvals/{quote(intent)}"):
            visit.page.set_viewport_size({"width": width, "height": 900})
            visit.go(path)
            wide = visit.page.evaluate("document.documentElement.scrollWidth")
            visit.page.screenshot(path=PICTURES / f"waiting{path.count('/')}-{width}.png", full_page=True)
            assert wide <= width, path
