"""Several accounts under one login: each has its own money, and every endpoint honours which one is meant."""

from typing import Any

import pytest

from ibkr_simulator.switches import BadSwitch, Switches
from simulator.tests.conftest import Make
from simulator.tests.support import AAPL, Inside, limit

ONE, TWO = "DU1000001", "DU1000002"
BOTH = {"accounts": f"{ONE},{TWO}:cash", "questions": ""}


def place(client: Inside, account: str, *orders: dict[str, Any]) -> Any:
    return client.post(f"/iserver/account/{account}/orders", {"orders": list(orders)})


def select(client: Inside, account: str) -> Any:
    return client.post("/iserver/account", {"acctId": account})


def test_every_list_of_accounts_names_them_all(make: Make) -> None:
    client = make(**BOTH)
    listed = client.get("/iserver/accounts")
    assert (listed["accounts"], listed["selectedAccount"]) == ([ONE, TWO], ONE)
    assert set(listed["acctProps"]) == set(listed["aliases"]) == {ONE, TWO}
    assert [row["id"] for row in client.get("/portfolio/accounts")] == [ONE, TWO]
    rules = client.get(f"/iserver/contract/{AAPL}/info-and-rules?isBuy=true")["rules"]
    assert rules["canTradeAcctIds"] == [ONE, TWO]
    client.get("/iserver/account/pnl/partitioned")
    assert set(client.get("/iserver/account/pnl/partitioned")["upnl"]) == {f"{ONE}.Core", f"{TWO}.Core"}


def test_a_trade_moves_the_money_of_its_own_account_only(make: Make) -> None:
    client = make(**BOTH)
    place(client, TWO, limit("a", 700.0))
    cash = {name: client.get(f"/portfolio/{name}/ledger")["USD"]["cashbalance"] for name in (ONE, TWO)}
    assert cash[ONE] == 100_000.0
    assert cash[TWO] < 94_000.0
    assert client.get(f"/portfolio/{ONE}/positions/0") == []
    assert client.get(f"/portfolio/{TWO}/positions/0")[0]["acctId"] == TWO
    assert list(client.get(f"/portfolio/positions/{AAPL}")) == [TWO]
    assert client.get(f"/portfolio2/{ONE}/positions") == []
    assert {row["account"] for row in client.control("GET", "/truth/positions")} == {TWO}
    assert client.control("GET", f"/truth/equity?account={ONE}")["equity"] == "100000.00"
    lanes = [row["lane"] for row in client.control("GET", f"/truth/cash?account={ONE}")]
    assert lanes == ["deposit"]


def test_orders_trades_and_status_speak_of_the_selected_account(make: Make) -> None:
    client = make(**BOTH)
    first = place(client, ONE, limit("one", 700.0))[0]["order_id"]
    second = place(client, TWO, limit("two", 700.0))[0]["order_id"]

    def seen() -> tuple[set[str], set[str], int, int]:
        orders = {row["account"] for row in client.get("/iserver/account/orders")["orders"]}
        trades = {row["account"] for row in client.get("/iserver/account/trades")}
        status = [client.api("GET", f"/iserver/account/order/status/{each}")[0] for each in (first, second)]
        return orders, trades, status[0], status[1]

    assert seen() == ({ONE}, {ONE}, 200, 503)
    assert select(client, TWO) == {"set": True, "acctId": TWO}
    assert select(client, TWO) == {"success": "Account already set"}
    assert client.get("/iserver/accounts")["selectedAccount"] == TWO
    assert seen() == ({TWO}, {TWO}, 503, 200)
    named = client.get(f"/iserver/account/orders?accountId={ONE}")["orders"]
    assert {row["order_ref"] for row in named} == {"one"}
    assert client.api("POST", "/iserver/account", {"acctId": "DU9"})[0] == 500


def test_a_new_brokerage_session_selects_the_first_account_again(make: Make) -> None:
    client = make(**BOTH)
    select(client, TWO)
    client.control("POST", "/faults", {"number": 2})
    client.post("/iserver/auth/ssodh/init", {"publish": True, "compete": True})
    assert client.get("/iserver/accounts")["selectedAccount"] == ONE


def test_an_order_can_be_changed_and_cancelled_through_its_own_account_only(make: Make) -> None:
    client = make(**BOTH)
    order_id = place(client, TWO, limit("a", 600.0))[0]["order_id"]
    wrong, right = (f"/iserver/account/{name}/order/{order_id}" for name in (ONE, TWO))
    assert client.api("POST", wrong, limit("a", 601.0))[0] == 400
    assert client.api("DELETE", wrong)[0] == 400
    assert client.api("DELETE", f"/iserver/account/{ONE}/order/-1")[0] == 200
    assert client.control("GET", "/truth/orders")[0]["status"] == "Submitted"
    assert client.api("POST", right, limit("a", 601.0))[0] == 200
    assert client.api("DELETE", right)[1]["account"] == TWO


def test_an_unknown_account_is_refused_in_the_manner_of_each_endpoint(make: Make) -> None:
    client = make(**BOTH)
    assert client.api("GET", "/portfolio/DU9/ledger") == (401, "")
    assert client.api("GET", "/iserver/account/DU9/summary")[0] == 400
    assert client.api("POST", "/iserver/account/DU9/orders", {"orders": [limit("a", 600.0)]})[0] == 400


def test_a_person_moves_and_trades_in_the_account_they_name(make: Make) -> None:
    client = make(**BOTH)
    client.control("POST", "/person/deposit", {"amount": "-25.50", "account": TWO})
    client.control("POST", "/person/order", {"conid": AAPL, "side": "BUY", "quantity": 1, "account": TWO})
    assert client.control("GET", f"/truth/equity?account={ONE}")["cash"] == "100000.00"
    lanes = [row["lane"] for row in client.control("GET", f"/truth/cash?account={TWO}")]
    assert lanes == ["deposit", "withdrawal", "trade", "commission"]
    with pytest.raises(AssertionError, match="no account DU9"):
        client.control("POST", "/person/deposit", {"amount": "1.00", "account": "DU9"})


def test_the_prefix_says_whether_an_account_is_paper(make: Make) -> None:
    live = make(accounts="U1234567")
    assert live.get("/iserver/accounts")["isPaper"] is False
    assert live.get("/portfolio/accounts")[0]["type"] == "INDIVIDUAL"
    assert make().get("/iserver/accounts")["isPaper"] is True


@pytest.mark.parametrize("wrong", ["X1", "DU1:margins", "DU1,DU1", "DU1,U2"])
def test_a_list_of_accounts_is_checked(wrong: str) -> None:
    with pytest.raises(BadSwitch, match="switch accounts takes"):
        Switches({"accounts": wrong})
