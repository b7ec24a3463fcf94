"""The truth log: what really happened at the broker, append-only, kept across restarts."""

import json
import sqlite3
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from decimal import Decimal
from pathlib import Path
from typing import Any

from ibkr_simulator.exchange.accounts import Account, Accruals, CashEntry, Position, Receivable
from ibkr_simulator.exchange.orders import Execution, Order, Trail
from ibkr_simulator.instants import Instant

_SCHEMA = """
CREATE TABLE IF NOT EXISTS meta(name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS log(
    seq INTEGER PRIMARY KEY AUTOINCREMENT, at INTEGER NOT NULL, kind TEXT NOT NULL, key TEXT NOT NULL,
    body TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS log_kind ON log(kind, seq);
CREATE TRIGGER IF NOT EXISTS log_keeps BEFORE DELETE ON log BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER IF NOT EXISTS log_stays BEFORE UPDATE ON log BEGIN SELECT RAISE(ABORT, 'append-only'); END;
"""


FORM = "2"
"""Which rows a home holds; it grows when older rows can no longer be read."""


class OtherWorld(ValueError):
    """The home holds the truth of another tape, seed or account, or of another version."""


class TruthLog:
    """One SQLite file; `flush` makes everything written so far survive the process."""

    def __init__(self, path: Path | None) -> None:
        self._database = sqlite3.connect(path or ":memory:", isolation_level=None, check_same_thread=False)
        self._database.executescript(f"PRAGMA journal_mode=WAL; PRAGMA synchronous=OFF; {_SCHEMA}")
        self._open = False

    def write(self, at: Instant, kind: str, key: str, body: Mapping[str, Any]) -> None:
        """Append one row."""
        if not self._open:
            self._database.execute("BEGIN")
            self._open = True
        row = (at, kind, key, json.dumps(body, default=str, separators=(",", ":")))
        self._database.execute("INSERT INTO log(at, kind, key, body) VALUES (?, ?, ?, ?)", row)

    def flush(self) -> None:
        """Commit what was appended."""
        if self._open:
            self._database.execute("COMMIT")
            self._open = False

    def close(self) -> None:
        """Commit and close."""
        self.flush()
        self._database.close()

    def rows(self, kind: str, after: int = 0, limit: int = -1) -> Iterator[dict[str, Any]]:
        """Rows of a kind in order, each with its sequence number."""
        query = "SELECT seq, body FROM log WHERE kind = ? AND seq > ? ORDER BY seq LIMIT ?"
        for seq, body in self._database.execute(query, (kind, after, limit)):
            yield {"seq": seq, **json.loads(body)}

    def timed(self, kind: str) -> Iterator[tuple[Instant, dict[str, Any]]]:
        """Rows of a kind in order, each with the instant it was written for."""
        query = "SELECT at, body FROM log WHERE kind = ? ORDER BY seq"
        for at, body in self._database.execute(query, (kind,)):
            yield at, json.loads(body)

    def latest(self, kind: str) -> list[dict[str, Any]]:
        """The last row for every key of a kind."""
        last = "SELECT max(seq) FROM log WHERE kind = ? GROUP BY key"
        query = f"SELECT body FROM log WHERE seq IN ({last}) ORDER BY seq"  # noqa: S608  # both parts are ours
        return [json.loads(body) for (body,) in self._database.execute(query, (kind,))]

    def count(self, kind: str) -> int:
        """How many rows there are of a kind."""
        query = "SELECT count(*) FROM log WHERE kind = ?"
        return int(self._database.execute(query, (kind,)).fetchone()[0])

    def identify(self, facts: Mapping[str, str]) -> None:
        """Remember whose truth this is. Raises OtherWorld when the file belongs to another."""
        form = self.kept("form") or (FORM if self.kept("now") is None else "1")
        if form != FORM:
            raise OtherWorld(
                f"this home is of form {form}, this version reads form {FORM}; use another --home"
            )
        for name, value in {"form": FORM, **facts}.items():
            self._database.execute("INSERT OR IGNORE INTO meta VALUES (?, ?)", (name, value))
            kept = self._database.execute("SELECT value FROM meta WHERE name = ?", (name,)).fetchone()[0]
            if kept != value:
                raise OtherWorld(f"this home was made with {name} {kept}, not {value}; use another --home")

    def keep(self, name: str, value: str) -> None:
        """Remember a changing fact, such as the time."""
        self._database.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (name, value))

    def kept(self, name: str) -> str | None:
        """A remembered fact."""
        row = self._database.execute("SELECT value FROM meta WHERE name = ?", (name,)).fetchone()
        return None if row is None else str(row[0])


def order_body(order: Order) -> dict[str, Any]:
    """An order as it is kept."""
    return asdict(order)


def order_from(body: Mapping[str, Any]) -> Order:
    """The order again."""
    trail = body["trail"]
    return Order(**{**body, "trail": None if trail is None else Trail(**trail)})


def execution_from(body: Mapping[str, Any]) -> Execution:
    """The execution again."""
    return Execution(**{name: value for name, value in body.items() if name != "seq"})


def cash_from(body: Mapping[str, Any]) -> CashEntry:
    """The cash movement again."""
    return CashEntry(**{name: value for name, value in body.items() if name != "seq"})


def position_body(account: Account, position: Position) -> dict[str, Any]:
    """A position as it is kept."""
    return {"account": account.account_id, **asdict(position)}


def restore_position(account: Account, body: Mapping[str, Any]) -> None:
    """The position again."""
    position = account.position(body["conid"], body["symbol"])
    position.quantity, position.cost, position.realized = body["quantity"], body["cost"], body["realized"]


def account_body(account: Account) -> dict[str, Any]:
    """What an account has beside cash and positions; fractions of a cent as text."""
    accruals = account.accruals
    return {
        "account": account.account_id,
        "opened_with": account.opened_with,
        "flows": account.flows,
        "interest": str(accruals.interest),
        "borrow": str(accruals.borrow),
        "dividends": [asdict(receivable) for receivable in accruals.dividends],
    }


def restore_account(account: Account, body: Mapping[str, Any]) -> None:
    """That again."""
    account.opened_with, account.flows = body["opened_with"], body["flows"]
    account.accruals = Accruals(
        interest=Decimal(body["interest"]),
        borrow=Decimal(body["borrow"]),
        dividends=[Receivable(**receivable) for receivable in body["dividends"]],
    )
