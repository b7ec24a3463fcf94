"""Remake every lock: exact versions and hashes, and no address of any registry.

`python tools/locks.py [--upgrade]`, with uv beside the interpreter and npm on PATH.
Without `--upgrade` versions stay as they are wherever they still fit.
"""

import json
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
LOCKS = ROOT / "requirements"
UV = Path(sys.executable).with_name("uv")

RUNTIME = ["pyproject.toml", "simulator/pyproject.toml"]
GROUPS: dict[str, list[str]] = {
    # The tests' lock is made first and binds the others, so that what is tested is what runs.
    "test": [*RUNTIME, "--group", "test", "--extra", "traces"],
    "runtime": [*RUNTIME, "-c", "requirements/test.txt"],
    "traces": [*RUNTIME, "--extra", "traces", "-c", "requirements/test.txt"],
    "bench": ["--group", "pyproject.toml:bench", "-c", "requirements/test.txt"],
    "data": ["--group", "pyproject.toml:data", "--no-deps"],
    "build": ["--group", "pyproject.toml:build"],
    "installer": ["--group", "pyproject.toml:installer"],
}
SHAPE = [
    "--universal",
    "--python-version",
    "3.11",
    "--generate-hashes",
    "--no-header",
    "--annotation-style",
    "line",
]
QUIET = ["--quiet", "--no-config"]


def lock_python(name: str, sources: list[str], *options: str) -> None:
    output = f"requirements/{name}.txt"
    subprocess.run(
        [UV, "pip", "compile", *sources, *SHAPE, *QUIET, *options, "-o", output], cwd=ROOT, check=True
    )


def lock_node(folder: Path) -> None:
    """Ask npm for the lock, then drop the addresses of sponsors: they lock nothing."""
    subprocess.run(["npm", "install", "--package-lock-only"], cwd=folder, check=True)  # noqa: S607 (npm of the machine)
    path = folder / "package-lock.json"
    lock = json.loads(path.read_text())
    for package in lock["packages"].values():
        package.pop("funding", None)
    path.write_text(json.dumps(lock, indent=2) + "\n")


def addresses(path: Path) -> list[str]:
    return re.findall(r"\S*://\S*", path.read_text())


def main() -> None:
    LOCKS.mkdir(exist_ok=True)
    for name, sources in GROUPS.items():
        print(f"requirements/{name}.txt", flush=True)
        lock_python(name, sources, *sys.argv[1:])
    for folder in (ROOT, ROOT / "tools"):
        lock_node(folder)
    found = {
        str(path): addresses(path) for path in [*LOCKS.glob("*.txt"), *ROOT.glob("**/package-lock.json")]
    }
    if any(found.values()):
        raise SystemExit(f"addresses in a lock: { {path: urls for path, urls in found.items() if urls} }")


if __name__ == "__main__":
    main()
