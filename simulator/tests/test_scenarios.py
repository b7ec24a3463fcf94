"""Scenario files, faults at instants and after requests, and what survives a restart of the simulator."""

from pathlib import Path

import pytest

from ibkr_simulator.cli import main
from ibkr_simulator.exchange.market import Market
from ibkr_simulator.instants import parse
from ibkr_simulator.scenarios.armed import CannotArm
from ibkr_simulator.scenarios.catalogue import CATALOGUE
from ibkr_simulator.scenarios.files import begin_once, parsed, wish
from ibkr_simulator.switches import Switches
from ibkr_simulator.truth import TruthLog
from ibkr_simulator.world import World
from simulator.tests.conftest import Make
from simulator.tests.support import Inside, limit

DAY = """
# one bad day
[[fault]]
number = 29
at = 2012-10-01T15:01:00Z
seconds = 60
value = "Z"

[[fault]]
number = 7
endpoint = "tickle"
skip = 1

[[fault]]
number = 2
after = 120
"""


def test_faults_of_a_file_come_at_their_instants_and_after_their_requests(make: Make) -> None:
    client = make()
    client.control("POST", "/faults", {"scenario": DAY})
    assert [client.api("GET", "/tickle")[0] for _ in range(3)] == [200, 401, 200]
    assert client.world.switches.text("market_data") == "R"
    client.advance("2012-10-01T15:01:00Z")
    assert client.world.switches.text("market_data") == "Z"
    client.advance("2012-10-01T15:01:59Z")
    assert client.get("/iserver/auth/status")["authenticated"] is True
    client.advance("2012-10-01T15:02:00Z")
    assert client.get("/iserver/auth/status")["authenticated"] is False
    client.control("GET", "/faults")
    assert client.world.switches.text("market_data") == "R"


def test_a_deed_can_wait_for_a_request(make: Make) -> None:
    client = make()
    client.control("POST", "/faults", {"number": 5, "endpoint": "live_orders", "skip": 1})
    assert client.api("GET", "/iserver/account/orders")[0] == 200
    assert client.api("GET", "/iserver/account/orders")[0] == 400
    assert client.get("/iserver/auth/status")["competing"] is True


def test_a_switch_goes_back_when_its_fault_is_disarmed(make: Make) -> None:
    client = make()
    client.control("POST", "/faults", {"number": 54})
    assert client.world.switches.text("duplicate_coid") == "off"
    client.control("DELETE", "/faults?number=54")
    assert client.world.switches.text("duplicate_coid") == "200"


@pytest.mark.parametrize("number", sorted(CATALOGUE))
def test_every_fault_can_be_armed_by_its_number(make: Make, number: int) -> None:
    client = make()
    client.place(limit("a", 700.0))
    client.control("POST", "/faults", {"number": number})
    client.api("GET", "/iserver/account/orders")
    client.control("DELETE", "/faults")
    assert client.control("GET", "/faults")["armed"] == []


def test_a_deed_that_cannot_be_done_at_its_time_says_why(make: Make) -> None:
    client = make()
    client.control("POST", "/faults", {"number": 68, "after": 60})
    client.advance("2012-10-01T15:05:00Z")
    assert client.control("GET", "/faults")["armed"][0]["problem"] == "F-68 needs an execution"


def test_an_answer_is_lost_only_once_it_says_that_the_order_is_taken(make: Make) -> None:
    client = make()
    client.control("POST", "/faults", {"number": 23})
    stop = {"conid": 265598, "orderType": "STP", "price": 500.0, "side": "SELL", "tif": "GTC", "quantity": 5}
    asked = client.ask(stop | {"cOID": "s"})
    assert asked[0]["messageIds"] == ["o10331"]
    assert client.api("POST", f"/iserver/reply/{asked[0]['id']}", {"confirmed": True})[0] == 503
    assert list(client.orders()) == ["s"]


def test_armed_faults_survive_a_restart_of_the_simulator(market: Market, home: Path) -> None:
    home.mkdir()
    for begins in (True, False):
        truth = TruthLog(home / "truth.sqlite")
        start = parse("2012-10-01T15:00:00Z")
        world = World(market=market, switches=Switches(), seed=7, start=start, truth=truth)
        begin_once(world, DAY, "day.toml")
        client = Inside(world)
        if begins:
            client.ready()
            assert client.api("GET", "/tickle")[0] == 200
            client.advance("2012-10-01T15:01:30Z")
        else:
            client.world.sign_in("paper")
            assert world.switches.text("market_data") == "Z"
            assert client.api("GET", "/tickle")[0] == 401
            client.advance("2012-10-01T15:02:00Z")
            assert client.get("/iserver/auth/status")["authenticated"] is False
            assert client.control("GET", "/faults")["armed"] == []
        truth.close()


def test_a_penalty_of_the_broker_survives_a_restart_of_the_gateway(market: Market, home: Path) -> None:
    home.mkdir()
    for begins in (True, False):
        truth = TruthLog(home / "truth.sqlite")
        start = parse("2012-10-01T15:00:00Z")
        world = World(market=market, switches=Switches(), seed=7, start=start, truth=truth)
        client = Inside(world)
        if begins:
            for number in (14, 20):
                client.control("POST", "/faults", {"number": number, "seconds": 600})
            client.advance("2012-10-01T15:05:00Z")
        assert client.api("GET", "/tickle")[0] == 429
        with pytest.raises(AssertionError, match="locked"):
            client.control("POST", "/person/sign-in", {})
        if not begins:
            client.advance("2012-10-01T15:10:00Z")
            assert client.control("GET", "/faults")["armed"] == []
            client.control("POST", "/person/sign-in", {})
            assert client.api("GET", "/tickle")[0] == 200
        truth.close()


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("[[fault]\n", "day.toml: no TOML: "),
        ("number = 1\n", "a list of [[fault]] and nothing else"),
        ("\n[[fault]]\nnumber = 22\n\n[[fault]]\nnumber = 99\n", "day.toml, line 6: no fault F-99"),
        ("[[fault]]\nnumber = 22\nat = 'noon'\n", "day.toml, line 3: at takes an instant"),
        ("[[fault]]\nnumber = 22\nstal = 3\n", "day.toml, line 3: F-22 (lost response after acceptance)"),
        ("[[fault]]\nskip = 1\n", "day.toml, line 1: number takes a whole number"),
    ],
)
def test_a_wrong_file_names_its_line(text: str, problem: str) -> None:
    with pytest.raises(CannotArm) as told:
        parsed(text, "day.toml")
    assert problem in str(told.value)


def test_nothing_of_a_wrong_file_is_armed(make: Make) -> None:
    client = make()
    with pytest.raises(AssertionError, match="line 17: no fault F-00"):
        client.control("POST", "/faults", {"scenario": DAY.strip() + "\n[[fault]]\nnumber = 0\n"})
    assert client.control("GET", "/faults")["armed"] == []


def test_serving_with_a_wrong_file_ends_with_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "day.toml"
    file.write_text("[[fault]]\nnumber = 0\n")
    assert main(["serve", "--home", str(tmp_path / "home"), "--port", "0", "--scenario", str(file)]) == 2
    assert capsys.readouterr().err == (
        f"ibkr-simulator: {file}, line 2: no fault F-00; there are F-01 to F-83\n"
    )


def test_the_command_lists_every_fault_with_its_test(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["faults"]) == 0
    listed = capsys.readouterr().out
    assert all(one.code in listed and one.test in listed for one in CATALOGUE.values())
    assert main(["faults", "--json"]) == 0
    assert '"number": 83' in capsys.readouterr().out


def test_no_parameter_hides_behind_a_word_of_the_file() -> None:
    words = {"number", "at", "after", "endpoint", "count", "skip", "parameters", "scenario"}
    assert [one.code for one in CATALOGUE.values() if words & set(one.takes)] == []
    assert wish({"number": 22, "parameters": {"late": 5}}).parameters == {"late": 5}
