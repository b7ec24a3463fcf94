"""Every setting of the switches about orders is true to its name."""

from typing import Any

import pytest

from simulator.tests.conftest import Make
from simulator.tests.support import AAPL, ACCOUNT, Inside, bracket, limit

# On 2012-10-01 AAPL traded between 656.00 and 676.75 around 15:00 UTC.


def truth(client: Inside) -> dict[str, dict[str, Any]]:
    """Every order as the broker knows it, by client id."""
    return {row["coid"]: row for row in client.control("GET", "/truth/orders")}


def partly_filled(make: Make, **switches: str) -> Inside:
    """A bracket over ten shares of which four are bought."""
    client = make(questions="", cancel_seconds="0", **switches)
    client.control("POST", "/faults", {"number": 58, "quantity": 4})
    client.place(*bracket("b", 700.0, 600.0, 800.0))
    return client


def end_entry(client: Inside) -> None:
    client.api("DELETE", f"{ACCOUNT}/order/{truth(client)['b']['order_id']}")


@pytest.mark.parametrize(
    ("children", "held", "quantity"),
    [("full", False, 10), ("scaled", False, 4), ("held_until_full", True, 10)],
)
@pytest.mark.parametrize("after", ["kept", "cancelled"])
def test_children_of_a_partial_entry_and_what_its_cancel_leaves(
    make: Make, children: str, held: bool, quantity: int, after: str
) -> None:
    client = partly_filled(make, children=children, on_parent_cancel=after)
    stop = truth(client)["b-stop"]
    assert (stop["held"], stop["quantity"]) == (held, quantity)
    end_entry(client)
    stop = truth(client)["b-stop"]
    alive = after == "kept"
    assert (stop["state"], stop["held"] and alive) == ("live" if alive else "cancelled", False)


@pytest.mark.parametrize("children", ["full", "scaled", "held_until_full"])
@pytest.mark.parametrize("after", ["kept", "cancelled"])
def test_an_unfilled_entry_takes_its_children_along_whatever_the_switches(
    make: Make, children: str, after: str
) -> None:
    client = make(questions="", cancel_seconds="0", children=children, on_parent_cancel=after)
    client.place(*bracket("b", 600.0, 590.0, 800.0))
    end_entry(client)
    assert {row["state"] for row in truth(client).values()} == {"cancelled"}


def test_held_children_wake_with_the_last_share(make: Make) -> None:
    client = make(questions="", children="held_until_full", partial_fills="3")
    client.place(*bracket("b", 700.0, 600.0, 800.0))
    assert truth(client)["b-stop"]["held"]
    client.advance("2012-10-01T15:02:00Z")
    assert (truth(client)["b"]["state"], truth(client)["b-stop"]["held"]) == ("filled", False)


def test_scaled_children_grow_with_every_fill_and_not_beyond_what_the_other_left(make: Make) -> None:
    client = make(questions="", children="scaled", partial_fills="3")
    client.place(*bracket("b", 700.0, 600.0, 800.0))
    assert truth(client)["b-stop"]["quantity"] == 4
    target = truth(client)["b-target"]
    client.control("POST", "/person/modify", {"order_id": target["order_id"], "limit": "650.00"})
    assert truth(client)["b-target"]["filled"] == 2
    assert truth(client)["b-stop"]["quantity"] == 2
    client.advance("2012-10-01T15:01:00Z")
    rows = truth(client)
    held = client.control("GET", "/truth/positions")[0]["quantity"]
    assert rows["b-stop"]["quantity"] - rows["b-stop"]["filled"] == held


def group(*orders: dict[str, Any]) -> list[dict[str, Any]]:
    return [order | {"isSingleGroup": True} for order in orders]


def test_a_fill_of_one_shrinks_the_others_of_its_group_and_ends_the_smaller_ones(make: Make) -> None:
    client = make(questions="", partial_fills="2")
    names = {"large": 10, "small": 4, "equal": 5, "larger": 6}
    client.place(*group(*(limit(name, 600.0, quantity=size) for name, size in names.items())))
    order_id = truth(client)["large"]["order_id"]
    client.control("POST", "/person/modify", {"order_id": order_id, "limit": "700.00"})
    states = {name: (row["state"], row["quantity"]) for name, row in truth(client).items()}
    assert states == {
        "large": ("live", 10),
        "small": ("cancelled", 4),
        "equal": ("cancelled", 5),
        "larger": ("live", 1),
    }
    client.advance("2012-10-01T15:01:00Z")
    assert (truth(client)["large"]["state"], truth(client)["larger"]["state"]) == ("filled", "cancelled")


def test_what_fills_while_its_group_is_placed_counts_for_those_that_come_after(make: Make) -> None:
    client = make(questions="", partial_fills="2")
    client.place(*group(limit("half", 700.0, quantity=10), limit("rest", 600.0, quantity=8)))
    assert (truth(client)["rest"]["state"], truth(client)["rest"]["quantity"]) == ("live", 3)
    client.control("POST", "/switches", {"partial_fills": "1"})
    client.place(*group(limit("whole", 700.0), limit("too late", 600.0)))
    assert truth(client)["too late"]["state"] == "cancelled"


def test_a_stop_that_sells_at_once_takes_its_target_along(make: Make) -> None:
    client = make(questions="")
    client.place(*bracket("b", 700.0, 690.0, 800.0))
    assert client.statuses() == {"b": "Filled", "b-stop": "Filled", "b-target": "Cancelled"}
    assert client.control("GET", "/truth/positions")[0]["quantity"] == 0


@pytest.mark.parametrize(
    ("manner", "names"), [("kept", {"b-stop", "b-target"}), ("dropped", {None}), ("refused", set())]
)
def test_what_becomes_of_a_childs_own_client_id(make: Make, manner: str, names: set[str | None]) -> None:
    client = make(questions="", child_coid=manner)
    placed = client.place(*bracket("b", 700.0, 600.0, 800.0))
    rows = client.control("GET", "/truth/orders")
    assert {row["coid"] for row in rows if row["parent_id"]} == names
    failed = ["Failed", "Failed"] if manner == "refused" else ["PreSubmitted", "Submitted"]
    assert [row["order_status"] for row in placed[1:]] == failed


@pytest.mark.parametrize(("whose", "count"), [("all", 3), ("parent", 1)])
def test_whose_ids_the_answer_to_a_bracket_carries(make: Make, whose: str, count: int) -> None:
    client = make(questions="", bracket_ids=whose)
    placed = client.place(*bracket("b", 700.0, 600.0, 800.0))
    assert len(placed) == count
    assert placed[0]["order_id"] == str(truth(client)["b"]["order_id"])
    assert len(client.orders()) == 3


@pytest.mark.parametrize("shown", ["yes", "no"])
def test_whether_children_carry_their_reference(make: Make, shown: str) -> None:
    client = make(questions="", child_order_ref=shown)
    client.place(*bracket("b", 700.0, 690.0, 800.0))
    listed = client.get("/iserver/account/orders")["orders"]
    trades = client.get("/iserver/account/trades")
    assert {row.get("order_ref") for row in listed if row["orderId"] == truth(client)["b"]["order_id"]} == {
        "b"
    }
    references = {row.get("order_ref") for row in listed if "parentId" in row}
    assert references == ({"b-stop", "b-target"} if shown == "yes" else {None})
    assert [row.get("order_ref") for row in trades] == ["b", "b-stop" if shown == "yes" else None]


@pytest.mark.parametrize(
    ("scope", "working", "next_day", "done"),
    [("ever", False, False, False), ("24h", False, True, False), ("working", False, True, True)],
)
def test_how_long_a_client_id_stays_taken(
    make: Make, scope: str, working: bool, next_day: bool, done: bool
) -> None:
    def taken_again(client: Inside, name: str) -> bool:
        return isinstance(client.ask(limit(name, 600.0)), list)

    client = make(duplicate_scope=scope, cancel_seconds="0")
    client.place(limit("live", 600.0), limit("gone", 600.0))
    assert taken_again(client, "live") is working
    client.api("DELETE", f"{ACCOUNT}/order/{truth(client)['gone']['order_id']}")
    assert taken_again(client, "gone") is done
    client.advance("2012-10-02T15:00:01Z")
    assert taken_again(client, "live") is next_day


@pytest.mark.parametrize("listing", ["listed", "listed_new_id", "hidden"])
def test_how_orders_of_yesterday_are_listed(make: Make, listing: str) -> None:
    client = make(questions="", gtc_visible_next_day=listing)
    client.place(limit("gtc", 600.0, tif="GTC"))
    order_id = truth(client)["gtc"]["order_id"]
    client.advance("2012-10-02T15:00:00Z")
    rows = client.get("/iserver/account/orders")["orders"]
    expected = {"listed": [True], "listed_new_id": [False], "hidden": []}
    assert [row["orderId"] == order_id for row in rows] == expected[listing]
    status = client.api("GET", f"/iserver/account/order/status/{order_id}")[0]
    assert status == (400 if listing == "listed_new_id" else 200)


ABOUT: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    ("o163", {"price": 600.0}, {"price": 659.0}),
    ("o382", {"price": 650.0}, {"price": 659.0}),
    ("o383", {"quantity": 51}, {"quantity": 50}),
    ("o451", {"quantity": 16}, {"quantity": 10}),
    ("o403", {"orderType": "STP", "side": "SELL", "price": 690.0}, {"orderType": "STP", "price": 690.0}),
    ("o10151", {"orderType": "MKT"}, {}),
    ("o10152", {"orderType": "STP", "price": 690.0}, {"orderType": "STOP_LIMIT", "auxPrice": 690.0}),
    ("o10331", {"orderType": "TRAIL", "trailingAmt": 1, "trailingType": "%"}, {}),
]


@pytest.mark.parametrize(("name", "met", "not_met"), ABOUT, ids=[row[0] for row in ABOUT])
def test_a_question_is_asked_when_its_condition_is_met(
    make: Make, name: str, met: dict[str, Any], not_met: dict[str, Any]
) -> None:
    client = make(questions=name, size_limit="50", value_limit="10000", tick_limit="500")
    asked = client.ask(limit("a", 659.0) | met)
    assert asked[0]["messageIds"] == [name]
    assert client.control("GET", "/truth/orders") == []
    assert "order_id" in client.ask(limit("b", 659.0) | not_met)[0]
    client.control("POST", "/switches", {"questions": ""})
    assert "order_id" in client.ask(limit("c", 659.0) | met)[0]


def test_an_order_without_market_data_is_asked_about(make: Make) -> None:
    client = make(questions="o354")
    assert client.ask(limit("a", 600.0))[0]["messageIds"] == ["o354"]
    client.get(f"/iserver/marketdata/snapshot?conids={AAPL}&fields=31")
    assert "order_id" in client.ask(limit("a", 600.0))[0]
    client.control("POST", "/switches", {"market_data": "N"})
    assert client.ask(limit("b", 600.0))[0]["messageIds"] == ["o354"]


def test_one_ticket_can_raise_several_questions_at_once(make: Make) -> None:
    client = make(questions="o163,o383,o10331", size_limit="5")
    order = limit("a", 600.0) | {"orderType": "STOP_LIMIT", "auxPrice": 690.0}
    assert client.ask(order)[0]["messageIds"] == ["o10331", "o163", "o383"]


def test_a_change_is_asked_about_only_in_what_it_changes(make: Make) -> None:
    client = make(questions="o163,o10331")
    placed = client.place(limit("a", 600.0), limit("s", 690.0) | {"orderType": "STP"})
    path = [f"{ACCOUNT}/order/{row['order_id']}" for row in placed]
    assert "order_id" in client.post(path[0], limit("a", 600.0, tif="GTC"))[0]
    assert client.post(path[0], limit("a", 601.0))[0]["messageIds"] == ["o163"]
    stop = limit("s", 690.0, quantity=9) | {"orderType": "STP"}
    assert "order_id" in client.post(path[1], stop)[0]
    assert client.post(path[1], stop | {"price": 695.0})[0]["messageIds"] == ["o10331"]


def test_a_commission_can_come_later_than_its_trade(make: Make) -> None:
    client = make(commission_delay_seconds="90")
    client.place(limit("a", 700.0))
    assert client.get("/iserver/account/trades")[0]["commission"] == ""
    client.advance("2012-10-01T15:01:29Z")
    assert client.get("/iserver/account/trades")[0]["commission"] == ""
    client.advance("2012-10-01T15:01:30Z")
    assert client.get("/iserver/account/trades")[0]["commission"] == "1.00"
