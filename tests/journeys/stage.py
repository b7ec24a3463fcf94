"""What journeys share: the program as a process, the simulator's own account, the tape, a database."""

from __future__ import annotations

import csv
import gzip
import importlib.util
import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
import urllib.request
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = Path(sys.executable).with_name("glassdesk")
PATIENCE = 600.0
"""Machine seconds after which a process counts as stuck."""

CONIDS = {"AAPL": 265598, "FB": 107113386, "GOOG": 208813719, "IBM": 8314, "MSFT": 272093}
STRATEGIES = {
    "aapl-confirmation": "AAPL",
    "fb-reversion": "FB",
    "goog-confirmation": "GOOG",
    "ibm-reversion": "IBM",
    "msft-cross": "MSFT",
}
"""The shipped examples, each with its one symbol; all are due at nine in New York, Monday to Friday."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What a process left behind."""

    code: int
    out: str
    err: str
    seconds: float

    @property
    def json(self) -> Any:
        return json.loads(self.out)

    @property
    def complaint(self) -> str:
        """The one line of a refusal. Fails when it is not exactly one."""
        lines = self.err.strip().splitlines()
        assert len(lines) == 1, self.err
        assert lines[0].startswith("error: "), self.err
        return lines[0]


def environment(**extra: str) -> dict[str, str]:
    """This process's environment without settings of the person who runs the tests."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GLASSDESK_")}
    return kept | {"NO_COLOR": "1"} | extra


def start(*words: str, cwd: Path, **extra: str) -> subprocess.Popen[str]:
    """`glassdesk WORDS` in a folder, without waiting for it."""
    return subprocess.Popen(
        [str(PROGRAM), *words],
        cwd=cwd,
        env=environment(**extra),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def finished(process: subprocess.Popen[str], began: float) -> Told:
    """Wait for it; a process that does not end is killed and fails the test."""
    try:
        out, err = process.communicate(timeout=PATIENCE)
    except subprocess.TimeoutExpired:
        process.kill()
        raise
    return Told(code=process.returncode, out=out, err=err, seconds=time.monotonic() - began)


def glassdesk(*words: str, cwd: Path, **extra: str) -> Told:
    """`glassdesk WORDS` in a folder, to its end."""
    began = time.monotonic()
    return finished(start(*words, cwd=cwd, **extra), began)


@dataclass(frozen=True, slots=True, kw_only=True)
class Home:
    """A desk's home, read from outside."""

    folder: Path

    @property
    def database(self) -> Path:
        return self.folder / "glassdesk.sqlite"

    @property
    def deployment(self) -> str:
        return (self.folder / "deployment").read_text().strip()

    def rows(self, statement: str, *values: object) -> list[dict[str, Any]]:
        """Rows of the desk's database, read only."""
        with sqlite3.connect(f"file:{self.database}?mode=ro", uri=True) as database:
            database.row_factory = sqlite3.Row
            found = [dict(row) for row in database.execute(statement, values)]
        database.close()
        return found

    def control(self, method: str, path: str, body: object = None) -> Any:
        """One request to the simulator's control plane."""
        endpoint = json.loads((self.folder / "simulator" / "endpoint.json").read_text())
        request = urllib.request.Request(  # noqa: S310 - our own loopback address
            f"{endpoint['control']}/control{path}",
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=20) as answer:  # noqa: S310 - as above
            return json.loads(answer.read())

    def truth(self, kind: str) -> list[dict[str, Any]]:
        """What really happened at the broker, by its own log: the last word on every `order` or `execution`.

        Prices are in cents, instants in microseconds, as it keeps them.
        """
        log = self.folder / "simulator" / "truth.sqlite"
        last = "select max(seq) from log where kind = ? group by key"
        with sqlite3.connect(f"file:{log}?mode=ro", uri=True) as database:
            rows = database.execute(f"select body from log where seq in ({last}) order by seq", (kind,))  # noqa: S608
            found = [json.loads(body) for (body,) in rows]
        database.close()
        return found

    def held_at_broker(self) -> dict[str, str]:
        """Quantity by symbol as the broker's executions add up, without zeros."""
        held: Counter[str] = Counter()
        for row in self.truth("execution"):
            held[row["symbol"]] += row["quantity"] * (1 if row["side"] == "BUY" else -1)
        return {symbol: str(quantity) for symbol, quantity in sorted(held.items()) if quantity}

    def end_simulator(self) -> None:
        """End the simulator this home announced, by its process id."""
        with suppress(OSError, ValueError, KeyError):
            endpoint = json.loads((self.folder / "simulator" / "endpoint.json").read_text())
            os.kill(int(endpoint["pid"]), signal.SIGTERM)


@dataclass(frozen=True, slots=True, kw_only=True)
class Demo:
    """A finished demo."""

    told: Told
    home: Home

    @property
    def report(self) -> dict[str, Any]:
        report: dict[str, Any] = self.told.json
        return report


def demo(folder: Path, *words: str, **extra: str) -> Demo:
    """`glassdesk demo --json WORDS` in an empty folder."""
    folder.mkdir(parents=True, exist_ok=True)
    told = glassdesk("demo", "--json", *words, cwd=folder, **extra)
    return Demo(told=told, home=Home(folder=folder / ".glassdesk"))


def instant(text: str | int) -> datetime:
    """An instant as the database writes it (text), or the simulator's log (microseconds)."""
    if isinstance(text, int):
        return datetime.fromtimestamp(text / 1_000_000, UTC)
    return datetime.fromisoformat(text).astimezone(UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class TapeBar:
    """One day of a symbol; prices are those of the file, rounded to the cent."""

    day: date
    high: float
    low: float
    close: float


@cache
def tape() -> dict[str, list[TapeBar]]:
    """The daily bars of the data package, read from its file."""
    found = importlib.util.find_spec("bokeh_sampledata")
    assert found is not None
    assert found.origin is not None
    bars: dict[str, list[TapeBar]] = {symbol: [] for symbol in CONIDS}
    with gzip.open(Path(found.origin).parent / "_data" / "stocks.csv.gz", "rt", encoding="utf-8") as file:
        for line in csv.DictReader(file):
            if line["Ticker"] in bars:
                bars[line["Ticker"]].append(_bar(line))
    return {symbol: sorted(listed, key=lambda bar: bar.day) for symbol, listed in bars.items()}


def _bar(line: dict[str, str]) -> TapeBar:
    return TapeBar(
        day=date.fromisoformat(line["Date"]),
        high=round(float(line["High"]), 2),
        low=round(float(line["Low"]), 2),
        close=round(float(line["Close"]), 2),
    )


def sessions(first: date, count: int) -> Sequence[date]:
    """The trading days of New York from a day on: those on which IBM traded."""
    days = [bar.day for bar in tape()["IBM"] if bar.day >= first]
    return days[:count]
