"""From an order back to its bars without a gap, and no change of anything stored goes unnoticed.

Each change is made on a copy of the demo's home, behind the triggers that would refuse it.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from tests.journeys import stage
from tests.journeys.conftest import CopyHome, Typed

pytestmark = [pytest.mark.journey, pytest.mark.process, pytest.mark.slow]

ON_THE_WAY = {
    "order",
    "intent",
    "verdicts",
    "signal",
    "answer",
    "question",
    "prompt",
    "charts",
    "indicators",
    "bars",
    "preflight",
    "run",
    "slot",
    "strategy",
    "code",
}


def _entry(home: stage.Home) -> dict[str, Any]:
    """The newest entry's order row."""
    return home.rows("select * from orders where role = 'entry' order by reserved_at desc limit 1")[0]


def _lineage(home: stage.Home, order: str, *words: str) -> stage.Told:
    return stage.glassdesk("lineage", order, *words, "--home", str(home.folder), cwd=home.folder)


def _nulls(value: object, path: str = "") -> Iterator[str]:
    if value is None:
        yield path
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        yield from _nulls(item, f"{path}.{key}")


def test_it_reaches_from_the_order_to_the_bars_hash_without_a_gap(forty_days: stage.Demo) -> None:
    order = _entry(forty_days.home)
    told = _lineage(forty_days.home, order["order"], "--format", "json")
    assert told.code == 0, told.err
    nodes = {node["id"]: node for node in told.json["nodes"]}
    parents: dict[str, list[str]] = {name: [] for name in nodes}
    for above, below in told.json["edges"]:
        parents[below].append(above)
    seen, open_ends = set(), [f"order:{order['order']}"]
    while open_ends:
        name = open_ends.pop()
        seen.add(name)
        open_ends += [above for above in parents[name] if above not in seen]
    assert seen == set(nodes)
    assert {nodes[name]["kind"] for name in seen} == ON_THE_WAY
    without = {name: [key for key, value in node.items() if value is None] for name, node in nodes.items()}
    assert not any(without.values())
    bars = nodes[f"bars:{order['run']}"]
    assert len(bars["content_sha256"]) == len(bars["sha256"]) == 64
    assert len(bars["content"]["daily"]["bars"]) == 250


def test_what_the_decision_rests_on_has_no_null_in_it(forty_days: stage.Demo, typed: Typed) -> None:
    """Of prices, verdicts and tickets; what does not apply to this order is named here."""
    order = _entry(forty_days.home)
    told = typed(forty_days.home, "lineage", order["order"], "--format", "json")
    content = {node["kind"]: node["content"] for node in told.json["nodes"]}
    allowed = {
        "bars": {".days", ".monthly"},
        "intent": {".terms.ttl_seconds"},
        "order": {".parent_coid"},
        "signal": {".confidence", ".probability", ".target_2"},
    }
    for kind in ("bars", "preflight", "run", "slot", "prompt", "code", "intent", "order"):
        assert set(_nulls(content[kind])) <= allowed.get(kind, set()), kind
    assert {".stop", ".target", ".entry_high"}.isdisjoint(_nulls(content["signal"]))


def test_every_order_of_the_demo_verifies(forty_days: stage.Demo) -> None:
    order = _entry(forty_days.home)
    told = _lineage(forty_days.home, order["order"], "--verify", "--json")
    assert told.code == 0, told.err
    assert told.json["verified"] is True
    assert told.json["findings"] == []


@contextmanager
def _behind_the_triggers(home: stage.Home) -> Iterator[sqlite3.Connection]:
    database = sqlite3.connect(home.database)
    names = database.execute("select name from sqlite_master where type = 'trigger'").fetchall()
    for (name,) in names:
        database.execute(f'drop trigger "{name}"')
    yield database
    database.commit()
    database.close()


def _change(home: stage.Home, table: str, column: str, where: str, change: Callable[[str], str]) -> None:
    """Rewrite one text of one row, which has to be there and to become another."""
    with _behind_the_triggers(home) as database:
        rows = database.execute(f'select rowid, "{column}" from {table} where {where}').fetchall()  # noqa: S608
        assert rows, where
        rowid, before = rows[0]
        after = change(before)
        assert after != before
        database.execute(f'update {table} set "{column}" = ? where rowid = ?', (after, rowid))  # noqa: S608


def _dearer_bar(text: str, close: str = "") -> str:
    """The last bar closes at its high, or at `close`."""
    content = json.loads(text)
    last = content["daily"]["bars"][-1]
    last["close"] = close or last["high"]
    return json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def _artifact(home: stage.Home, order: dict[str, Any]) -> str:
    sha256 = home.rows("select sha256 from node_artifacts where node = ?", f"charts:{order['run']}")[0][
        "sha256"
    ]
    [file] = [path for path in (home.folder / "artifacts").rglob("*") if sha256 in path.name.replace("/", "")]
    data = bytearray(file.read_bytes())
    data[len(data) // 2] ^= 1
    file.chmod(0o644)
    file.write_bytes(data)
    return f"charts:{order['run']}"


def _impossible_bar_in_the_node(home: stage.Home, order: dict[str, Any]) -> str:
    """Outside its day's range: no bar at all, so the pure steps cannot even run."""
    name = f"bars:{order['run']}"
    _change(home, "nodes", "content", f"node = '{name}'", lambda text: _dearer_bar(text, "1.23"))
    return name


def _bar_in_the_node(home: stage.Home, order: dict[str, Any]) -> str:
    name = f"bars:{order['run']}"
    _change(home, "nodes", "content", f"node = '{name}'", _dearer_bar)
    return name


def _step(home: stage.Home, order: dict[str, Any]) -> str:
    where = f"run = '{order['run']}' and name = 'bars'"
    _change(home, "run_steps", "output", where, _dearer_bar)
    return f"bars:{order['run']}"


def _signal(home: stage.Home, order: dict[str, Any]) -> str:
    where = f"run = '{order['run']}'"
    _change(home, "signals", "body", where, lambda text: text.replace('"BUY"', '"SELL"'))
    return f"signal:{order['run']}"


def _verdict(home: stage.Home, order: dict[str, Any]) -> str:
    where = f"run = '{order['run']}' and moment = 'reserve'"
    _change(home, "verdicts", "observed", where, lambda text: f"{text} or so")
    return f"verdicts:{order['run']}"


def _intent_quantity(home: stage.Home, order: dict[str, Any]) -> str:
    with _behind_the_triggers(home) as database:
        database.execute("update intents set quantity = quantity * 2 where intent = ?", (order["intent"],))
    return f"intent:{order['intent']}"


def _ticket(home: stage.Home, order: dict[str, Any]) -> str:
    where = f"\"order\" = '{order['order']}'"
    _change(home, "orders", "ticket", where, lambda text: text.replace('"BUY"', '"SELL"'))
    return f"order:{order['order']}"


def _dearer_ticket(home: stage.Home, order: dict[str, Any]) -> str:
    """An entry pays less than was reserved, never more."""
    price = json.loads(order["ticket"])["price"]
    where = f"\"order\" = '{order['order']}'"
    _change(home, "orders", "ticket", where, lambda text: text.replace(price, "999.99"))
    return f"order:{order['order']}"


CHANGES = (
    _artifact,
    _bar_in_the_node,
    _impossible_bar_in_the_node,
    _step,
    _signal,
    _verdict,
    _intent_quantity,
    _ticket,
    _dearer_ticket,
)


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__.strip("_"))
def test_a_change_is_noticed_and_named(
    forty_days: stage.Demo,
    copied: CopyHome,
    typed: Typed,
    change: Callable[[stage.Home, dict[str, Any]], str],
) -> None:
    home = copied(forty_days.home)
    order = _entry(home)
    where = change(home, order)
    told = typed(home, "lineage", order["order"], "--verify", "--json")
    assert told.code == 1
    assert where in {finding["node"] for finding in told.json["findings"]}
    assert "finding(s); the first at" in told.complaint


def test_a_changed_audit_row_is_noticed_and_named(
    forty_days: stage.Demo, copied: CopyHome, typed: Typed
) -> None:
    home = copied(forty_days.home)
    assert typed(home, "audit", "verify").code == 0
    _change(home, "audit", "body", "seq = 40", lambda text: text.replace("{", '{"so":1,', 1))
    told = typed(home, "audit", "verify")
    assert told.code == 1
    assert "row 40" in told.complaint


def test_an_audit_row_cut_off_at_the_end_is_noticed(
    forty_days: stage.Demo, copied: CopyHome, typed: Typed
) -> None:
    home = copied(forty_days.home)
    with _behind_the_triggers(home) as database:
        database.execute("delete from audit where seq = (select max(seq) from audit)")
    told = typed(home, "audit", "verify")
    assert told.code == 1
    assert "the chain ends" in told.complaint


def test_the_database_refuses_such_changes_itself(forty_days: stage.Demo, copied: CopyHome) -> None:
    home = copied(forty_days.home)
    refused = (
        "update nodes set content = '{}'",
        "update run_steps set output = '{}'",
        "update verdicts set observed = 'x'",
        "update intents set quantity = 1",
        "update audit set body = '{}'",
        "delete from nodes",
        "delete from orders",
    )
    database = sqlite3.connect(home.database)
    for statement in refused:
        with pytest.raises(sqlite3.IntegrityError, match="integrity:"):
            database.execute(statement)
    database.close()
