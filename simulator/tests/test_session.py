"""Two sessions, priming, and what is answered without them."""

from simulator.tests.conftest import Make
from simulator.tests.support import AAPL, ACCOUNT


def test_nobody_signed_in_is_401_everywhere(make: Make) -> None:
    client = make(ready=False)
    for path in (
        "/iserver/auth/status",
        "/tickle",
        "/iserver/accounts",
        "/portfolio/accounts",
        "/sso/validate",
    ):
        assert client.api("GET", path)[0] == 401


def test_signing_in_opens_both_sessions(make: Make) -> None:
    client = make(ready=False)
    client.control("POST", "/person/sign-in", {"username": "demo", "password": "x"})
    status = client.get("/iserver/auth/status")
    assert all(status[name] for name in ("authenticated", "connected", "established"))
    assert status["competing"] is False


def test_without_brokerage_session_iserver_is_400_and_portfolio_works(make: Make) -> None:
    client = make()
    client.control("POST", "/faults", {"number": 2})
    assert client.api("GET", "/iserver/accounts") == (
        400,
        {"error": "Bad Request: no bridge", "statusCode": 400},
    )
    assert client.api("GET", "/portfolio/accounts")[0] == 200
    assert client.get("/iserver/auth/status")["authenticated"] is False
    assert "serverInfo" not in client.get("/iserver/auth/status")


def test_init_repairs_the_brokerage_session_and_priming_is_lost(make: Make) -> None:
    client = make()
    client.control("POST", "/faults", {"number": 3})
    assert (
        client.post("/iserver/auth/ssodh/init", {"publish": True, "compete": True})["authenticated"] is True
    )
    status, body = client.api("GET", "/iserver/account/orders")
    assert (status, body["error"]) == (400, "Bad Request: Please query /accounts first")
    client.get("/iserver/accounts")
    assert client.get("/iserver/account/orders") == {"orders": [], "snapshot": False}


def test_half_ready_lasts_as_long_as_the_switch_says(make: Make) -> None:
    client = make("2012-10-01T15:00:00Z", ready=False, establish_seconds="5")
    client.control("POST", "/person/sign-in", {"username": "paper", "password": "x"})
    assert client.get("/iserver/auth/status")["established"] is False
    assert client.get("/iserver/accounts")["accounts"] == []
    client.advance("2012-10-01T15:00:05Z")
    assert client.get("/iserver/auth/status")["established"] is True
    assert client.get("/iserver/accounts")["accounts"] == ["DU1234567"]


def test_a_competing_session_ends_ours_and_compete_takes_it_back(make: Make) -> None:
    client = make()
    client.control("POST", "/faults", {"number": 5})
    assert client.get("/iserver/auth/status")["competing"] is True
    assert client.post("/iserver/auth/ssodh/init", {"publish": True, "compete": False})["passed"] is False
    assert client.post("/iserver/auth/ssodh/init", {"publish": True, "compete": True})["passed"] is True
    assert client.get("/iserver/auth/status")["competing"] is False


def test_daily_login_ends_the_outer_session_at_new_york_midnight(make: Make) -> None:
    client = make("2012-10-02T03:59:00Z", daily_login="on")
    assert client.api("GET", "/tickle")[0] == 200
    client.advance("2012-10-02T04:00:00Z")
    assert client.api("GET", "/tickle")[0] == 401


def test_a_live_prefix_is_not_paper(make: Make) -> None:
    assert make().get("/iserver/accounts")["isPaper"] is True
    assert make(account="U7654321").get("/iserver/accounts")["isPaper"] is False


def test_tickle_gives_the_websocket_cookie_and_a_harmless_no_bridge(make: Make) -> None:
    body = make().get("/tickle")
    assert len(body["session"]) == 32
    assert body["hmds"] == {"error": "no bridge"}
    assert body["iserver"]["authStatus"]["authenticated"] is True


def test_an_unknown_account_on_portfolio_is_a_false_401(make: Make) -> None:
    client = make()
    assert client.api("GET", "/portfolio/DU0000000/summary") == (401, "")
    assert client.api("POST", "/iserver/account/DU0000000/orders", {"orders": []})[1]["error"] == (
        "Bad Request: accountId is not valid: DU0000000"
    )


def test_logout_ends_everything(make: Make) -> None:
    client = make()
    assert client.post("/logout", {}) == {"status": True}
    assert client.api("GET", f"{ACCOUNT}/orders")[0] == 401


def test_pacing_refuses_the_eleventh_request_of_a_second_and_then_boxes(make: Make) -> None:
    client = make(pacing="off")
    client.control("POST", "/switches", {"pacing": "on"})
    client.world.in_round = lambda: True
    assert [client.api("GET", "/tickle")[0] for _ in range(11)] == [200] * 10 + [429]
    client.advance("2012-10-01T15:09:59Z")
    assert client.api("GET", "/tickle")[0] == 429
    client.advance("2012-10-01T15:10:00Z")
    assert client.api("GET", "/tickle")[0] == 200


def test_full_pacing_limits_live_orders_to_one_in_five_seconds(make: Make) -> None:
    client = make()
    client.control("POST", "/switches", {"pacing": "full"})
    client.world.in_round = lambda: True
    assert client.api("GET", "/iserver/account/orders")[0] == 200
    client.advance("2012-10-01T15:00:05Z")
    assert client.api("GET", "/iserver/account/orders")[0] == 200
    client.advance("2012-10-01T15:00:09Z")
    assert client.api("GET", "/iserver/account/orders")[0] == 429


def test_search_answers_foreign_listings_too(make: Make) -> None:
    found = make().get("/iserver/secdef/search?symbol=IBM")
    assert [row["description"] for row in found] == ["IBIS", "NYSE", "MEXI"]
    assert found[1]["conid"] == "8314"
    assert isinstance(make().get("/iserver/secdef/search?symbol=NOSUCH"), dict)


def test_an_early_close_is_in_the_trading_schedule(make: Make) -> None:
    client = make("2012-11-20T15:00:00Z")
    schedules = client.get(f"/contract/trading-schedule?conid={AAPL}")["schedules"]
    assert "20121122" not in schedules
    hours = schedules["20121123"]["liquid_hours"][0]
    assert hours["closing"] - hours["opening"] == 3.5 * 3600
