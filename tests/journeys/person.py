"""Plays the person at a desk for a few days, then lays open what the desk and the broker hold.

`python -m tests.journeys.person HOME --days N` beside roles that run elsewhere, with `--embedded` as all
roles in one. With `--queue URL` it also spoils the queue: on the second day messages are lost, on the third
they come three times. On the evening of `--change DAY` it waits for another dealer. It says `seated` once
simulated time waits for it, `day N` in the evenings, and ends with one JSON object.
"""

from __future__ import annotations

import argparse
import json
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import redis

from glassdesk.adapters.jobs.celery_app import QUEUE
from glassdesk.adapters.simulation import ControlPlane
from glassdesk.cli.embedded import open_embedded
from glassdesk.composition.examples import load_examples
from glassdesk.composition.ground import Ground, open_ground
from glassdesk.composition.reading import reading_desk
from glassdesk.composition.verifying import verify
from glassdesk.desk import Desk
from glassdesk.kernel.unit_of_work import Transaction
from glassdesk.settings import load
from glassdesk.workflow.orders.model import Order
from glassdesk.workflow.runs.model import Run

MANY = 100_000
PATIENCE = 60.0
LOST_DAY, DOUBLED_DAY = 2, 3
CAUGHT = 7
"""Messages of these days that no worker gets at first; a day has five runs."""


def main() -> None:
    """See the module."""
    asked = _asked()
    settings = load(asked.home)
    if asked.embedded:
        with open_embedded(settings) as running, _seated(running.ground) as control:
            running.start()
            _days(running.ground, running.desk, control, asked)
            _say(json.dumps(books(running.ground, running.desk, control)))
    else:
        with open_ground(settings) as ground, reading_desk(ground) as desk, _seated(ground) as control:
            _days(ground, desk, control, asked)
            _say(json.dumps(books(ground, desk, control)))


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    parser.add_argument("home", type=Path)
    parser.add_argument("--days", type=int, required=True)
    parser.add_argument("--embedded", action="store_true")
    parser.add_argument("--queue", default="")
    parser.add_argument("--change", type=int, default=0)
    return parser.parse_args()


@contextmanager
def _seated(ground: Ground) -> Iterator[ControlPlane]:
    """Simulated time stands while the person works, also before anybody else comes."""
    assert ground.simulator is not None
    control = ControlPlane(ground.simulator)
    with ground.clock.working("person", "person"):
        control.sign_in()
        _say("seated")
        yield control
    control.close()


def _days(ground: Ground, desk: Desk, control: ControlPlane, asked: argparse.Namespace) -> None:
    _until(lambda: bool(_names(control, "worker")) and bool(_names(control, "dealer")))
    _until(lambda: _ready(desk))
    load_examples(desk, "person")
    for day in range(1, asked.days + 1):
        with _disturbed(asked.queue, day):
            hours = desk.contracts.next_session("XNYS", ground.clock.now())
            ground.clock.wait_until(hours.closes_at + timedelta(minutes=15))
        before = _names(control, "dealer")
        _say(f"day {day}")
        if day == asked.change:
            _until(partial(_somebody_else, control, before))
            _until(partial(_ready, desk))
    control.pause()


def _names(control: ControlPlane, role: str) -> set[str]:
    """Who of a role is in the round."""
    return {row["name"] for row in control.clock()["participants"] if row["role"] == role}


def _somebody_else(control: ControlPlane, known: set[str]) -> bool:
    return bool(_names(control, "dealer") - known)


def _until(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not true():
        if time.monotonic() > deadline:
            raise TimeoutError("the roles did not come up")
        time.sleep(0.02)


def _ready(desk: Desk) -> bool:
    with desk.transactions.read() as t:
        status = desk.session.status(t)
        return status is not None and status.ready and bool(desk.session.accounts(t))


# --- bad days of the queue


@contextmanager
def _disturbed(queue: str, day: int) -> Iterator[None]:
    if not queue or day not in (LOST_DAY, DOUBLED_DAY):
        yield
        return
    client, over = redis.Redis.from_url(queue), threading.Event()
    first_in_line: list[Any] = [client.connection_pool.get_connection() for _ in range(CAUGHT)]
    for connection in first_in_line:
        connection.send_command("BRPOP", QUEUE, 0)
    # a worker asks anew each second: from then on it stands behind
    time.sleep(1.5)
    deed = _lose if day == LOST_DAY else _double
    thread = threading.Thread(target=deed, args=(client, first_in_line, over))
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
        for connection in first_in_line:
            connection.disconnect()
        client.close()


def _lose(client: Any, first_in_line: list[Any], over: threading.Event) -> None:
    """Drop the messages, and with each whatever else the server holds."""
    lost = 0
    for _ in _caught(first_in_line, over):
        client.flushall()
        lost += 1
    _say(f"lost {lost}")


def _double(client: Any, first_in_line: list[Any], over: threading.Event) -> None:
    """Put each message back three times."""
    doubled = 0
    for message in _caught(first_in_line, over):
        client.lpush(QUEUE, message, message, message)
        doubled += 1
    _say(f"doubled {doubled}")


def _caught(first_in_line: list[Any], over: threading.Event) -> Iterator[bytes]:
    for connection in first_in_line:
        while not connection.can_read(timeout=0.1):
            if over.is_set():
                return
        yield connection.read_response()[1]


# --- what is there at the end


def books(ground: Ground, desk: Desk, control: ControlPlane) -> dict[str, Any]:
    """Everything that must not depend on the parts a desk is made of, without anybody's ids."""
    with desk.transactions.read() as t:
        runs = list(desk.runs.runs(t, limit=MANY))
        names = {run.run: f"{run.strategy}@{run.slot.isoformat()} {run.symbol}" for run in runs}
        orders = list(desk.orders.orders(t, limit=MANY))
        told = {
            "deployment": desk.deployment,
            "run_ids": sorted(names),
            "runs": sorted([names[run.run], run.kind.value, run.state.value, run.reason] for run in runs),
            "sent": sum(order.broker_order_id is not None for order in orders),
            "orders": sorted(_order(order, names) for order in orders),
            "executions": sorted(_executions(desk, t, orders, names)),
            "positions": {p.symbol: str(p.quantity) for p in desk.positions.held(t, desk.account)},
            "equity": str(desk.portfolio.books(t, desk.account, desk.clock.now()).equity),
            "lineage": _lineage(ground, desk, t, runs, names),
            "calls": _calls(desk, t, runs, names),
            "findings": [str(f) for o in orders for f in verify(desk, t, f"order:{o.order}")[1]],
            "audited": desk.audit.verify(t),
            "late": [[names[run.run], str(run.claimed_at)] for run in runs if run.claimed_at != run.slot],
        }
    truth = {kind: len(control.truth(kind)) for kind in ("orders", "executions")}
    return told | {"broker": truth | {"equity": control.equity()["equity"]}}


def _order(order: Order, names: dict[str, str]) -> list[str]:
    ticket = order.ticket
    shown = (
        ticket.side,
        ticket.order_type,
        ticket.quantity,
        ticket.price,
        ticket.tif,
        order.state,
        order.filled,
        order.average_price,
    )
    return [names[order.run], order.role.value, *(str(value) for value in shown)]


def _executions(desk: Desk, t: Transaction, orders: list[Order], names: dict[str, str]) -> list[list[str]]:
    ours = {order.broker_order_id: order for order in orders}
    found = []
    for e in desk.tracking.executions(t):
        order = ours[e.broker_order_id]
        shown = (e.symbol, e.side, e.quantity, e.price, e.commission, e.executed_at.isoformat())
        found.append([names[order.run], order.role.value, *(str(value) for value in shown)])
    return found


def _lineage(
    ground: Ground, desk: Desk, t: Transaction, runs: list[Run], names: dict[str, str]
) -> list[list[str]]:
    """Kind, hash and content of every node; whose it is stands first, for people."""
    nodes = {node.node: node for run in runs for node in desk.lineage.nodes_of_run(t, run.run)}
    for name in sorted(nodes):
        for above in ground.stores.lineage.ancestry(t, name):
            nodes.setdefault(above.node, above)
    return sorted(
        [names.get(node.run or "", "root"), node.kind, node.sha256, node.content] for node in nodes.values()
    )


def _calls(desk: Desk, t: Transaction, runs: list[Run], names: dict[str, str]) -> list[list[str]]:
    found = []
    for run in runs:
        for call in desk.lineage.calls(t, f"run:{run.run}:"):
            step = call.purpose.rpartition(":")[2]
            found.append(
                [names[run.run], step, call.method, call.path, str(call.status), call.response_digest]
            )
    return sorted(found)


if __name__ == "__main__":
    main()
