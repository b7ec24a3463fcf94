"""Which lines of the product tests run, noted by SlipCover and kept as coverage.py's data.

A line costs nothing once it was seen. With coverage.py's tracer the same 114 tests of runs took 94 s of
processor time, so 53 s, and without either 39 s. Used as `pytest -p tests.measuring`, also by the processes
of pytest-xdist. Programs that tests start are not measured.
"""

import os
from pathlib import Path

import coverage
from slipcover import FileMatcher, ImportManager, Slipcover

ROOT = Path(__file__).resolve().parents[1]
SOURCES = [str(ROOT / "src"), str(ROOT / "simulator" / "src")]
FOLDER = ROOT / "build" / "coverage"

# Begun when this file is read: before conftest, so before anything of the product is imported.
_seen = Slipcover(source=SOURCES, immediate=False)
ImportManager(_seen, FileMatcher(sources=SOURCES)).__enter__()


def pytest_sessionfinish() -> None:
    """One file for each process; what nothing imported counts as not run."""
    files = _seen.get_coverage()["files"]
    unseen: dict[str, list[int]] = {
        str(file): [] for folder in SOURCES for file in Path(folder).rglob("*.py")
    }
    data = coverage.CoverageData(basename=str(FOLDER / f"data.{os.getpid()}"))
    data.add_lines(unseen | {str(ROOT / name): found["executed_lines"] for name, found in files.items()})
    data.write()
