"""Endpoints beside trading: summaries, allocation, analysis, notifications, alerts, scanner, owners."""

import pytest

from simulator.tests.conftest import Make
from simulator.tests.support import AAPL, ACCOUNT, IBM, Inside, limit

HELD = "/portfolio/DU1234567"
ME = {"acctIds": ["DU1234567"]}
TRADE = {"conid": AAPL, "orderType": "LMT", "side": "BUY", "tif": "DAY", "quantity": 10, "price": 700.0}


def invested(client: Inside) -> Inside:
    """Holds ten shares, bought above the market and so at its ask."""
    assert client.place(limit("in", 700.0))[0]["order_status"] == "Filled"
    return client


def test_summaries_are_texts_that_agree_with_the_numeric_one(make: Make) -> None:
    client = invested(make())
    known = client.get(f"{ACCOUNT}/summary")
    balances = client.get(f"{ACCOUNT}/summary/balances")
    assert balances["total"] == balances["securities"]
    assert balances["total"]["net_liquidation"] == f"{round(known['netLiquidationValue']):,} USD"
    assert balances["commodities"]["cash"] == "0 USD"
    margins = client.get(f"{ACCOUNT}/summary/margins")["total"]
    assert margins["current_initial"] == f"{round(known['initialMargin']):,} USD"
    funds = client.get(f"{ACCOUNT}/summary/available_funds")["total"]
    assert funds["buying_power"] == f"{round(known['buyingPower']):,} USD"
    assert funds["leverage"] == "0.07"
    value = client.get(f"{ACCOUNT}/summary/market_value")["USD"]
    assert value["total_cash"] == f"{round(known['totalCashValue']):,}"


@pytest.mark.parametrize("part", ["balances", "margins", "available_funds", "market_value"])
def test_a_summary_of_an_unknown_account_is_a_400(make: Make, part: str) -> None:
    status, body = make().api("GET", f"/iserver/account/DU0/summary/{part}")
    assert (status, body["error"]) == (400, "Bad Request: accountId is not valid: DU0")


def test_allocation_adds_up_to_net_liquidation(make: Make) -> None:
    client = invested(make(accounts="DU1234567:margin,DU7654321:cash"))
    client.control("POST", "/person/order", {"conid": IBM, "side": "SELL", "quantity": 3})
    found = client.get(f"{HELD}/allocation")["assetClass"]
    equity = float(client.control("GET", "/truth/equity")["equity"])
    assert sum(found["long"].values()) + sum(found["short"].values()) == pytest.approx(equity)
    assert found["short"]["STK"] < 0
    both = client.post("/portfolio/allocation", {"acctIds": ["DU1234567", "DU7654321"]})["assetClass"]
    assert both["long"]["CASH"] == pytest.approx(found["long"]["CASH"] + 100_000)
    assert client.api("POST", "/portfolio/allocation", {})[0] == 400
    assert client.api("POST", "/portfolio/allocation", {"acctIds": ["DU0"]}) == (401, "")


def test_portfolio_paths_know_the_account_and_its_pages(make: Make) -> None:
    client = make()
    assert client.get(f"{HELD}/meta") == client.get("/portfolio/accounts")[0]
    assert client.get("/portfolio/subaccounts2?page=0")["metadata"] == {
        "total": 1,
        "pageSize": 20,
        "pageNum": 0,
    }
    assert client.get("/portfolio/subaccounts2?page=1")["subaccounts"] == []
    assert client.get(f"{HELD}/combo/positions") == []
    for path in ("meta", "allocation", "combo/positions"):
        assert client.api("GET", f"/portfolio/DU0/{path}") == (401, "")


def test_performance_does_not_count_deposits_and_ends_with_the_equity_of_now(make: Make) -> None:
    client = invested(make())
    client.advance("2012-10-03T15:00:00Z")
    client.control("POST", "/person/deposit", {"amount": "50000"})
    client.advance("2012-10-04T15:00:00Z")
    found = client.post("/pa/performance", ME | {"period": "1M"})
    assert found["nav"]["dates"] == ["20121001", "20121002", "20121003", "20121004"]
    equity = float(client.control("GET", "/truth/equity")["equity"])
    assert found["nav"]["data"][0]["navs"][-1] == equity
    gained = (equity - 150_000) / 100_000
    assert found["cps"]["data"][0]["returns"][-1] == pytest.approx(gained, abs=0.0005)
    assert found["tpps"]["dates"] == ["201210"]
    total = client.post("/pa/summary", ME)["total"]
    assert total["endVal"] == equity
    day = client.post("/pa/performance", ME | {"period": "1D"})
    assert day["nav"]["dates"] == ["20121004"]
    assert day["nav"]["data"][0]["startNAV"]["date"] == "20121003"


def test_transactions_list_trades_and_what_they_realised(make: Make) -> None:
    client = invested(make())
    client.advance("2012-10-02T15:00:00Z")
    client.place(limit("out", 500.0, side="SELL"))
    found = client.post("/pa/transactions", ME | {"conids": [AAPL], "days": 30})
    assert [(row["type"], row["qty"], row["rawDate"]) for row in found["transactions"]] == [
        ("Buy", 10.0, "20121001"),
        ("Sell", -10.0, "20121002"),
    ]
    realised = client.get(f"{HELD}/position/{AAPL}")[0]["realizedPnl"]
    assert [row["amt"] for row in found["rpnl"]["data"]] == [realised]
    assert float(found["rpnl"]["amt"]) == realised
    assert client.post("/pa/transactions", ME | {"conids": [IBM], "days": 30})["transactions"] == []


@pytest.mark.parametrize("path", ["/pa/performance", "/pa/summary", "/pa/transactions"])
def test_analysis_needs_known_accounts(make: Make, path: str) -> None:
    assert make().api("POST", path, {"acctIds": ["DU0"]})[0] == 400


def test_notifications_are_read_and_counted(make: Make) -> None:
    client = make()
    client.control("POST", "/broker/notice", {"title": "Maintenance", "text": "On Saturday"})
    assert client.get("/fyi/unreadnumber") == {"BN": 1}
    row = client.get("/fyi/notifications?max=5")[0]
    assert (row["R"], row["MD"]) == (0, "On Saturday")
    assert client.api("PUT", f"/fyi/notifications/{row['ID']}")[1]["P"] == {"R": 1, "ID": row["ID"]}
    assert client.get("/fyi/unreadnumber") == {"BN": 0}
    assert client.api("PUT", "/fyi/notifications/1")[0] == 400


def test_how_a_person_wants_to_be_told_is_kept(make: Make) -> None:
    client = make()
    assert client.post("/fyi/settings/BA", {"enabled": False})["V"] == 1
    assert [row["A"] for row in client.get("/fyi/settings") if row["FC"] == "BA"] == [0]
    assert client.get("/fyi/disclaimer/BA")["FC"] == "BA"
    assert client.api("PUT", "/fyi/disclaimer/BA")[0] == 200
    assert [row["H"] for row in client.get("/fyi/settings") if row["FC"] == "BA"] == [0]
    assert client.api("PUT", "/fyi/deliveryoptions/email?enabled=false")[0] == 200
    device = {"devicename": "phone", "deviceId": "d1", "uiName": "mobile", "enabled": True}
    assert client.post("/fyi/deliveryoptions/device", device)["V"] == 1
    assert client.get("/fyi/deliveryoptions") == {
        "E": [{"NM": "phone", "I": "d1", "UI": "mobile", "A": 1}],
        "M": 0,
    }
    assert client.api("DELETE", "/fyi/deliveryoptions/d1") == (200, "")
    for method, path in (
        ("DELETE", "/fyi/deliveryoptions/d1"),
        ("PUT", "/fyi/deliveryoptions/email"),
        ("POST", "/fyi/settings/XX"),
        ("GET", "/fyi/disclaimer/XX"),
    ):
        assert client.api(method, path)[0] == 400


def test_alerts_cannot_be_created_on_paper(make: Make) -> None:
    client = make()
    assert client.get(f"{ACCOUNT}/alerts") == []
    assert client.api("POST", f"{ACCOUNT}/alert", {"alertName": "a", "conditions": [{}]})[0] == 403
    assert client.get("/iserver/account/mta")[0]["alert_name"] == "MTA"


def test_alerts_of_a_live_account_are_created_switched_and_deleted(make: Make) -> None:
    client, base = make(account="U7654321"), "/iserver/account/U7654321"
    created = client.post(f"{base}/alert", {"alertName": "a", "conditions": [{}]})
    assert client.post(f"{base}/alert/activate", {"alertId": created["order_id"], "alertActive": 0})[
        "success"
    ]
    assert [row["alert_active"] for row in client.get(f"{base}/alerts")] == [0]
    assert client.api("DELETE", f"{base}/alert/{created['order_id']}")[0] == 200
    assert client.api("DELETE", f"{base}/alert/{created['order_id']}")[0] == 400
    assert client.get(f"{base}/alerts") == []


def test_the_scanner_ranks_the_tape(make: Make) -> None:
    client = make()
    parameters = client.get("/iserver/scanner/params")
    assert {row["code"] for row in parameters["scan_type_list"]} >= {"TOP_PERC_GAIN", "MOST_ACTIVE"}
    asked = {"instrument": "STK", "type": "TOP_PERC_GAIN", "location": "STK.US.MAJOR"}
    rows = client.post("/iserver/scanner/run", asked)["contracts"]
    changes = [float(row["scan_data"].rstrip("%")) for row in rows]
    assert changes == sorted(changes, reverse=True)
    assert ["column_name" in row for row in rows] == [True] + [False] * (len(rows) - 1)
    dear = client.post("/iserver/scanner/run", asked | {"filter": [{"code": "priceAbove", "value": 600}]})
    assert {row["symbol"] for row in dear["contracts"]} == {"AAPL", "GOOG"}
    assert client.api("POST", "/iserver/scanner/run", asked | {"type": "NOPE"})[0] == 400


def test_the_second_source_of_history_is_not_found_until_opened(make: Make) -> None:
    client, path = make(), f"/hmds/history?conid={AAPL}&period=5d&bar=1d"
    assert client.api("GET", path)[0] == 404
    assert client.post("/hmds/auth/init", {})["authenticated"] is True
    found = client.get(path)
    assert found["data"] == client.get(f"/iserver/marketdata/history?conid={AAPL}&period=5d&bar=1d")["data"]
    client.control("POST", "/faults", {"number": 2})
    assert client.api("GET", path)[0] == 404
    assert client.api("POST", "/hmds/auth/init", {})[0] == 400


def test_a_regulatory_snapshot_costs_a_cent_each_time(make: Make) -> None:
    client = make()
    assert {"84", "86"} <= set(client.get(f"/md/regsnapshot?conid={AAPL}"))
    client.get(f"/md/regsnapshot?conid={AAPL}")
    fees = [row["amount"] for row in client.control("GET", "/truth/cash") if row["lane"] == "fee"]
    assert fees == ["-0.01", "-0.01"]
    assert client.control("GET", "/truth/equity")["cash"] == "99999.98"
    assert client.api("GET", "/md/regsnapshot?conid=1")[0] == 400


def test_owners_are_told_and_an_unknown_account_is_a_false_401(make: Make) -> None:
    client = make()
    assert client.get("/acesws/DU1234567/signatures-and-owners")["accountId"] == "DU1234567"
    assert client.api("GET", "/acesws/DU0/signatures-and-owners") == (401, "")


def test_logins_with_few_accounts_have_no_account_search(make: Make) -> None:
    client = make()
    assert client.api("GET", "/iserver/account/search/DU")[0] == 503
    assert client.api("POST", "/iserver/dynaccount", {"acctId": "DU1234567"})[0] == 503
