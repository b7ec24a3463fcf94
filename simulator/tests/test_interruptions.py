"""What ends, delays or refuses a session: phone, reset, maintenance, competitors, init storms."""

import pytest

from ibkr_simulator.instants import iso, parse
from ibkr_simulator.timetable import last_maintenance, last_reset
from ibkr_simulator.web_api.stream import Stream
from simulator.tests.conftest import Make
from simulator.tests.support import Inside

COMPETE = {"publish": True, "compete": True}
INIT = "/iserver/auth/ssodh/init"
NO_BRIDGE = {"error": "Bad Request: no bridge", "statusCode": 400}


def status(client: Inside) -> dict[str, object]:
    """The brokerage session as the gateway states it."""
    return dict(client.get("/iserver/auth/status"))


def test_the_page_waits_for_the_phone_and_the_api_is_401_until_then(make: Make) -> None:
    client = make(ready=False, two_factor_seconds="30")
    answer = client.page("POST", "/sso/Login", {"username": "paper", "password": "x"})
    assert "Waiting for two-factor authentication" in answer[1]
    assert "Waiting for two-factor authentication" in client.page("GET", "/")[1]
    client.advance("2012-10-01T15:00:29Z")
    assert client.api("GET", "/tickle")[0] == 401
    client.advance("2012-10-01T15:00:30Z")
    assert status(client)["established"] is True
    assert client.page("GET", "/sso/Dispatcher") == (200, "Client login succeeds")


@pytest.mark.parametrize("manner", ["stated", "401"])
def test_a_sign_in_without_the_phones_yes_is_not_valid(make: Make, manner: str) -> None:
    client = make(ready=False, two_factor_seconds="30", two_factor_validate=manner)
    client.page("POST", "/sso/Login", {"username": "paper", "password": "x"})
    code, body = client.api("GET", "/sso/validate")
    if manner == "401":
        assert (code, body) == (401, "Access Denied")
    else:
        assert (body["RESULT"], body["SF_ENABLED"], body["USER_NAME"]) == (False, True, "paper")
    client.advance("2012-10-01T15:00:30Z")
    validated = client.get("/sso/validate")
    assert (validated["RESULT"], validated["SF_ENABLED"]) == (True, False)


def test_a_person_confirms_at_the_page_before_the_time_is_over(make: Make) -> None:
    client = make(ready=False, two_factor_seconds="300")
    client.page("POST", "/sso/Login", {"username": "paper", "password": "x"})
    assert client.page("POST", "/sso/Approve") == (200, "Client login succeeds")
    assert status(client)["authenticated"] is True
    assert client.world.truth.kept("signed_in_at") == str(client.world.now)


def test_the_phone_can_be_played_from_the_control_plane(make: Make) -> None:
    client = make(ready=False, two_factor_seconds="300", establish_seconds="5")
    signed_in = client.control("POST", "/person/sign-in", {"username": "paper", "password": "x"})
    assert signed_in["signed_in"] is False
    client.control("POST", "/person/confirm")
    assert (status(client)["authenticated"], status(client)["established"]) == (True, False)


def test_the_nightly_reset_is_503_then_no_bridge_and_takes_priming_and_suppressions(make: Make) -> None:
    client = make("2012-10-02T04:59:00Z", reset_hour="1", reset_minutes="10")
    client.post("/iserver/questions/suppress", {"messageIds": ["o10331"]})
    stream = Stream(client.world)
    client.advance("2012-10-02T05:00:00Z")
    stream.moved()
    assert stream.outbox.get_nowait() == {"topic": "sts", "args": stream._auth(False)}
    assert client.api("GET", "/iserver/accounts")[0] == 503
    assert client.api("GET", "/tickle")[0] == 503
    assert client.api("GET", "/portfolio/accounts")[0] == 200
    client.advance("2012-10-02T05:05:00Z")
    assert client.api("GET", "/iserver/accounts") == (400, NO_BRIDGE)
    assert status(client)["connected"] is False
    assert client.post(INIT, COMPETE)["authenticated"] is False
    client.advance("2012-10-02T05:10:00Z")
    assert (status(client)["connected"], status(client)["authenticated"]) == (True, False)
    assert client.post(INIT, COMPETE)["authenticated"] is True
    assert client.api("GET", "/iserver/account/orders")[1]["error"].endswith("query /accounts first")
    assert client.world.gateway.open_session.suppressed == set()


def test_the_reset_comes_on_weekdays_at_its_hour_whatever_the_clocks_do() -> None:
    friday, sunday = parse("2012-11-02T05:00:00Z"), parse("2012-11-04T23:00:00Z")
    assert iso(last_reset(sunday, 1, 5).begins) == iso(friday)
    assert iso(last_reset(parse("2012-11-05T05:59:59Z"), 1, 5).begins) == iso(friday)
    assert iso(last_reset(parse("2012-11-05T06:00:00Z"), 1, 5).begins) == "2012-11-05T06:00:00Z"


def test_maintenance_takes_everything_down_on_saturday_evening(make: Make) -> None:
    client = make("2012-10-06T23:59:00Z", weekend_maintenance_minutes="120")
    assert client.api("GET", "/portfolio/accounts")[0] == 200
    client.advance("2012-10-07T00:00:00Z")
    assert [client.api("GET", path)[0] for path in ("/portfolio/accounts", "/tickle")] == [503, 503]
    client.advance("2012-10-07T02:00:00Z")
    assert client.api("GET", "/portfolio/accounts")[0] == 200
    assert status(client)["authenticated"] is False
    assert iso(last_maintenance(parse("2012-10-13T23:59:59Z"), 1).begins) == "2012-10-07T00:00:00Z"


def test_an_init_storm_locks_everybody_out_for_hours(make: Make) -> None:
    client = make(init_storm="3", init_lock_hours="2")
    assert [client.api("POST", INIT, COMPETE)[0] for _ in range(4)] == [200, 200, 200, 401]
    assert client.api("GET", "/sso/validate") == (401, "Access Denied")
    form = {"username": "paper", "password": "x"}
    assert client.page("POST", "/sso/Login", form) == (401, "Access Denied")
    with pytest.raises(AssertionError, match="locked the username out until 2012-10-01T17:00:00Z"):
        client.control("POST", "/person/sign-in", form)
    client.advance("2012-10-01T17:00:00Z")
    assert client.page("POST", "/sso/Login", form) == (200, "Client login succeeds")


def test_inits_spread_over_days_are_no_storm(make: Make) -> None:
    client = make(init_storm="2")
    for day in ("02", "03", "04", "05"):
        assert client.api("POST", INIT, COMPETE)[0] == 200
        client.advance(f"2012-10-{day}T15:00:01Z")


def test_a_competitor_that_returns_takes_the_username_once_more(make: Make) -> None:
    client = make(competitor="returns", competitor_seconds="90")
    client.control("POST", "/faults", {"number": 5})
    assert client.post(INIT, COMPETE)["competing"] is False
    client.advance("2012-10-01T15:01:29Z")
    assert status(client)["authenticated"] is True
    client.advance("2012-10-01T15:01:30Z")
    assert (status(client)["competing"], status(client)["authenticated"]) == (True, False)


def test_a_competitor_that_wins_keeps_the_username(make: Make) -> None:
    client = make(competitor="wins")
    client.control("POST", "/faults", {"number": 5})
    assert client.post(INIT, COMPETE)["authenticated"] is False
    assert client.get("/tickle")["iserver"]["authStatus"]["competing"] is True


def test_an_outer_session_that_survives_logout_needs_no_new_sign_in(make: Make) -> None:
    client = make(logout_keeps_sso="on")
    client.post("/logout", {})
    assert status(client)["authenticated"] is False
    assert client.post(INIT, COMPETE)["authenticated"] is True


def test_idle_minutes_end_the_brokerage_session_only(make: Make) -> None:
    client = make(idle_timeout_seconds="300")
    client.world.advance(parse("2012-10-01T15:05:01Z"), tickled=True)
    assert (status(client)["connected"], status(client)["authenticated"]) == (True, False)
    assert client.api("GET", "/portfolio/accounts")[0] == 200


def test_sso_expires_counts_down_and_renews_itself_near_zero(make: Make) -> None:
    client = make()
    seen = []
    for at in ("15:00:00", "15:09:20", "15:09:59", "15:10:00"):
        client.advance(f"2012-10-01T{at}Z")
        seen.append(client.get("/tickle")["ssoExpires"])
    assert seen == [600_000, 40_000, 1_000, 600_000]


@pytest.mark.parametrize(
    ("switch", "value", "path", "expected"),
    [
        ("tickle_signed_out", "200", "/tickle", (200, {"error": "no session"})),
        ("gone", "on", "/tickle", (410, {"error": "Gone", "statusCode": 410})),
    ],
)
def test_signed_out_answers_vary_by_switch(
    make: Make, switch: str, value: str, path: str, expected: tuple[int, object]
) -> None:
    assert make(ready=False, **{switch: value}).api("GET", path) == expected


def test_no_bridge_and_unprimed_answers_vary_by_switch(make: Make) -> None:
    client = make(no_bridge_status="401", unprimed_status="500")
    client.control("POST", "/faults", {"number": 11})
    assert client.api("GET", "/iserver/account/orders") == (500, {"error": "please query /accounts first"})
    client.control("POST", "/faults", {"number": 2})
    assert client.api("GET", "/iserver/accounts") == (401, NO_BRIDGE | {"statusCode": 401})


@pytest.mark.parametrize(
    ("manner", "seen"),
    [
        ("settles_second_call", [(0, False), (1, True), (1, True)]),
        ("always_false", [(0, False), (1, False), (1, False)]),
        ("list_with_false", [(1, False), (1, True), (1, True)]),
    ],
)
def test_the_snapshot_flag_of_live_orders_varies_by_switch(
    make: Make, manner: str, seen: list[tuple[int, bool]]
) -> None:
    client = make(snapshot_flag=manner)
    client.place(
        {"conid": 265598, "orderType": "LMT", "price": 600.0, "side": "BUY", "tif": "DAY", "quantity": 1}
    )
    client.control("POST", "/faults", {"number": 3})
    client.post(INIT, COMPETE)
    client.get("/iserver/accounts")
    lists = [client.get("/iserver/account/orders") for _ in range(3)]
    assert [(len(each["orders"]), each["snapshot"]) for each in lists] == seen
