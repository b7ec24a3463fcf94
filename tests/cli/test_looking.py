"""Commands that only look: each says what there is, and its JSON says all of it."""

import json
from decimal import Decimal
from pathlib import Path

import pytest

from tests.cli.conftest import Typed
from tests.cli.world import CONIDS

EVERY_LOOK = [
    ("why",),
    ("runs", "list"),
    ("signals", "list"),
    ("orders", "list"),
    ("positions",),
    ("portfolio",),
    ("notifications", "list"),
    ("audit", "list"),
    ("audit", "verify"),
    ("strategies", "list"),
    ("prompts", "list"),
    ("indicators", "list"),
    ("indicators", "list", "--family", "levels"),
    ("indicators", "show", "ichimoku"),
    ("indicators", "sets"),
    ("indicators", "sets", "list"),
    ("indicators", "sets", "show", "momentum"),
    ("schedules", "list"),
    ("schedules", "next"),
    ("schedules", "show"),
    ("risk", "limits"),
    ("models", "budgets"),
    ("approvals", "list"),
    ("session", "status"),
    ("doctor",),
]


@pytest.mark.parametrize("words", EVERY_LOOK, ids=" ".join)
def test_a_look_answers_in_words_and_in_json(type_in: Typed, words: tuple[str, ...]) -> None:
    told = type_in(*words)
    assert (told.code, told.err) == (0, "")
    assert told.out.strip()
    assert type_in(*words, "--json").json


@pytest.mark.parametrize("words", EVERY_LOOK, ids=" ".join)
def test_a_look_at_an_empty_home_is_no_error(type_in: Typed, words: tuple[str, ...], tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "empty/settings.toml").write_text('clock_url = "memory:"\nbroker_url = "memory:"\n')
    told = type_in(*words, at=tmp_path / "empty")
    assert (told.code, told.err) == (0, "")


def test_orders_are_named_by_symbol_with_their_state(type_in: Typed) -> None:
    lines = type_in("orders", "list").out.splitlines()
    entry = next(line for line in lines if "entry" in line and "AAPL" in line)
    assert "filled" in entry
    assert len(type_in("orders", "list", "--json").json) == 6
    assert {one["state"] for one in type_in("orders", "list", "--open", "--json").json} == {
        "working",
        "reserved",
    }


def test_an_order_is_shown_with_ticket_facts_and_fills(type_in: Typed) -> None:
    entry = _entry(type_in)
    told = type_in("orders", "show", entry[:8]).out
    assert "BUY 41 AAPL LMT" in told
    assert "commission 1" in told
    shown = type_in("orders", "show", entry, "--json").json
    assert shown["executions"][0]["execution"] == "0000e0d5.1"
    assert shown["facts"]


def test_a_run_tells_its_whole_story(type_in: Typed) -> None:
    run = _run(type_in, "AAPL")
    told = type_in("runs", "show", run[:8]).out
    assert "BUY: three_of_four" in told
    assert "RULES" not in told
    shown = type_in("runs", "show", run, "--json").json
    assert shown["story"]["signal"]["action"] == "BUY"
    assert len(shown["orders"]) == 3
    assert {row["moment"] for row in shown["verdicts"]} == {"reserve"}


def test_runs_can_be_narrowed_to_a_state(type_in: Typed) -> None:
    found = type_in("runs", "list", "--state", "no_trade", "--json").json
    assert [run["symbol"] for run in found] == ["MSFT"]


def test_a_signal_is_shown_with_its_prices_and_checks(type_in: Typed) -> None:
    told = type_in("signals", "show", _run(type_in, "AAPL")).out
    assert "reward / risk" in told
    assert "V11" in told


def test_verdicts_of_a_run_are_all_there(type_in: Typed) -> None:
    rules = {rule["rule"] for rule in type_in("risk", "limits", "--json").json}
    told = type_in("risk", "verdicts", _run(type_in, "AAPL"), "--json").json
    assert {one["verdict"]["rule"] for one in told} == rules


def test_the_picture_of_a_run_is_written_as_png_and_svg(type_in: Typed, tmp_path: Path) -> None:
    run = _run(type_in, "AAPL")
    for name, begins in (("chart.png", b"\x89PNG"), ("chart.svg", b"<svg")):
        assert type_in("charts", "show", run, "-o", str(tmp_path / name)).code == 0
        assert (tmp_path / name).read_bytes().startswith(begins)


def test_positions_show_shares_average_stop_and_its_protection(type_in: Typed) -> None:
    told = type_in("positions").out.splitlines()[1].split()
    assert told[:3] == ["AAPL", "rising", "41"]
    assert "live" in told


def test_T_34_positions_say_when_the_broker_ends_a_stop(type_in: Typed) -> None:
    told = type_in("positions", "--json").json
    assert set(told["stops_end"]) == {one["symbol"] for one in told["held"]}
    assert all(end > "2012-10-01" for end in told["stops_end"].values())
    assert "stop ends" in type_in("positions").out


def test_the_books_show_equity_and_what_is_open(type_in: Typed) -> None:
    books = type_in("portfolio", "--json").json["books"]
    assert books["commissions"].startswith("1")
    assert "equity" in type_in("portfolio").out


def test_T_70_the_books_say_where_cash_went_and_what_nothing_explains(type_in: Typed) -> None:
    report = type_in("portfolio", "--json").json["report"]
    assert set(report["books"]["lanes"]) == {
        "trades", "commissions", "dividends", "interest", "fees", "deposits", "fx",
    }  # fmt: skip
    assert {"lots", "standing", "statistics", "realised", "cash", "days", "by_strategy"} <= set(report)
    out = type_in("portfolio").out
    for word in ("unexplained", "dividends", "drawdown", "today"):
        assert word in out


def test_why_gives_each_symbol_one_line_with_what_stopped_it_and_what_would_pass(type_in: Typed) -> None:
    lines = {line["symbol"]: line for line in type_in("why", "--json").json}
    assert set(lines) == set(CONIDS)
    assert lines["AAPL"]["stopped_by"] == "nothing"
    assert lines["IBM"]["stopped_by"] == "approval"
    assert "approvals approve" in lines["IBM"]["passes"]
    assert lines["MSFT"]["stopped_by"] == "NO_SIGNAL HOLD"
    assert "0 of 4 checks are bullish" in lines["MSFT"]["number"]
    assert lines["MSFT"]["passes"]


def test_why_can_be_narrowed_to_strategy_symbol_and_date(type_in: Typed) -> None:
    assert [one["symbol"] for one in type_in("why", "falling", "--json").json] == ["MSFT"]
    assert [one["symbol"] for one in type_in("why", "--symbol", "ibm", "--json").json] == ["IBM"]
    none = type_in("why", "rising", "--date", "2012-09-28", "--json").json
    assert none[0]["stopped_by"] == "nothing was due on 2012-09-28"


def test_lineage_leads_from_an_order_to_its_bars_without_a_gap(type_in: Typed) -> None:
    graph = json.loads(type_in("lineage", _entry(type_in), "--format", "json").out)
    by_id = {node["id"]: node for node in graph["nodes"]}
    above: dict[str, list[str]] = {}
    for before, after in graph["edges"]:
        above.setdefault(after, []).append(before)
    reached, open_ends = set[str](), [graph["root"]]
    while open_ends:
        here = open_ends.pop()
        reached.add(by_id[here]["kind"])
        open_ends += above.get(here, [])
    assert {
        "order",
        "intent",
        "verdicts",
        "signal",
        "answer",
        "question",
        "prompt",
        "charts",
        "indicators",
    } <= reached
    assert {"bars", "run", "slot", "strategy", "code"} <= reached
    assert all(node[name] for node in graph["nodes"] for name in ("id", "kind", "entity", "sha256"))
    assert all(value is not None for node in graph["nodes"] for value in node.values())


def test_lineage_verified_recomputes_every_hash(type_in: Typed) -> None:
    told = type_in("lineage", _entry(type_in), "--verify")
    assert told.code == 0, told.err
    assert "every hash holds" in told.out
    assert type_in("lineage", _entry(type_in), "--verify", "--json").json["verified"] is True


def test_lineage_of_a_damaged_picture_is_an_error_with_its_node(type_in: Typed, home: Path) -> None:
    entry = _entry(type_in)
    graph = type_in("lineage", entry, "--json").json
    sha256 = next(node["artifacts"][0] for node in graph["nodes"] if node["kind"] == "charts")
    for file in (home / "artifacts").rglob(f"*{sha256[-40:]}*"):
        file.chmod(0o600)
        file.write_bytes(b"something else")
    told = type_in("lineage", entry, "--verify")
    assert told.code == 1
    assert told.err.startswith("error: lineage: ")
    assert "charts:" in told.err


def test_a_tree_names_each_node_once_in_full(type_in: Typed) -> None:
    lines = type_in("lineage", _entry(type_in)).out.splitlines()
    assert lines[0].startswith("order ")
    full = [line.split()[0] + line.split()[1] for line in lines if "(above)" not in line]
    assert len(full) == len(set(full))


def test_doctor_names_what_works(type_in: Typed) -> None:
    told = {one["check"]: one["state"] for one in type_in("doctor", "--json").json}
    assert told["database"] == told["artifacts"] == told["audit"] == told["account"] == "ok"


def test_doctor_says_that_a_symbol_cannot_be_read_without_the_dealer(type_in: Typed) -> None:
    told = type_in("doctor", "--symbols", "AAPL")
    assert told.code == 1
    assert "bad   AAPL" in told.out


def _entry(type_in: Typed) -> str:
    found = type_in("orders", "list", "--strategy", "rising", "--json").json
    return str(next(order["order"] for order in found if order["role"] == "entry"))


def _run(type_in: Typed, symbol: str) -> str:
    return str(next(run["run"] for run in type_in("runs", "list", "--json").json if run["symbol"] == symbol))


def test_a_strategy_is_shown_as_its_file_with_state_and_next_slot(type_in: Typed) -> None:
    told = type_in("strategies", "show", "rising").out
    assert "enabled" in told
    assert "next slot 2012-10-02 13:00Z" in " ".join(told.split())
    assert "symbols: [AAPL]" in told
    assert type_in("strategies", "show", "rising", "--json").json["preview"]["problems"] == []


def test_a_known_contract_is_shown_with_how_it_may_be_ordered(type_in: Typed) -> None:
    told = type_in("contracts", "show", str(CONIDS["AAPL"])).out
    assert "LMT, MKT, STP" in told
    assert "0.01 from 0" in told


def test_a_search_names_every_listing(type_in: Typed, with_broker: None) -> None:
    found = type_in("contracts", "search", "a", "--json").json
    assert [one["contract"]["symbol"] for one in found] == ["AAPL"]
    assert "yes" in type_in("contracts", "search", "AAPL").out


@pytest.mark.parametrize("options", [(), ("-i", "rsi:length=2"), ("-i", "bb:length=20,width=2.5")])
def test_indicators_are_previewed_over_the_last_bars(
    type_in: Typed, with_broker: None, options: tuple[str, ...]
) -> None:
    found = type_in("indicators", "preview", "aapl", *options, "--json").json
    assert len(found) == 5
    assert found[-1]["session"] == "2012-10-01"
    assert all(value is not None for value in found[-1].values())


@pytest.mark.parametrize("name", ["momentum", "trend", "levels"])
def test_a_packaged_set_is_previewed_in_numbers_and_as_a_picture(
    type_in: Typed, with_broker: None, tmp_path: Path, name: str
) -> None:
    values = type_in("indicators", "preview", "AAPL", "--set", name, "--json").json
    assert len(values[-1]) > 5
    for ending, first in (("png", b"\x89PNG"), ("svg", b"<svg")):
        picture = tmp_path / f"{name}.{ending}"
        told = type_in("indicators", "preview", "AAPL", "--set", name, "-o", str(picture), "--theme", "dark")
        assert (told.code, told.err) == (0, "")
        assert picture.read_bytes().startswith(first)


def test_doctor_reads_a_symbol_through_the_broker(type_in: Typed, with_broker: None) -> None:
    told = type_in("doctor", "--symbols", "AAPL", "--json")
    assert told.code == 0
    assert told.json[-1]["feed"]["conid"] == CONIDS["AAPL"]
    assert told.json[-1]["detail"].endswith("(DPB: snapshots, top of book); 30 daily bars to 2012-10-01")


def test_doctor_at_a_new_home_makes_it_and_says_what_to_start(type_in: Typed, tmp_path: Path) -> None:
    (tmp_path / "new").mkdir()
    (tmp_path / "new/settings.toml").write_text('clock_url = "memory:"\nbroker_url = "memory:"\n')
    told = type_in("doctor", at=tmp_path / "new")
    assert told.code == 0
    assert "look  session" in told.out
    assert "start `glassdesk up`" in told.out


def test_doctor_names_a_database_that_cannot_be_opened(type_in: Typed, home: Path) -> None:
    (home / "glassdesk.sqlite").write_bytes(b"no database at all" * 1000)
    told = type_in("doctor")
    assert told.code == 1
    assert "bad   database" in told.out


def test_portfolio_explain_takes_a_number_apart(type_in: Typed) -> None:
    [cash] = type_in("portfolio", "explain", "cash", "--json").json
    assert sum(Decimal(part["amount"]) for part in cash["parts"]) == Decimal(cash["value"])
    shown = type_in("portfolio", "explain").out
    for words in ("unrealised", "at first sight of the account", "commission of BUY", "execution:"):
        assert words in shown
    assert type_in("portfolio", "explain", "luck").code == 2
    assert "there is no number 'luck' (one of equity, cash" in type_in("portfolio", "explain", "luck").err
    assert type_in("portfolio", "sell").code == 2
