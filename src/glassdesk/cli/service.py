"""`service`: the desk as a systemd user unit, for machines without containers."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from glassdesk.cli.here import Here, command, step
from glassdesk.cli.show import as_json, done
from glassdesk.kernel.errors import Denied, InvalidInput, Unavailable

app = step("A systemd user unit: install, uninstall, status.")

PATIENCE = 30
STOP_SECONDS = {"worker": 140}
"""The longest step is a model asked twice; the others end within their turn."""


class Part(StrEnum):
    """What the unit runs."""

    UP = "up"
    DEALER = "dealer"
    WORKER = "worker"
    WEB = "web"


Role = Annotated[Part, typer.Option("--role", help="What it runs.")]


@command(app)
def install(
    here: Here,
    role: Role = Part.UP,
    print_only: Annotated[bool, typer.Option("--print", help="Show the unit, write nothing.")] = False,
) -> None:
    """Write the unit, start it now and at every login; after `loginctl enable-linger` with the machine."""
    text = unit(role, here.home)
    if print_only:
        print(text, end="")
        return
    _refuse_root()
    file = unit_file(role)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")
    orders = [["daemon-reload"], ["enable", "--now", file.name]]
    said = _told(orders, "it runs, and starts at your login")
    done(here, f"{file}: {said}", {"file": str(file), "role": role.value})


@command(app)
def uninstall(here: Here, role: Role = Part.UP) -> None:
    """Stop the unit and delete its file; the home stays as it is."""
    _refuse_root()
    file = _installed(role)
    said = _told([["disable", "--now", file.name]], "it is stopped")
    file.unlink()
    _told([["daemon-reload"]], "")
    done(here, f"{file} is gone: {said}", {"file": str(file), "role": role.value})


@command(app)
def status(here: Here) -> None:
    """Which units there are and whether systemd runs them."""
    found = [
        {"role": part.value, "file": str(unit_file(part)), "state": _state(unit_file(part).name)}
        for part in Part
        if unit_file(part).is_file()
    ]
    if here.json:
        as_json(found)
        return
    for one in found:
        print(f"{one['role']:<7} {one['state']:<9} {one['file']}")
    if not found:
        print("no unit is installed: `glassdesk service install` writes one")


def unit_file(part: Part) -> Path:
    """Where a user's units are."""
    base = os.environ.get("XDG_CONFIG_HOME") or "~/.config"
    name = "glassdesk" if part is Part.UP else f"glassdesk-{part}"
    return Path(base).expanduser() / "systemd" / "user" / f"{name}.service"


def unit(part: Part, home: Path) -> str:
    """The unit's text. A start that was refused (exit code 2: wrong settings, another program) is not tried
    again and again. Raises `InvalidInput` for a path that systemd cannot be told."""
    program = Path(sys.executable).absolute().with_name("glassdesk")
    words = [str(program), part.value, "--home", str(home)]
    settings = home / "glassdesk.env"
    return f"""[Unit]
Description=Glassdesk {part}
After=network-online.target
StartLimitIntervalSec=300
StartLimitBurst=5

[Service]
Type=exec
ExecStart={" ".join(_quoted(word) for word in words)}
WorkingDirectory={_plain(home)}
EnvironmentFile=-{_plain(settings)}
Environment=PYTHONUNBUFFERED=1
Restart=on-failure
RestartSec=5
RestartPreventExitStatus=2
KillSignal=SIGTERM
TimeoutStopSec={STOP_SECONDS.get(part.value, 40)}
UMask=0077
NoNewPrivileges=yes
LockPersonality=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6
SystemCallArchitectures=native

[Install]
WantedBy=default.target
"""


def _plain(path: Path) -> str:
    text = str(path)
    if any(not letter.isprintable() for letter in text):
        raise InvalidInput(
            "systemd cannot be told this path", where="--home", remedy="one without line breaks"
        )
    return text.replace("%", "%%")


def _quoted(word: str) -> str:
    escaped = _plain(Path(word)).replace("\\", "\\\\").replace('"', '\\"').replace("$", "$$")
    return f'"{escaped}"'


def _refuse_root() -> None:
    if os.geteuid() == 0:
        raise Denied(
            "a desk does not run as root", where="service", remedy="sign in as the user whose desk it is"
        )


def _installed(part: Part) -> Path:
    file = unit_file(part)
    if not file.is_file():
        raise InvalidInput(
            f"there is no {file}", where="--role", remedy="`glassdesk service status` lists them"
        )
    return file


def _told(orders: Sequence[Sequence[str]], fine: str) -> str:
    """What was done, or what to type where there is no systemd for users here."""
    typed = "; ".join(f"systemctl --user {' '.join(words)}" for words in orders)
    if not _reachable():
        return f"no systemd for users answers here; where one does: {typed}"
    for words in orders:
        _, problem = _systemctl(*words)
        if problem:
            raise Unavailable(f"systemctl --user {' '.join(words)}: {problem}", where="systemd")
    return fine


def _reachable() -> bool:
    return shutil.which("systemctl") is not None and not _systemctl("show-environment")[1]


def _state(name: str) -> str:
    if not _reachable():
        return "unknown"
    return _systemctl("is-active", name)[0] or "unknown"


def _systemctl(*words: str) -> tuple[str, str]:
    """What it said, and what is wrong."""
    try:
        told = subprocess.run(  # noqa: S603 - fixed words and our own unit's name
            ["systemctl", "--user", *words],  # noqa: S607 - wherever the machine has it
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as fault:
        return "", str(fault)
    return told.stdout.strip(), "" if told.returncode == 0 else told.stderr.strip() or told.stdout.strip()
