"""The servers under a desk in several processes, each killed and started again by itself, and the wires that
carry its rows and artifacts."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.chaos.kill.databases import through
from tests.chaos.kill.proxy import Wire
from tests.servers.objects import Bucket, Rclone
from tests.servers.postgres import Cluster, durable_cluster
from tests.servers.starting import HERE, free_port
from tests.servers.valkey import Valkey


@dataclass(frozen=True, slots=True, kw_only=True)
class Grounds:
    """What can break under the desk."""

    rows: Cluster
    queue: Valkey
    objects: Rclone
    bucket: Bucket
    database: str
    """URL of the rows, reached directly."""
    to_rows: Mapping[str, Wire]
    """The wire to the rows of each role."""
    to_objects: Wire
    settings: Mapping[str, Mapping[str, str]]
    """Of each role, for its environment."""


@contextmanager
def opened_grounds(folder: Path, roles: tuple[str, ...]) -> Iterator[Grounds]:
    """Servers and wires; the servers end with this process."""
    rows, queue, objects = durable_cluster(), Valkey(), Rclone()
    with ExitStack() as opened:
        for server, end in ((rows, rows.stop_at_once), (queue, queue.kill), (objects, objects.kill)):
            server.start()
            opened.callback(end)
        database, bucket = rows.postgres.empty_database(), objects.bucket()
        wires = {role: _wire(rows.port, folder / f"{role}.commits") for role in roles}
        to_objects = _wire(objects.port, folder / "objects.commits")
        shared = {
            "GLASSDESK_ARTIFACTS_URL": bucket.url,
            "GLASSDESK_S3_ENDPOINT": f"http://{HERE}:{to_objects[1]}",
            "GLASSDESK_S3_KEY": bucket.key,
            "GLASSDESK_S3_SECRET": bucket.secret,
            "GLASSDESK_JOBS_URL": queue.url,
        }
        yield Grounds(
            rows=rows,
            queue=queue,
            objects=objects,
            bucket=bucket,
            database=database,
            to_rows={role: wire for role, (wire, _) in wires.items()},
            to_objects=to_objects[0],
            settings={
                role: shared | {"GLASSDESK_DATABASE_URL": through(database, port)}
                for role, (_, port) in wires.items()
            },
        )


def _wire(target: int, counted: Path) -> tuple[Wire, int]:
    port = free_port()
    wire = Wire(port, (HERE, target), None, counted)
    threading.Thread(target=wire.run, name=f"wire-{target}", daemon=True).start()
    return wire, port


def plain(url: str) -> str:
    """The URL as the driver itself takes it."""
    return url.replace("+psycopg", "")
