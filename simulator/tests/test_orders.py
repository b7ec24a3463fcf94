"""Placing, questions, brackets, duplicates, cancels and the life of an order up to its fills."""

from decimal import Decimal
from typing import Any

import pytest

from simulator.tests.conftest import Make
from simulator.tests.support import AAPL, ACCOUNT, Inside, bracket, limit

# On 2012-10-01 AAPL opened at 671.50, moved between 656.00 and 676.75, closed at 659.39.


def test_a_marketable_limit_fills_at_the_ask_at_once(make: Make) -> None:
    client = make()
    quote = client.world.exchange.quote(AAPL)
    assert quote is not None
    answer = client.place(limit("a", 700.0))
    assert answer[0]["order_status"] == "Filled"
    assert Decimal(client.executions()[0]["price"]) == Decimal(quote.ask) / 100


def test_a_stop_child_raises_a_question_and_yes_accepts_the_bracket(make: Make) -> None:
    client = make()
    question = client.ask(*bracket("b", 700.0, 640.0, 720.0))
    assert question[0]["messageIds"] == ["o10331"]
    assert client.control("GET", "/truth/orders") == []
    placed = client.post(f"/iserver/reply/{question[0]['id']}", {"confirmed": True})
    assert [row["order_status"] for row in placed] == ["Filled", "PreSubmitted", "Submitted"]
    assert [row["local_order_id"] for row in placed] == ["b", "b-stop", "b-target"]
    assert placed[1]["parent_order_id"] == placed[2]["parent_order_id"] == placed[0]["order_id"]


def test_a_declined_question_places_nothing(make: Make) -> None:
    client = make()
    question = client.ask(*bracket("b", 700.0, 640.0, 720.0))
    client.post(f"/iserver/reply/{question[0]['id']}", {"confirmed": False})
    assert client.control("GET", "/truth/orders") == []


def test_another_iserver_request_voids_a_pending_question_but_tickle_does_not(make: Make) -> None:
    client = make()
    question = client.ask(*bracket("b", 700.0, 640.0, 720.0))[0]["id"]
    client.get("/tickle")
    assert client.api("POST", f"/iserver/reply/{question}", {"confirmed": True})[0] == 200
    question = client.ask(*bracket("c", 700.0, 640.0, 720.0))[0]["id"]
    client.get("/iserver/account/orders")
    status, body = client.api("POST", f"/iserver/reply/{question}", {"confirmed": True})
    assert (status, body) == (400, {"error": f"reply id not found: '{question}'"})


def test_suppressed_questions_are_not_asked_until_the_next_session(make: Make) -> None:
    client = make()
    assert client.post("/iserver/questions/suppress", {"messageIds": ["o10331"]}) == {"status": "submitted"}
    assert client.ask(*bracket("b", 600.0, 590.0, 720.0))[0]["order_status"] == "Submitted"
    client.control("POST", "/faults", {"number": 2})
    client.post("/iserver/auth/ssodh/init", {"publish": True, "compete": True})
    client.get("/iserver/accounts")
    assert "messageIds" in client.ask(*bracket("c", 600.0, 590.0, 720.0))[0]


@pytest.mark.parametrize(("mode", "status"), [("200", 200), ("400", 400)])
def test_a_duplicate_client_id_is_refused_with_the_known_text(make: Make, mode: str, status: int) -> None:
    client = make(duplicate_coid=mode)
    client.place(limit("same", 600.0))
    answer = client.api("POST", f"{ACCOUNT}/orders", {"orders": [limit("same", 600.0)]})
    text = "Order couldn't be submitted: Local order ID=same is already registered."
    assert answer == (status, {"error": text})
    assert len(client.control("GET", "/truth/orders")) == 1


def test_a_duplicate_client_id_makes_a_second_order_when_not_enforced(make: Make) -> None:
    client = make(duplicate_coid="off")
    client.place(limit("same", 600.0))
    client.place(limit("same", 600.0))
    assert len({row["order_id"] for row in client.control("GET", "/truth/orders")}) == 2


def test_the_first_live_orders_call_of_a_session_is_empty_and_says_so(make: Make) -> None:
    client = make()
    client.place(limit("a", 600.0))
    assert list(client.orders()) == ["a"]
    assert client.get("/iserver/account/orders?force=true") == {"orders": [], "snapshot": False}
    assert list(client.orders()) == ["a"]
    client.get("/iserver/account/orders?filters=filled")
    assert client.get("/iserver/account/orders") == {"orders": [], "snapshot": False}
    client.get("/iserver/account/orders?force=true")
    assert list(client.orders()) == ["a"]


def test_a_bracket_lives_until_its_stop_fills_and_the_target_goes_with_it(make: Make) -> None:
    client = make()
    client.place(*bracket("b", 700.0, 650.0, 690.0))
    assert client.statuses() == {"b": "Filled", "b-stop": "PreSubmitted", "b-target": "Submitted"}
    client.advance("2012-10-08T14:00:00Z")
    assert client.statuses() == {"b-stop": "Filled", "b-target": "Cancelled"}
    stop = client.executions()[-1]
    # The market opened at 646.88, below the stop: a gap fills at the open.
    assert (stop["coid"], stop["price"], stop["at"]) == ("b-stop", "646.88", "2012-10-08T13:30:00Z")


def test_children_wait_for_their_parent(make: Make) -> None:
    client = make()
    client.place(*bracket("b", 600.0, 690.0, 610.0))
    assert client.statuses() == {"b": "Submitted", "b-stop": "PreSubmitted", "b-target": "PreSubmitted"}
    assert client.executions() == []


def test_an_unfilled_parent_that_is_cancelled_takes_its_children_along(make: Make) -> None:
    client = make()
    placed = client.place(*bracket("b", 600.0, 590.0, 690.0))
    status, body = client.api("DELETE", f"{ACCOUNT}/order/{placed[0]['order_id']}")
    assert (status, body["msg"], body["order_id"]) == (
        200,
        "Request was submitted",
        int(placed[0]["order_id"]),
    )
    assert client.statuses()["b"] == "PendingCancel"
    client.advance("2012-10-01T15:00:01Z")
    assert set(client.statuses().values()) == {"Cancelled"}


def test_a_day_order_ends_at_the_close_and_leaves_the_list_the_next_day(make: Make) -> None:
    client = make()
    client.place(limit("a", 600.0))
    client.advance("2012-10-01T19:59:59Z")
    assert client.statuses() == {"a": "Submitted"}
    client.advance("2012-10-01T20:00:00Z")
    assert client.statuses() == {"a": "Cancelled"}
    client.advance("2012-10-02T04:00:00Z")
    assert client.orders() == {}
    order_id = client.control("GET", "/truth/orders")[0]["order_id"]
    assert client.api("GET", f"/iserver/account/order/status/{order_id}")[0] == 503


def test_a_resting_buy_limit_fills_at_its_limit_when_the_ask_reaches_it(make: Make) -> None:
    client = make("2012-10-01T13:31:00Z")
    client.place(limit("a", 660.0))
    client.advance("2012-10-01T20:00:00Z")
    assert [row["price"] for row in client.executions()] == ["660.00"]


def test_an_order_placed_before_the_open_trades_in_the_opening_auction(make: Make) -> None:
    client = make("2012-10-01T13:00:00Z")
    assert client.place(limit("a", 672.0))[0]["order_status"] == "PreSubmitted"
    client.advance("2012-10-01T13:30:00Z")
    assert [(row["price"], row["at"]) for row in client.executions()] == [("671.50", "2012-10-01T13:30:00Z")]


def test_a_market_order_fills_at_once_in_hours(make: Make) -> None:
    client = make()
    terms = {"conid": AAPL, "orderType": "MKT", "side": "BUY", "tif": "DAY", "quantity": 3}
    assert client.place(terms)[0]["order_status"] == "Filled"


def test_modifying_moves_the_limit_and_a_filled_order_cannot_be_modified(make: Make) -> None:
    client = make()
    order_id = client.place(limit("a", 600.0))[0]["order_id"]
    assert client.api("POST", f"{ACCOUNT}/order/{order_id}", {"orders": [limit("a", 700.0)]})[0] == 400
    assert client.post(f"{ACCOUNT}/order/{order_id}", limit("a", 700.0))[0]["order_status"] == "Filled"
    assert client.api("POST", f"{ACCOUNT}/order/{order_id}", limit("a", 701.0))[0] == 400
    assert client.api("POST", f"{ACCOUNT}/order/1", limit("a", 701.0))[0] == 400


@pytest.mark.parametrize(
    ("change", "status", "text"),
    [
        ({"orderType": "LIMIT"}, 500, ""),
        ({"price": 600.005}, 200, "minimum price variation"),
        ({"price": None}, 200, "invalid order price fields"),
        ({"quantity": 1.5}, 200, "Fractional"),
        ({"quantity": 0}, 400, "quantity is invalid"),
        ({"side": "HOLD"}, 400, "side is invalid"),
        ({"conid": 1}, 400, "conid is invalid"),
        ({"conid": 38708077}, 200, "No trading permissions."),
        ({"quantity": 10_000}, 200, "MUST EXCEED THE INITIAL MARGIN"),
        ({"orderType": "STP", "outsideRTH": True}, 200, "Outside Regular Trading Hours"),
    ],
)
def test_what_cannot_be_accepted_is_refused_in_the_brokers_words(
    make: Make, change: dict[str, Any], status: int, text: str
) -> None:
    client = make()
    answer = client.api("POST", f"{ACCOUNT}/orders", {"orders": [limit("a", 600.0) | change]})
    assert answer[0] == status
    assert text in (answer[1]["error"] if isinstance(answer[1], dict) else answer[1])
    assert client.control("GET", "/truth/orders") == []


def test_a_bad_child_fails_beside_its_living_parent(make: Make) -> None:
    client = make(questions="")
    parent, stop, target = bracket("b", 600.0, 590.0, 690.0)
    placed = client.place(parent, stop | {"price": 590.001}, target)
    assert [row["order_status"] for row in placed] == ["Submitted", "Failed", "PreSubmitted"]
    assert placed[1]["order_id"] == -1


@pytest.mark.parametrize(
    ("manner", "quantity", "held"), [("full", 10, False), ("scaled", 5, False), ("held_until_full", 10, True)]
)
def test_children_of_a_partly_filled_parent(make: Make, manner: str, quantity: int, held: bool) -> None:
    client = make(children=manner)
    client.control("POST", "/faults", {"number": 58, "quantity": 5})
    client.place(*bracket("b", 700.0, 640.0, 720.0))
    rows = {row["coid"]: row for row in client.control("GET", "/truth/orders")}
    assert (rows["b"]["filled"], rows["b"]["status"]) == (5, "Submitted")
    assert (rows["b-stop"]["quantity"], rows["b-stop"]["held"]) == (quantity, held)


@pytest.mark.parametrize(("manner", "expected"), [("kept", "PreSubmitted"), ("cancelled", "Cancelled")])
def test_children_when_a_partly_filled_parent_is_cancelled(make: Make, manner: str, expected: str) -> None:
    client = make(on_parent_cancel=manner, cancel_seconds="0")
    client.control("POST", "/faults", {"number": 58, "quantity": 5})
    placed = client.place(*bracket("b", 700.0, 640.0, 720.0))
    client.api("DELETE", f"{ACCOUNT}/order/{placed[0]['order_id']}")
    assert (client.statuses()["b"], client.statuses()["b-stop"]) == ("Cancelled", expected)
    assert client.orders()["b"]["filledQuantity"] == 5.0


def test_a_split_multiplies_the_position_and_cancels_the_orders(make: Make) -> None:
    client = make("2005-02-25T15:00:00Z")
    client.place(*bracket("b", 95.0, 60.0, 140.0))
    equity = Decimal(client.control("GET", "/truth/equity")["equity"])
    client.advance("2005-02-28T12:00:00Z")
    assert client.get("/portfolio2/DU1234567/positions")[0]["position"] == 20.0
    rows = {row["coid"]: row for row in client.control("GET", "/truth/orders")}
    assert (rows["b-stop"]["status"], rows["b-stop"]["reason"]) == ("Cancelled", "2:1 split")
    assert abs(Decimal(client.control("GET", "/truth/equity")["equity"]) - equity) < 40


def test_partial_fills_come_in_pieces_a_minute_apart(make: Make) -> None:
    client = make(partial_fills="3")
    client.place(limit("a", 700.0))
    assert client.orders()["a"]["sizeAndFills"] == "4/6"
    client.advance("2012-10-01T15:02:00Z")
    assert [row["quantity"] for row in client.executions()] == [4, 4, 2]
    assert client.statuses() == {"a": "Filled"}
    assert sum(Decimal(row["commission"]) for row in client.executions()) == Decimal("1.00")


def test_oca_tickets_end_each_other(make: Make) -> None:
    client = make()
    client.place(limit("a", 700.0))
    sells = [
        limit(name, price, side="SELL", tif="GTC") | {"isSingleGroup": True}
        for name, price in (("x", 690.0), ("y", 710.0))
    ]
    placed = client.place(*sells)
    assert placed[0]["oca_group_id"] == placed[1]["oca_group_id"]
    client.control("POST", "/clock", {"advance_to": "2012-10-02T20:00:00Z"})
    order_id = placed[0]["order_id"]
    client.post(f"{ACCOUNT}/order/{order_id}", sells[0] | {"price": 600.0})
    client.advance("2012-10-03T13:30:00Z")
    assert client.statuses() == {"x": "Filled", "y": "Cancelled"}


def test_a_trade_by_hand_has_no_client_id_and_shows_in_trades(make: Make) -> None:
    client = make()
    client.control("POST", "/person/order", {"conid": AAPL, "side": "BUY", "quantity": 7})
    trade = client.get("/iserver/account/trades?days=1")[0]
    assert "order_ref" not in trade
    assert trade["size"] == 7.0


def test_hidden_gtc_orders_of_yesterday_live_on_unlisted(make: Make) -> None:
    client = make(gtc_visible_next_day="hidden")
    client.place(limit("a", 600.0, tif="GTC"))
    assert list(client.orders()) == ["a"]
    client.advance("2012-10-02T15:00:00Z")
    assert client.orders() == {}
    assert client.control("GET", "/truth/orders")[0]["state"] == "live"


def test_renumbered_gtc_orders_of_yesterday_are_listed_under_another_id(make: Make) -> None:
    client = make(gtc_visible_next_day="listed_new_id")
    client.place(*bracket("b", 700.0, 600.0, 720.0))
    before = client.orders()["b-stop"]["orderId"]
    client.advance("2012-10-02T15:00:00Z")
    rows = [row for row in client.orders().values() if row["origOrderType"] == "STOP"]
    assert rows[0]["orderId"] != before
    assert "order_ref" not in rows[0]
    assert client.api("GET", f"/iserver/account/order/status/{before}")[0] == 400
    assert client.get(f"/iserver/account/order/status/{rows[0]['orderId']}")["order_status"] == "PreSubmitted"
    assert client.api("DELETE", f"{ACCOUNT}/order/{rows[0]['orderId']}")[0] == 200


def test_a_person_cancels_and_changes_orders_and_moves_money(make: Make) -> None:
    client = make()
    client.place(*bracket("b", 700.0, 600.0, 720.0))
    ids = {row["coid"]: row["order_id"] for row in client.control("GET", "/truth/orders")}
    client.control("POST", "/person/modify", {"order_id": ids["b-target"], "limit": "730.00", "quantity": 4})
    client.control("POST", "/person/cancel", {"order_id": ids["b-stop"]})
    rows = client.orders()
    assert (rows["b-target"]["price"], rows["b-target"]["totalSize"]) == ("730.00", 4.0)
    assert rows["b-stop"]["status"] == "Cancelled"
    assert "order_cancellation_by_system_reason" not in rows["b-stop"]
    before = Decimal(client.control("GET", "/truth/equity")["cash"])
    client.control("POST", "/person/deposit", {"amount": "-500.00"})
    assert Decimal(client.control("GET", "/truth/equity")["cash"]) == before - 500
    with pytest.raises(AssertionError, match="id of a live order"):
        client.control("POST", "/person/cancel", {"order_id": ids["b"]})


def test_the_same_requests_give_the_same_answers(make: Make) -> None:
    assert _story(make()) == _story(make())


def _story(client: Inside) -> list[Any]:
    told = [client.ask(*bracket("b", 700.0, 650.0, 690.0))]
    told.append(client.post(f"/iserver/reply/{told[0][0]['id']}", {"confirmed": True}))
    client.advance("2012-10-08T14:00:00Z")
    told.append(client.get("/iserver/account/trades?days=7"))
    told.append(client.get("/iserver/account/orders"))
    return told


def test_whatif_previews_in_formatted_text_and_places_nothing(make: Make) -> None:
    client = make()
    preview = client.post(f"{ACCOUNT}/orders/whatif", {"orders": [limit("a", 600.0)]})
    assert preview["amount"] == {
        "amount": "6,000 USD (10 Shares)",
        "commission": "1.00 USD",
        "total": "6,001 USD",
    }
    assert preview["error"] is None
    assert client.post(f"{ACCOUNT}/orders/whatif", {"orders": [limit("a", 600.0) | {"quantity": 9999}]})[
        "error"
    ]
    assert client.control("GET", "/truth/orders") == []
