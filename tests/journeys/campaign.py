"""A chain of deaths: the driver started again and again until a life reaches the last evening."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.journeys import stage

STEPS = ("preflight", "bars", "indicators", "charts", "question", "answer", "signal", "verdicts", "reserve")
STEP_POINTS = tuple(f"step:{name}:{moment}" for name in STEPS for moment in ("written", "committed"))
SEND_POINTS = (
    "place:before",
    "place:after",
    "place:before#2",
    "place:after#2:running",
    "modify:before",
    "modify:after",
)
LIFE_SECONDS = 150.0
"""Machine seconds after which a life counts as stuck; a whole one takes fifteen."""
STRATEGIES = ("goog-confirmation", "ibm-reversion")


@dataclass(frozen=True, slots=True, kw_only=True)
class Campaign:
    """What is left after the last life."""

    home: stage.Home
    sessions: int
    kills: int
    """Lives that ended by SIGKILL."""
    seconds: float

    @property
    def hits(self) -> Counter[str]:
        """Kill points hit, from the log that the driver writes before it dies."""
        lines = (self.home.folder / "kills.log").read_text().splitlines()
        return Counter(line.split()[0] for line in lines)

    def told(self) -> str:
        """For the report of a test run."""
        points = ", ".join(sorted(self.hits))
        return f"{self.kills} kills in {self.seconds:.0f} s over {self.sessions} sessions: {points}"


def fight(home: Path, sessions: int, points: Sequence[str]) -> Campaign:
    """Start, die, start again, at most twice as often as there are points. Fails on any other end."""
    began, kills = time.monotonic(), 0
    for _ in range(2 * len(points) + 2):
        ended = _life(home, sessions, points)
        if ended.returncode == 0:
            break
        assert ended.returncode == -signal.SIGKILL, f"the driver ended by itself:\n{ended.stderr}"
        kills += 1
    else:
        raise AssertionError(f"no life reached the last evening: {(home / 'kills.log').read_text()}")
    return Campaign(
        home=stage.Home(folder=home), sessions=sessions, kills=kills, seconds=time.monotonic() - began
    )


def _life(home: Path, sessions: int, points: Sequence[str]) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "tests.journeys.driver", "--home", str(home)]
    command += ["--sessions", str(sessions), "--strategies", ",".join(STRATEGIES)]
    return subprocess.run(
        command,
        cwd=stage.ROOT,
        env=stage.environment(GLASSDESK_KILL_AT=",".join(points)),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=LIFE_SECONDS,
        check=False,
    )
