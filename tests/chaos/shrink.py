"""From a failing seed to the few kinds of faults it needs, and the one command that plays it again."""

from __future__ import annotations

from collections.abc import Callable, Collection

Fails = Callable[[Collection[str]], bool]
"""Does the seed still fail with these kinds of faults switched off?"""


def shrunk(kinds: Collection[str], fails: Fails) -> list[str]:
    """The kinds without which it does not fail any more: each is dropped once, and stays out where the seed
    fails all the same."""
    off: list[str] = []
    for kind in sorted(kinds):
        if fails([*off, kind]):
            off.append(kind)
    return [kind for kind in sorted(kinds) if kind not in off]


def replay_command(env: str, seed: int, off: Collection[str] = ()) -> str:
    """Plays it again, with every step printed."""
    without = f" --without {','.join(sorted(off))}" if off else ""
    return f"python -m tests.chaos replay --env {env} --seed {seed}{without} --trace"
