"""How many requests a second does the simulator answer, and how long does it take over a year?

The mix is a busy client's: 40 % live orders of 20 rows, 30 % snapshots, 20 % history of 250 bars, 10 %
orders, over four kept-alive TLS connections; server and client have a core each. The peer is the same server
software that answers the same paths with bytes of the same length made beforehand: no Python is faster.
The year is 252 days with 50 resting orders on 50 stocks and ten fills a day, moved by the control plane; the
peer answers as many requests.
"""

from __future__ import annotations

import http.client
import json
import os
import ssl
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count, cycle
from pathlib import Path
from typing import Any

from bench.answer import Answer, less_is_better, more_is_better
from bench.simulator_load import Next, Rate, measure, request

PEER = Path(__file__).parent / "peers" / "constant_https.py"
REQUESTS = 8000
ROWS, DAYS, STOCKS, FILLS = 20, 252, 50, 10
_ACCOUNT, _GOOD_FOR = "DU1234567", 60
_PEER_NAME = "uvicorn with httptools and TLS, constant bytes of the same length"
_MIX = ("orders", "quote", "orders", "bars", "quote", "orders", "place", "orders", "quote", "bars")


@dataclass(slots=True)
class Running:
    """A simulator process and one connection to it."""

    endpoint: dict[str, Any]
    connection: http.client.HTTPSConnection
    asked: int = 0

    def call(self, method: str, path: str, body: object = None) -> Any:
        """One request that must succeed."""
        self.asked += 1
        headers = {"User-Agent": "bench", "Content-Type": "application/json"}
        self.connection.request(method, path, b"" if body is None else json.dumps(body), headers)
        answer = self.connection.getresponse()
        content = json.loads(answer.read())
        if answer.status != 200:
            raise SystemExit(f"{method} {path}: {answer.status} {content}")
        return content

    def place(self, account: str, ticket: dict[str, Any]) -> None:
        """One order, with yes to its questions."""
        answer = self.call("POST", f"/v1/api/iserver/account/{account}/orders", {"orders": [ticket]})
        while "id" in answer[0]:
            answer = self.call("POST", f"/v1/api/iserver/reply/{answer[0]['id']}", {"confirmed": True})


@contextmanager
def running(*options: str) -> Iterator[Running]:
    """A simulator on a core of its own, signed in, without pacing."""
    with tempfile.TemporaryDirectory() as home:
        command = [sys.executable, "-m", "ibkr_simulator", "serve", "--port", "0", "--home", home, *options]
        process = subprocess.Popen([*command, "--switch", "pacing=off"], stdout=subprocess.PIPE)  # noqa: S603
        try:
            process.stdout.readline()  # type: ignore[union-attr]  # it is a pipe
            _keep_apart(process.pid)
            endpoint = json.loads((Path(home) / "endpoint.json").read_text())
            tls = ssl.create_default_context(cafile=endpoint["cert"])
            found = Running(endpoint, http.client.HTTPSConnection("localhost", endpoint["port"], context=tls))
            found.call("POST", "/control/person/sign-in", {"username": "paper", "password": "x"})
            for _ in range(2):
                for path in ("/iserver/accounts", "/iserver/account/orders", "/portfolio/accounts"):
                    found.call("GET", f"/v1/api{path}")
            yield found
            found.connection.close()
        finally:
            process.terminate()
            process.wait(10)


def _keep_apart(server: int) -> None:
    cores = sorted(os.sched_getaffinity(0))
    if len(cores) > 1:
        os.sched_setaffinity(server, {cores[0]})
        os.sched_setaffinity(0, {cores[1]})


def _ticket(conid: int, **terms: object) -> dict[str, Any]:
    return {"conid": conid, "orderType": "LMT", "side": "BUY", "tif": "GTC", "quantity": 1, **terms}


def _requests() -> tuple[Rate, Rate]:
    """Ours and the peer's."""
    with running("--start", "2012-10-01T15:00:00Z", "--switch", "accounts=DU1:margin,DU2:margin") as broker:
        conids = [265598, 8314, 208813719, 272093]
        for number in range(ROWS):
            broker.place("DU1", _ticket(conids[number % 4], price=1 + number, cOID=f"row{number}"))
        listed = ",".join(map(str, conids))
        paths = {
            "orders": "/iserver/account/orders?accountId=DU1",
            "quote": f"/iserver/marketdata/snapshot?conids={listed}&fields=31,84,86,85,88,7762,83",
            "bars": "/iserver/marketdata/history?conid=265598&period=250d&bar=1d",
            "place": "/iserver/account/DU2/orders",
        }
        shown: dict[str, Any] = {}
        for _ in range(3):
            shown = {
                name: broker.call("GET", f"/v1/api{path}") for name, path in paths.items() if name != "place"
            }
        assert len(shown["orders"]["orders"]) == ROWS
        assert len(shown["bars"]["data"]) == 250
        assert all(row["31"] and row["84"] for row in shown["quote"])
        ours = measure(
            broker.endpoint["port"],
            Path(broker.endpoint["cert"]),
            broker.endpoint["pid"],
            _mixed(paths),
            count=REQUESTS,
        )
        shown["place"] = [{"order_id": "1020484121", "order_status": "Submitted", "encrypt_message": "1"}]
        return ours, _peer(broker, paths, shown)


def _mixed(paths: dict[str, str]) -> Next:
    """The next request of the mix. What is placed ends at once, or the list would grow with every order."""
    ready = {name: request("GET", path) for name, path in paths.items()}
    numbers, turn = count(), cycle(_MIX)

    def supply() -> bytes:
        name = next(turn)
        if name != "place":
            return ready[name]
        ticket = _ticket(8314, price=1, tif="IOC", cOID=f"bench{next(numbers)}")
        return request("POST", paths["place"], json.dumps({"orders": [ticket]}).encode())

    return supply


def _peer(broker: Running, paths: dict[str, str], shown: dict[str, Any]) -> Rate:
    cert = Path(broker.endpoint["cert"])
    answers = {
        "/v1/api" + paths[name].partition("?")[0]: json.dumps(body, separators=(",", ":"))
        for name, body in shown.items()
    }
    told = {"cert": str(cert), "key": str(cert.with_name("key.pem")), "answers": answers}
    process = subprocess.Popen(  # noqa: S603 -- our own script
        [sys.executable, str(PEER)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    try:
        process.stdin.write(json.dumps(told))  # type: ignore[union-attr]  # they are pipes
        process.stdin.close()  # type: ignore[union-attr]
        port = int(process.stdout.readline())  # type: ignore[union-attr]
        _keep_apart(process.pid)
        time.sleep(0.5)
        return measure(port, cert, process.pid, _mixed(paths), count=REQUESTS)
    finally:
        process.terminate()
        process.wait(10)


def _year() -> tuple[float, int]:
    """Seconds of the year, and how many requests it took."""
    with running("--tape", "synthetic", "--seed", "7") as broker:
        conids = _stocks(broker)
        begun, asked = time.perf_counter(), broker.asked
        for day in range(DAYS):
            if day % _GOOD_FOR == 0:
                _rest(broker, conids, day)
            _trade(broker, conids, day)
            _next_morning(broker, conids[0])
        took, made = time.perf_counter() - begun, broker.asked - asked
        filled = len(broker.call("GET", "/control/truth/executions"))
        resting = len(_live(broker))
        # Halts and days without a trade keep orders from their fills, splits end what rests.
        if filled < DAYS * FILLS * 0.99 or resting < STOCKS * 0.9:
            raise SystemExit(f"the year had {filled} fills and {resting} resting orders at its end")
        return took, made


def _rest(broker: Running, conids: list[int], day: int) -> None:
    """An order on every stock that waits far away, before the broker ends those of the quarter."""
    for order_id in _live(broker):
        broker.call("DELETE", f"/v1/api/iserver/account/{_ACCOUNT}/order/{order_id}")
    for conid in conids:
        broker.place(_ACCOUNT, _ticket(conid, price=1, cOID=f"rest{day}-{conid}"))


def _live(broker: Running) -> list[int]:
    rows = broker.call("GET", "/control/truth/orders")
    return [row["order_id"] for row in rows if row["state"] == "live" and row["tif"] == "GTC"]


def _trade(broker: Running, conids: list[int], day: int) -> None:
    """Ten orders at the market: bought one day, sold the next."""
    for number in range(FILLS):
        side, conid = "SELL" if day % 2 else "BUY", conids[(day // 2 * FILLS + number) % STOCKS]
        ticket = _ticket(conid, orderType="MKT", side=side, tif="DAY", cOID=f"{day}-{number}")
        broker.place(_ACCOUNT, ticket)


def _next_morning(broker: Running, conid: int) -> None:
    """Half an hour into the next session, as the broker's own schedule tells it."""
    schedules = broker.call("GET", f"/v1/api/contract/trading-schedule?conid={conid}")["schedules"]
    opens = sorted(hours["liquid_hours"][0]["opening"] for hours in schedules.values())
    broker.call("POST", "/control/clock", {"advance_to": _iso(opens[1] + 1800)})


def _stocks(broker: Running) -> list[int]:
    found: list[int] = []
    for venue in ("NASDAQ", "NYSE"):
        rows = broker.call("GET", f"/v1/api/trsrv/all-conids?exchange={venue}")
        found += [int(row["conid"]) for row in rows]
    quoted = [conid for conid in found if _has_price(broker, conid)]
    return quoted[:STOCKS]


def _has_price(broker: Running, conid: int) -> bool:
    return bool(broker.call("GET", f"/v1/api/iserver/contract/{conid}/info-and-rules")["rules"]["limitPrice"])


def _iso(seconds: int) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds))


def ask() -> Iterator[Answer]:
    """Both questions."""
    ours, peer = _requests()
    yield more_is_better("simulator: requests", ours.wall, peer.wall, _PEER_NAME, "requests/s over TLS")
    yield more_is_better(
        "simulator: requests of one core", ours.processor, peer.processor, _PEER_NAME, "requests/processor s"
    )
    took, asked = _year()
    same = asked / peer.wall
    yield less_is_better(
        "simulator: 252 days, 50 stocks, 10 fills a day", took, same, f"as many requests to {_PEER_NAME}", "s"
    )
