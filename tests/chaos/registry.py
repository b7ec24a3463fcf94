"""The parts of a campaign. A part plugs in by standing at its address; one that is not there yet is named.

A part is a function `campaign(share: Share) -> dict[str, object]`. Its answer has `violations`: lines, each
with the one command that plays it again; and whatever else it counts. All of it goes into `build/chaos.json`
under the part's name.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """What a part is asked for: `seeds` of the whole campaign, from `first` on, on so many cores."""

    seeds: int
    first: int
    jobs: int
    full: bool = False
    """Everything there is, whatever it takes."""


Campaign = Callable[[Share], dict[str, object]]

PARTS = {
    "desk": "tests.chaos.desk.campaign",
    "mutants": "tests.chaos.mutants.campaign",
    "kill": "tests.chaos.kill.campaign",
}
"""The whole desk plays `seeds / 10`; mutants run all; kill plays 50 points, all of them where `full`."""


def part(name: str) -> Campaign | None:
    """The part's function; `None` where it is not built."""
    address = PARTS[name]
    parent = address.rpartition(".")[0]
    if find_spec(parent) is None or find_spec(address) is None:
        return None
    found: Campaign = import_module(address).campaign
    return found
