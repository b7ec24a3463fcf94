"""`python -m tests.soak --days 250`: the whole product for so many trading days, its books laid beside the
broker's at every close. Prints one JSON object; exit code 1 where any figure ever differed."""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time as machine
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from glassdesk.adapters.simulation import ControlPlane, start_or_attach
from glassdesk.cli.embedded import Embedded, open_embedded
from glassdesk.composition.simulation import end_simulator
from glassdesk.settings import load
from tests.soak import market, truth
from tests.soak.comparing import differences
from tests.soak.hands import Hands

SETTLED = timedelta(minutes=15)
WARM = 5
"""Days after which memory and open files are measured first."""


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.soak")
    parser.add_argument("--days", type=int, default=250, help="trading days, at most 270")
    parser.add_argument("--start", type=date.fromisoformat, default=market.START, help="first day")
    parser.add_argument("--home", type=Path, help="a folder to keep; else a temporary one")
    given = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as temporary:
        report = soak(given.home or Path(temporary) / "home", given.days, given.start)
    sys.stdout.write(json.dumps(report, indent=2) + "\n")
    return 1 if report["differences"] else 0


def soak(home: Path, days: int, start: date) -> dict[str, Any]:
    """The report of so many days."""
    began = machine.monotonic()
    settings = load(home, simulator_start=start)
    endpoint = start_or_attach(
        home, start=start, seed=market.SEED, tape=market.TAPE, switches=market.SWITCHES
    )
    control = ControlPlane(endpoint)
    try:
        with open_embedded(settings) as running:
            report = _live(running, control, days, endpoint.pid)
    finally:
        control.close()
        end_simulator(home)
    return report | {"machine_seconds": round(machine.monotonic() - began, 1)}


def _live(running: Embedded, control: ControlPlane, days: int, simulator: int) -> dict[str, Any]:
    found: list[str] = []
    sizes: list[dict[str, int]] = []
    with running.ground.clock.working("soak", "person"):
        control.sign_in()
        running.start()
        wait_until_ready(running)
        market.take_in(running.desk)
        splits = market.splits()
        hands = Hands(running.desk, control, {one.at[:10] for one in splits})
        for day, close in enumerate(_closes(running, days, hands), start=1):
            found += [f"{close:%Y-%m-%d}: {line}" for line in _compared(running, control, splits)]
            if day in (WARM, days):
                sizes.append(_sizes(simulator))
            _progress(day, days, close, found)
        report = _figures(running, truth.read(control, splits), days)
        report["cpu_seconds"] = {"desk": round(machine.process_time(), 1), "simulator": _cpu(simulator)}
        control.pause()
    return report | {"by_hand": hands.did, "sizes": sizes, "differences": found}


def wait_until_ready(running: Embedded) -> None:
    desk = running.desk
    for _ in range(3_000):
        with desk.transactions.read() as t:
            status = desk.session.status(t)
            if status is not None and status.ready and desk.session.accounts(t):
                return
        running.ground.stopwatch.pause(0.01)
    raise TimeoutError("the brokerage session did not become ready")


def _closes(running: Embedded, days: int, hands: Hands) -> Iterator[datetime]:
    """The close of each session; what the person does at noon of a day is done on the way."""
    desk, clock = running.desk, running.ground.clock
    for day in range(1, days + 1):
        hours = desk.contracts.next_session("XNYS", clock.now())
        clock.wait_until(hours.opens_at + timedelta(hours=1))
        hands.look(hours.session)
        clock.wait_until(hours.opens_at + timedelta(hours=2))
        hands.answer()
        hands.act(day)
        clock.wait_until(hours.opens_at + timedelta(hours=2, minutes=30))
        hands.answer()
        clock.wait_until(hours.closes_at + SETTLED)
        if running.failure is not None:
            raise running.failure
        yield hours.closes_at


def _compared(running: Embedded, control: ControlPlane, splits: list[market.Split]) -> list[str]:
    with running.desk.transactions.read() as t:
        return differences(running.desk, t, truth.read(control, splits))


def _figures(running: Embedded, stated: truth.Truth, days: int) -> dict[str, Any]:
    desk = running.desk
    with desk.transactions.read() as t:
        books = desk.portfolio.books(t, desk.account, desk.clock.now())
        trades, rows = desk.portfolio.trades(t, desk.account), desk.portfolio.cash_rows(t, desk.account)
        runs = desk.runs.runs(t, limit=100_000)
        audited = desk.audit.verify(t)
    lanes = {name: str(getattr(books.lanes, name)) for name in ("trades", "commissions", "dividends")}
    lanes |= {name: str(getattr(books.lanes, name)) for name in ("interest", "deposits")}
    return {
        "days": days,
        "runs": len(runs),
        "executions": stated.executions,
        "closed_trades": len(trades),
        "cash_rows": len(rows),
        "equity": str(books.equity),
        "lanes": lanes,
        "realised": str(books.realised),
        "audit_rows": audited,
    }


def _sizes(simulator: int) -> dict[str, int]:
    """Resident memory in KiB and open files, of the desk and of the simulator."""
    return {
        "desk_kib": _resident(os.getpid()),
        "desk_files": len(os.listdir("/proc/self/fd")),
        "simulator_kib": _resident(simulator),
    }


def _resident(pid: int) -> int:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS"):
            return int(line.split()[1])
    return 0


def _cpu(pid: int) -> float:
    """Processor time of another process."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return round((int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK"), 1)


def _progress(day: int, days: int, close: datetime, found: list[str]) -> None:
    sys.stderr.write(f"{close:%Y-%m-%d} {day}/{days}, {len(found)} differences\n")
    for line in found[-12:] if found and found[-1].startswith(f"{close:%Y-%m-%d}") else ():
        sys.stderr.write(f"   {line}\n")
    sys.stderr.flush()


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
