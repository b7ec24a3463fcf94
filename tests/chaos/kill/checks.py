"""Invariants of `reliability.md` §5 that both sides' rows can show once the story is over. Each answers what
contradicts it, in words that name the row."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from datetime import timedelta
from decimal import Decimal
from itertools import pairwise

from sqlalchemy import text

from glassdesk.adapters.clocks import ManualClock
from glassdesk.adapters.database import open_database
from glassdesk.workflow.lineage.audit import Audit
from tests.chaos.kill.evidence import ACCOUNT, Evidence, Row, instant

Check = Callable[[Evidence], Iterator[str]]
_OVER = ("cancelled", "expired", "rejected", "abandoned")
_QUIET = timedelta(minutes=5, seconds=10)


def no_duplicate(seen: Evidence) -> Iterator[str]:
    """I-01."""
    for coid, count in Counter(one["coid"] for one in seen.ours).items():
        if count > 1:
            yield f"{coid} lives {count} times"
    intents = {row["coid"]: row["intent"] for row in seen.desk("orders")}
    for intent, count in Counter(intents.get(one["coid"]) for one in seen.ours).items():
        if count > 1 and intent:
            yield f"intent {intent} has {count} orders at the broker"


def one_order_an_intent(seen: Evidence) -> Iterator[str]:
    """I-02."""
    legs = Counter((row["run"], row["leg"]) for row in seen.desk("intents"))
    yield from (f"{leg} has {count} intents" for leg, count in legs.items() if count > 1)
    orders = Counter(row["intent"] for row in seen.desk("orders"))
    yield from (f"intent {one} has {count} orders" for one, count in orders.items() if count > 1)


def no_orphan(seen: Evidence) -> Iterator[str]:
    """I-03."""
    known = {row["coid"] for row in seen.desk("orders")}
    yield from (f"{one['coid']} has no row" for one in seen.ours if one["coid"] not in known)


def written_ahead(seen: Evidence) -> Iterator[str]:
    """I-04: whatever arrived was written down before, in the fence that sent it."""
    rows = {row["coid"]: row for row in seen.desk("orders")}
    sent: dict[str, list[Row]] = defaultdict(list)
    for send in seen.desk("sends"):
        if send["verb"] == "place":
            sent[send["order"]].append(send)
    for one in seen.ours:
        row = rows.get(one["coid"])
        if row is None:
            continue
        attempts = sent[row["order"]] + sent[row["parent"] or ""]
        arrived = instant(one["placed_at"])
        if not any(instant(attempt["started_at"]) <= arrived for attempt in attempts):
            yield f"{one['coid']} arrived at {arrived}, and no send was written down before"


def nothing_over_lives(seen: Evidence) -> Iterator[str]:
    """I-05 and I-08: over here is over there, with the same shares."""
    there = {one["coid"]: one for one in seen.ours}
    for row in seen.desk("orders"):
        one = there.get(row["coid"])
        if one is None:
            if row["state"] in ("working", "partial", "filled", "cancel_requested"):
                yield f"{row['role']} {row['coid']} is {row['state']} here and was never at the broker"
        elif row["state"] in _OVER and one["state"] == "live":
            yield f"{row['role']} {row['coid']} is {row['state']} here and lives at the broker"
        elif row["state"] != "needs_operator" and Decimal(row["filled"]) != one["filled"]:
            yield f"{row['coid']} has {row['filled']} here and {one['filled']} at the broker"


def fills_are_the_brokers(seen: Evidence) -> Iterator[str]:
    """I-06: effective executions are the same on both sides, to the share and cent."""
    here = Counter(
        (row["conid"], row["side"], Decimal(row["quantity"]), Decimal(row["price"])) for row in _newest(seen)
    )
    there = Counter(
        (one["conid"], one["side"], Decimal(one["quantity"]), Decimal(one["price"])) for one in seen.effective
    )
    yield from (f"only here: {fill} x {count}" for fill, count in (here - there).items())
    yield from (f"only at the broker: {fill} x {count}" for fill, count in (there - here).items())


def positions_are_the_brokers(seen: Evidence) -> Iterator[str]:
    """I-07: shares add up, or the difference is an open break."""
    held: Counter[int] = Counter()
    for row in _newest(seen):
        held[row["conid"]] += int(Decimal(row["quantity"])) * (1 if row["side"] == "BUY" else -1)
    breaks = {row["conid"] for row in seen.desk("breaks") if row["closed_at"] is None}
    for conid in seen.positions.keys() | held.keys():
        if held[conid] != seen.positions.get(conid, 0) and conid not in breaks:
            yield f"{conid}: {held[conid]} here, {seen.positions.get(conid, 0)} at the broker"


def no_short(seen: Evidence) -> Iterator[str]:
    """I-42 / T-36: shares never fall below zero."""
    held: Counter[int] = Counter()
    for one in seen.effective:
        held[one["conid"]] += one["quantity"] if one["side"] == "BUY" else -one["quantity"]
        if held[one["conid"]] < 0:
            yield f"{one['conid']} is short after {one['execution_id']}"


def sells_fit(seen: Evidence) -> Iterator[str]:
    """I-53 and T-36: what our stops, and all our sells together, could sell is there."""
    for conid in {one["conid"] for one in seen.orders}:
        live = [one for one in seen.ours if one["conid"] == conid and one["state"] == "live"]
        coming = sum(one["remaining"] for one in live if one["side"] == "BUY")
        room = seen.positions.get(conid, 0) + coming
        stops = sum(one["remaining"] for one in live if one["side"] == "SELL" and one["kind"] == "STP")
        groups: dict[str, int] = {}
        for one in live:
            if one["side"] == "SELL":
                key = str(one["oca"] or one["order_id"])
                groups[key] = max(groups.get(key, 0), one["remaining"])
        if max(stops, sum(groups.values())) > room:
            yield f"{conid}: stops of {stops} and sells of {sum(groups.values())} beside {room}"


def protected_or_told(seen: Evidence) -> Iterator[str]:
    """T-30 to T-33: shares of ours have a live stop, or a person was told that they have none."""
    told = " ".join(row["title"] for row in seen.desk("notifications"))
    alarmed = any(words in told for words in ("not protected", "lost its stop", "needs a person"))
    for conid, held in seen.positions.items():
        live = [one for one in seen.ours if one["conid"] == conid and one["state"] == "live"]
        stops = sum(one["remaining"] for one in live if one["side"] == "SELL" and one["kind"] == "STP")
        if stops < held and not alarmed:
            yield f"{conid}: {held} shares behind stops of {stops}, and nobody was told"


def nothing_hangs(seen: Evidence) -> Iterator[str]:
    """I-52: no send is under way, and nothing is of unknown fate for longer than five minutes."""
    for row in seen.desk("orders"):
        since = instant(row["last_sent_at"] or row["reserved_at"])
        if row["state"] == "sending":
            yield f"{row['coid']} is still being sent"
        if row["state"] == "unknown" and seen.now - since > _QUIET:
            yield f"{row['coid']} is of unknown fate since {since}"
    answered = {(row["order"], row["number"]) for row in seen.desk("send_outcomes")}
    for send in seen.desk("sends"):
        if (send["order"], send["number"]) not in answered:
            yield f"{send['verb']} {send['number']} of {send['order']} has no outcome"


def nothing_is_lost(seen: Evidence) -> Iterator[str]:
    """No decision whose window is open is forgotten: it was sent, or it says why not."""
    orders = {row["intent"]: row for row in seen.desk("orders")}
    for row in seen.desk("intents"):
        if row["parent"] is not None or row["state"] not in ("queued", "sent"):
            continue
        order = orders.get(row["intent"])
        if order is not None and order["state"] == "reserved" and instant(row["window_opens"]) < seen.now:
            yield f"intent {row['intent']} ({row['kind']}) is {row['state']}, its order was never sent"
    done = [row for row in seen.desk("commands") if row["done_at"] is None]
    yield from (f"the command {row['kind']} was never obeyed" for row in done)


def same_payload(seen: Evidence) -> Iterator[str]:
    """I-41: what may have arrived is never sent again with another content."""
    left_nothing = {
        (row["order"], row["number"]) for row in seen.desk("send_outcomes") if row["kind"] == "not_sent"
    }
    payloads: dict[str, set[str]] = defaultdict(set)
    for row in seen.desk("sends"):
        if row["verb"] == "place" and (row["order"], row["number"]) not in left_nothing:
            payloads[row["order"]].add(row["payload_sha256"])
    yield from (f"{order} went out as {found}" for order, found in payloads.items() if len(found) > 1)


def database_is_whole(seen: Evidence) -> Iterator[str]:
    """I-30."""
    if seen.engine.dialect.name != "sqlite":
        return
    with seen.engine.connect() as connection:
        told = connection.execute(text("PRAGMA integrity_check")).scalars().all()
        if told != ["ok"]:
            yield f"integrity_check: {told}"
        missing = connection.execute(text("PRAGMA foreign_key_check")).all()
        if missing:
            yield f"foreign_key_check: {missing}"


def audit_holds(seen: Evidence) -> Iterator[str]:
    """I-37 and I-38: the chain verifies, its head is the last row, every move of an order is in it."""
    stores = open_database(seen.engine.url.render_as_string(hide_password=False))
    try:
        with stores.transactions.read() as t:
            Audit(stores.audit, ManualClock(seen.now)).verify(t)
    except Exception as failure:  # noqa: BLE001 - whatever it is, the chain does not verify
        yield f"audit: {failure}"
    finally:
        stores.close()
    told = {row["ref"] for row in seen.desk("audit") if row["kind"].startswith("order.")}
    for row in seen.desk("orders"):
        if row["state"] != "reserved" and f"order:{row['order']}" not in told:
            yield f"{row['coid']} became {row['state']} and the audit does not know"


def fences_grow(seen: Evidence) -> Iterator[str]:
    """I-13: every reign has a fence of its own, and no send carries an older one than the send before it."""
    last = 0
    for row in sorted(seen.desk("audit"), key=lambda row: int(row["seq"])):
        if row["kind"] == "reign":
            fence = int(_body(row)["fence"])
            if fence <= last:
                yield f"reign {fence} after {last}"
            last = fence
    sends = sorted(seen.desk("sends"), key=lambda row: (row["order"], row["number"]))
    for before, after in pairwise(sends):
        if before["order"] == after["order"] and after["fence"] < before["fence"]:
            yield f"send {after['number']} of {after['order']} carries fence {after['fence']}"


def requests_are_of_the_account(seen: Evidence) -> Iterator[str]:
    """I-24: nothing was asked about another account."""
    for one in seen.requests:
        path = str(one["path"])
        if path.startswith(("/iserver/account/DU", "/iserver/account/U")) and ACCOUNT not in path:
            yield f"{one['method']} {path}"


def _newest(seen: Evidence) -> list[Row]:
    """The latest revision of every execution that was not busted."""
    newest: dict[str, Row] = {}
    for row in sorted(seen.desk("executions"), key=lambda row: int(row["revision"])):
        newest[row["execution"]] = row
    return [row for row in newest.values() if Decimal(row["quantity"])]


def _body(row: Row) -> Row:
    stated = row["body"]
    found: Row = json.loads(stated) if isinstance(stated, str) else stated
    return found


CHECKS: dict[str, Check] = {
    "I-01": no_duplicate,
    "I-02": one_order_an_intent,
    "I-03": no_orphan,
    "I-04": written_ahead,
    "I-05": nothing_over_lives,
    "I-06": fills_are_the_brokers,
    "I-07": positions_are_the_brokers,
    "I-13": fences_grow,
    "I-24": requests_are_of_the_account,
    "I-30": database_is_whole,
    "I-37": audit_holds,
    "I-41": same_payload,
    "I-42": no_short,
    "I-50": nothing_is_lost,
    "I-52": nothing_hangs,
    "I-53": sells_fit,
    "T-33": protected_or_told,
}


def violations(seen: Evidence) -> list[str]:
    """Everything that contradicts an invariant, its name first."""
    return [f"{name}: {words}" for name, check in CHECKS.items() for words in check(seen)]
