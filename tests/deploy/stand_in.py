"""What docs/deploy.md calls and no test machine has: it refuses words that could not be right."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import yaml

ROOT = Path(os.environ["GLASSDESK_TESTED_ROOT"])
COMPOSE = yaml.safe_load((ROOT / "compose.yaml").read_text())
SUBCOMMANDS = {"up", "ps", "logs", "exec", "run", "stop", "build"}
FLAGS = {"--build", "--detach", "--rm"}
UNITS = {"glassdesk", "glassdesk.service", "glassdesk-dealer.service", "glassdesk-worker.service"}


def docker(words: list[str]) -> None:
    """`docker compose …` names profiles, services and commands that are there."""
    assert words.pop(0) == "compose"
    while words[0] == "--profile":
        assert any(words[1] in one.get("profiles", ()) for one in COMPOSE["services"].values()), words[1]
        del words[:2]
    subcommand = words.pop(0)
    assert subcommand in SUBCOMMANDS, subcommand
    while words and words[0].startswith("-"):
        flag = words.pop(0)
        if flag == "--scale":
            service, _, number = words.pop(0).partition("=")
            assert service in COMPOSE["services"], service
            assert int(number) > 0
        else:
            assert flag in FLAGS, flag
    if subcommand in ("exec", "run"):
        assert words.pop(0) in COMPOSE["services"]
        assert words[0] == "glassdesk"
        subprocess.run(
            [Path(sys.executable).with_name("glassdesk"), *words[1:], "--help"],
            check=True,
            capture_output=True,
        )
        return
    assert set(words) <= set(COMPOSE["services"]), words


def systemctl(words: list[str]) -> None:
    """`systemctl --user …` on units of ours."""
    assert words.pop(0) == "--user"
    verb = words.pop(0)
    assert verb in {"show-environment", "daemon-reload", "enable", "disable", "start", "stop", "is-active"}, (
        verb
    )
    assert {word for word in words if not word.startswith("-")} <= UNITS, words
    sys.stdout.write("active\n" if verb == "is-active" else "")


def loginctl(words: list[str]) -> None:
    """Only lingering is asked for."""
    assert words == ["enable-linger"]


def make(words: list[str]) -> None:
    """Dry, on the project's own Makefile."""
    path = os.pathsep.join(os.environ["PATH"].split(os.pathsep)[1:])
    subprocess.run(
        ["make", "-n", "-C", str(ROOT), *words], check=True, capture_output=True, env={"PATH": path}
    )


if __name__ == "__main__":
    KNOWN = {"docker": docker, "systemctl": systemctl, "loginctl": loginctl, "make": make}
    KNOWN[sys.argv[1]](sys.argv[2:])
