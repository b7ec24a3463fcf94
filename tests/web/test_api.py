"""The REST API: typed answers, problem documents, and a description that tells the truth."""

from __future__ import annotations

from typing import Any

import pytest
from httpx2 import Response

from tests.web.visitor import BASE, Visitor
from tests.web.world import dips, furnish

READS = [
    "status", "session", "processes", "commands", "contracts",
    "contracts/265598", "contracts/search?q=AAPL", "indicators",
    "indicators/sets", "indicators/sets/momentum", "indicators/sets/momentum/versions",
    "prompts", "prompts/chart-analyst", "prompts/chart-analyst/labels",
    "prompts?kind=combined&label=live&limit=5", "prompts/chart-analyst/moves", "strategies",
    "strategies/trend", "strategies/trend/versions", "schedules/next", "schedules/slots", "runs", "signals",
    "signals/latest", "signals?symbol=AAPL",
    "orders", "orders/owner", "approvals", "positions", "portfolio", "portfolio/snapshots",
    "portfolio/trades", "portfolio/report", "portfolio/curve", "portfolio/cash", "risk/halt", "risk/rules",
    "notifications", "audit", "audit/verify",
]  # fmt: skip


NOTHING_YET = ("portfolio/cash", "approvals", "orders/owner")


def api(visitor: Visitor, path: str) -> Any:
    answer = visitor.get(f"/api/v1/{path}")
    assert answer.status_code == 200, answer.text
    return answer.json()


def act(visitor: Visitor, path: str, body: object = None) -> Response:
    headers = {"x-csrf-token": visitor.token("/risk"), "origin": BASE}
    return visitor.client.post(f"/api/v1/{path}", json=body, headers=headers)


@pytest.mark.parametrize("path", READS)
def test_everything_a_page_shows_can_be_read(reader: Visitor, path: str) -> None:
    # Nothing has moved cash but trades in that week, no strategy asks first, and the owner is away.
    assert api(reader, path) or path in NOTHING_YET


def test_numbers_of_money_are_text_and_instants_are_utc(reader: Visitor) -> None:
    books = api(reader, "portfolio")
    assert books["equity"] == "100354.76"
    assert books["as_of"] == "2012-10-09T12:00:00Z"


def test_a_run_comes_with_all_that_belongs_to_it(reader: Visitor) -> None:
    runs = api(reader, "runs?strategy=dips&limit=1")
    whole = api(reader, f"runs/{runs[0]['run'][:8]}")
    assert whole["run"]["strategy"] == "dips"
    assert [step["name"] for step in whole["steps"]][:2] == ["preflight", "bars"]
    assert whole["signal"]["signal"]["action"] == "HOLD"


def test_lineage_of_an_order_is_read_and_verified(reader: Visitor) -> None:
    order = next(o for o in api(reader, "orders") if o["role"] == "entry" and o["filled"] != "0")
    graph = api(reader, f"lineage/order:{order['order']}")
    kinds = {node["kind"] for node in graph["nodes"]}
    assert {"bars", "charts", "prompt", "answer", "signal", "verdicts", "intent", "order"} <= kinds
    assert api(reader, f"lineage/order:{order['order']}/verify")["findings"] == []
    assert api(reader, f"orders/{order['order']}")["executions"]


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("runs/ffffffffffff", 404, "not_found"),
        ("strategies/none", 404, "not_found"),
        ("orders/ffffffffffff", 404, "not_found"),
        ("contracts/search?q=", 422, "invalid"),
        ("contracts/search", 422, "invalid"),
        ("runs?limit=0", 422, "invalid"),
        ("nowhere", 404, "http"),
        ("lineage/short", 422, "invalid"),
    ],
)
def test_errors_are_problem_documents(reader: Visitor, path: str, status: int, code: str) -> None:
    answer = reader.get(f"/api/v1/{path}")
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert problem["status"] == status
    assert problem["code"] == code
    assert problem["title"]
    assert problem["detail"]


def test_a_program_halts_and_resumes(owner: Visitor) -> None:
    halted = act(owner, "risk/halt", {"level": "REDUCE_ONLY", "reason": "by program"})
    assert halted.json()["level"] == 2
    refused = act(owner, "risk/halt", {"level": "FREEZE", "reason": "by program"})
    assert refused.status_code == 422
    assert refused.json()["where"] == "typed"
    assert act(owner, "risk/resume", {"reason": "done"}).json()["level"] == 0


def test_a_program_makes_and_enables_a_strategy(owner: Visitor) -> None:
    furnish(owner.world)
    plain = owner.get("/api/v1/strategies/dips").json()["strategy"]
    made = act(owner, "strategies?message=by+program", {**plain, "name": "more-dips"})
    assert made.status_code == 201, made.text
    assert made.json()["message"] == "by program"
    assert made.json()["strategy"]["limits"]["risk_per_trade"] == str(dips().limits.risk_per_trade)
    refused = act(owner, "strategies/more-dips/enable")
    assert refused.status_code == 403
    assert "belongs to the strategy dips" in refused.json()["detail"]
    assert act(owner, "strategies/dips/disable").json()["state"] == "disabled"
    assert act(owner, "strategies/more-dips/enable").json()["state"] == "enabled"


def test_signals_are_made_in_a_batch_and_the_newest_of_each_contract_is_told(owner: Visitor) -> None:
    """R-52: as many at once as the desk has workers; a symbol that is not the strategy's is refused."""
    furnish(owner.world)
    due = act(owner, "strategies/trend/run", {"symbols": []})
    assert due.status_code == 202
    runs = due.json()["runs"]
    assert len(runs) >= 1
    for run in runs:
        owner.world.pipeline.execute(run)
    latest = api(owner, "signals/latest?strategy=trend")
    assert sorted(one["signal"]["run"] for one in latest) == sorted(runs)
    symbol = latest[0]["signal"]["symbol"]
    assert {one["signal"]["symbol"] for one in api(owner, f"signals?symbol={symbol}")} == {symbol}
    assert act(owner, "strategies/trend/run", {"symbols": ["NOSUCH"]}).status_code == 404


def test_a_strategy_that_cannot_be_is_refused_with_its_field(owner: Visitor) -> None:
    furnish(owner.world)
    plain = owner.get("/api/v1/strategies/dips").json()["strategy"]
    answer = act(owner, "strategies", {**plain, "exits": {**plain["exits"], "stop_atr": "0"}})
    assert answer.status_code == 422
    assert answer.json()["where"] == "exits.stop_atr"
    shapeless = act(owner, "strategies", {"name": "x"})
    assert shapeless.status_code == 422
    assert shapeless.headers["content-type"] == "application/problem+json"


def test_a_set_is_kept_changed_and_computed_by_program(owner: Visitor) -> None:
    furnish(owner.world)
    wish = {"name": "own", "indicators": ["rsi:length=2", "vwap:anchor=week"], "message": "first"}
    assert act(owner, "indicators/sets", wish).json()["version"] == 1
    changed = act(owner, "indicators/sets", {**wish, "base": 1, "indicators": ["obv"]})
    assert (changed.status_code, changed.json()["version"]) == (201, 2)
    assert act(owner, "indicators/sets", {**wish, "base": 1}).status_code == 409
    wrong = act(owner, "indicators/sets", {**wish, "base": 2, "indicators": ["rsi:length=0"]})
    assert (wrong.status_code, wrong.json()["where"]) == (422, "rsi.length")
    assert len(api(owner, "indicators/sets/own/versions")) == 2
    values = api(owner, "indicators/values/265598?i=rsi:length=2&i=sma:length=400")
    assert [line["name"] for line in values["lines"]] == ["rsi_2", "sma_400"]
    assert len(values["sessions"]) == len(values["lines"][0]["values"])
    assert owner.get("/api/v1/indicators/values/265598?i=zsi").status_code == 422


def test_an_order_that_is_not_there_cannot_be_cancelled(owner: Visitor) -> None:
    assert act(owner, "orders/ffffffffffff/cancel").status_code == 404


def test_the_description_names_every_operation_and_its_errors(reader: Visitor) -> None:
    described = reader.get("/api/v1/openapi.json").json()
    assert described["openapi"].startswith("3.")
    assert all(path.startswith("/api/v1/") for path in described["paths"])
    for path, methods in described["paths"].items():
        for operation in methods.values():
            assert operation.get("description"), path
            assert "application/problem+json" in operation["responses"]["404"]["content"], path
    assert len(described["paths"]) >= 35
