"""A desk in several processes on PostgreSQL, Valkey and the simulator, with a model that takes its time."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

import psycopg

from bench.fleet_time import flowing, real_time
from glassdesk.adapters.bundles import load_strategy
from glassdesk.adapters.simulation import ControlPlane
from glassdesk.adapters.simulation.process import start_or_attach
from glassdesk.composition.ground import open_ground
from glassdesk.composition.reading import reading_desk
from glassdesk.composition.simulation import end_simulator
from glassdesk.desk import Desk
from glassdesk.kernel.errors import GlassdeskError
from glassdesk.settings import load
from ibkr_simulator.exchange.tapes import choice as tapes
from tests.adapters.llm.protocols import PROTOCOLS
from tests.adapters.llm.standin import Ask, StandIn, reader
from tests.servers import postgres, valkey

DAY = date(2012, 10, 9)
BEGINS = datetime(2012, 10, 9, 12, 30, tzinfo=UTC)
"""Half past eight in New York: the market opens in an hour."""
TAPE = "synthetic:SYMBOLS=504,START=2010-01-04,DAYS=1250"
FEWEST_BARS = 60
MOST_ASK = 0.99
THINKS = 3.0
"""Seconds the model takes."""
PATIENCE = 900.0

STRATEGY = """
name: {name}
symbols: [{symbols}]
bars: {{size: 1d, history: 250, weekly: true}}
indicators:
- {{kind: sma, length: 20}}
- {{kind: sma, length: 50}}
- {{kind: bb, length: 20, width: 2}}
- {{kind: supertrend, length: 10, factor: 3}}
- {{kind: macd, fast: 12, slow: 26, signal: 9}}
- {{kind: rsi, length: 14}}
- {{kind: atr, length: 14}}
prompt: {{name: chart-analyst, label: live}}
signal: {{rule: three_of_four, params: {{need: 3}}}}
timing: {{cron: 0 9 * * 1-5, zone: America/New_York, exchange: XNYS, enter_after_open: 5, enter_before: 60}}
exits: {{stop_atr: 2, target_atr: 3}}
"""


@dataclass(kw_only=True)
class Fleet:
    """The desk as the bench sees it."""

    home: Path
    environment: dict[str, str]
    desk: Desk
    url: str

    @contextmanager
    def workers(self, count: int, *, threads: int) -> Iterator[None]:
        """So many worker processes of so many runs at a time."""
        with ExitStack() as running:
            for number in range(count):
                settings = self.environment | {"GLASSDESK_WORKERS": str(threads)}
                running.enter_context(_role("worker", self.home, settings, f"worker-{number}"))
            yield

    def decide(self, names: Sequence[str]) -> float:
        """Seconds from the instant at which all contracts of these strategies are due until the last is
        decided."""
        began = time.monotonic()
        with self.desk.transactions.begin() as t:
            due = [
                run
                for name in names
                for run in self.desk.schedules.run_now(t, name, conids=None, actor="bench")
            ]
        wait_until(lambda: not self._open(due), PATIENCE)
        took = time.monotonic() - began
        self._require_decisions(due)
        return took

    def _open(self, due: Sequence[str]) -> int:
        return self._count(due, "state IN ('due', 'running', 'decided')")

    def _require_decisions(self, due: Sequence[str]) -> None:
        """A run that failed was not decided; one whose contract had no bar yesterday was, without a model.
        Raises SystemExit."""
        asked = self._count(due, "run IN (SELECT run FROM signals)")
        if asked < len(due) * MOST_ASK or self._count(due, "state IN ('failed', 'quarantined')"):
            raise SystemExit(
                f"{len(due) - asked} of {len(due)} runs ended without a signal: {self._reasons(due)}"
            )

    def _count(self, due: Sequence[str], condition: str) -> int:
        with psycopg.connect(self.url) as database:
            found = database.execute(
                f"SELECT count(*) FROM runs WHERE run = ANY(%s) AND {condition}",  # noqa: S608
                [list(due)],
            )
            return int((found.fetchone() or [0])[0])

    def _reasons(self, due: Sequence[str]) -> list[tuple[object, ...]]:
        with psycopg.connect(self.url) as database:
            return database.execute(
                "SELECT state, left(reason, 90), count(*) FROM runs WHERE run = ANY(%s) GROUP BY 1, 2",
                [list(due)],
            ).fetchall()


@contextmanager
def open_fleet(folder: Path, sizes: Sequence[int]) -> Iterator[tuple[Fleet, list[str]]]:
    """A dealer that is signed in, and one enabled strategy for each of `sizes`, with so many contracts."""
    home = folder / "home"
    url = postgres.server().empty_database()
    with ExitStack() as opened:
        read = reader()
        model = opened.enter_context(StandIn(lambda ask: _slowly(read, ask)))
        environment = _environment(url, model.url)
        os.environ.update(environment)
        endpoint = start_or_attach(home, start=DAY, tape=TAPE)
        opened.callback(end_simulator, home)
        opened.enter_context(flowing(endpoint, BEGINS))
        ControlPlane(endpoint).sign_in()
        opened.enter_context(_role("dealer", home, environment, "dealer"))
        opened.enter_context(real_time())
        ground = opened.enter_context(open_ground(load(home)))
        desk = opened.enter_context(reading_desk(ground))
        fleet = Fleet(home=home, environment=environment, desk=desk, url=url.replace("+psycopg", ""))
        yield fleet, _strategies(desk, sizes)


def _slowly(read: Callable[[Ask], object], ask: Ask) -> str:
    time.sleep(THINKS)
    return str(read(ask))


def _environment(url: str, model: str) -> dict[str, str]:
    return {
        "GLASSDESK_DATABASE_URL": url,
        "GLASSDESK_JOBS_URL": valkey.fresh_url(),
        "GLASSDESK_MODEL_URL": PROTOCOLS["openai-compatible"].model_url(model),
        "GLASSDESK_MODEL_CONCURRENCY": "32",
        "GLASSDESK_MODEL_CALLS_DAY": "100000",
        "GLASSDESK_DESK_CAPITAL": "10000000",
    }


@contextmanager
def _role(role: str, home: Path, environment: dict[str, str], name: str) -> Iterator[None]:
    log = home / f"{name}.log"
    with log.open("ab") as output:
        process = subprocess.Popen(  # noqa: S603 - our own interpreter
            [sys.executable, "-m", "bench.fleet_role", role, str(home)],
            env=os.environ | environment,
            stdout=output,
            stderr=output,
        )
    try:
        wait_until(lambda: f"{role} ready" in log.read_text() or process.poll() is not None, 60.0)
        if process.poll() is not None:
            raise SystemExit(f"the {name} ended: {log.read_text()[-2000:]}")
        yield
    finally:
        process.terminate()
        process.wait(timeout=180)
        log.rename(log.with_suffix(f".{process.pid}.ended"))


def _strategies(desk: Desk, sizes: Sequence[int]) -> list[str]:
    wait_until(lambda: _answers(desk), 60.0)
    with desk.transactions.begin() as t:
        desk.prompts.seed(t)
    symbols = _symbols()
    return [
        _strategy(desk, f"part-{number}", [next(symbols) for _ in range(size)])
        for number, size in enumerate(sizes)
    ]


def _symbols() -> Iterator[str]:
    """Those that are traded the day before."""
    tape = tapes.load(TAPE)
    last = tape.sessions.days.index(DAY) - 1
    for listing in tape.listings.all:
        bars = tape.bars.get(listing.conid)
        if (
            bars is not None
            and listing.kind == "STK"
            and bars.first + FEWEST_BARS <= last < bars.first + len(bars)
        ):
            yield listing.symbol


def _answers(desk: Desk) -> bool:
    try:
        desk.contracts.resolve(next(_symbols()))
    except GlassdeskError:
        return False
    return True


def _strategy(desk: Desk, name: str, symbols: Sequence[str]) -> str:
    found = desk.watchlists.picked(desk.watchlists.match(" ".join(symbols)), {})
    with desk.transactions.begin() as t:
        for contract in found:
            desk.contracts.remember(t, contract)
    conids = {contract.symbol: contract.conid for contract in found}
    text = STRATEGY.format(name=name, symbols=", ".join(f'"{symbol}"' for symbol in symbols))
    strategy = load_strategy(
        text.encode(), file=f"{name}.yaml", account=desk.account, resolve=lambda symbol: conids[symbol]
    )
    with desk.transactions.begin() as t:
        desk.strategies.create(t, strategy, author="bench", message="five hundred contracts")
        desk.strategies.enable(t, name, "bench")
    return name


def wait_until(true: Callable[[], bool], seconds: float) -> None:
    """Look ten times a second. Raises SystemExit."""
    end = time.monotonic() + seconds
    while not true():
        if time.monotonic() > end:
            raise SystemExit(f"it did not come about in {seconds:.0f} s")
        time.sleep(0.1)
