"""Kill points as a part of `python -m tests.chaos run`."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from tests.chaos.kill.databases import Files
from tests.chaos.kill.sweep import Ground
from tests.chaos.kill.sweep import campaign as swept
from tests.chaos.registry import Share

POINTS, FULL = 50, 500


def campaign(share: Share) -> dict[str, object]:
    """50 points, all 500 where everything is asked for."""
    if shutil.which("strace") is None:
        return {"violations": ["strace is missing: nothing was killed (Debian: apt-get install strace)"]}
    with tempfile.TemporaryDirectory(prefix="glassdesk-kill-") as folder:
        wanted = FULL if share.full else POINTS
        report = swept(
            wanted,
            Path(folder) / "sweep",
            lambda _: Ground(databases=Files()),
            seed=share.first + 1,
            shards=share.jobs,
        )
    lines = [f"{words}; {one.replay}" for one in report.violated for words in one.violations]
    if len(report.struck) < wanted * 0.9:
        lines.append(f"only {len(report.struck)} of {wanted} points struck")
    return {**report.rows(), "kill_points": len(report.struck), "violations": lines}
