"""What the broker is known to do on one account where its papers do not say (`T-60`). Unknown is the safe
side: nothing is sent again, children carry no id of their own, nothing is put right by itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Switches:
    """One setting per question, named as the simulator names it."""

    duplicate_coid: str = UNKNOWN
    """`200` or `400`: a client id used before is refused with this status; `off`: it makes a second order."""
    duplicate_scope: str = UNKNOWN
    """So long a client id stays taken: `working`: as long as its order works; `24h` or `ever`: also after."""
    child_coid: str = UNKNOWN
    """A child's own client id is `kept`, `dropped` or `refused`."""
    child_order_ref: str = UNKNOWN
    """`yes`: the list shows a child's own client id."""
    bracket_ids: str = UNKNOWN
    """`all`: the answer to a bracket names every leg's id; `parent`: the parent's only."""
    children: str = UNKNOWN
    """Children of an entry filled in part: `full`, `scaled` or `held_until_full` (`T-23`)."""
    on_parent_cancel: str = UNKNOWN
    """Children of an entry cancelled after a part was filled are `kept` or `cancelled`."""
    gtc_visible_next_day: str = UNKNOWN
    """A GTC order of yesterday is `listed`, `listed_new_id` or `hidden` (`T-32`)."""
    snapshot_flag: str = UNKNOWN
    """The order list says `snapshot: true` once it lists (`settles_second_call`), after it lists
    (`list_with_false`), before it lists (`early`), or `always_false`."""
    proven_at: datetime | None = None
    """When the last probe of the account ended, or the simulator told; `None`: never, or too long ago."""

    @property
    def may_send_again(self) -> bool:
        """The same payload under the same client id cannot make a second order, whatever became of the
        first."""
        return self.duplicate_coid in ("200", "400") and self.duplicate_scope in ("24h", "ever")

    @property
    def sends_child_coid(self) -> bool:
        """Children go out with a client id of their own."""
        return self.child_coid == "kept"

    @property
    def may_remedy(self) -> bool:
        """The account was probed: protection may be put right without a person."""
        return self.proven_at is not None

    def with_setting(self, name: str, setting: str) -> Switches:
        """The same with one answer more; a name that is no switch changes nothing."""
        return replace(self, **{name: setting}) if name in NAMES else self  # type: ignore[arg-type]


def told(settings: Mapping[str, str], at: datetime | None) -> Switches:
    """Switches as a list of settings says, known since `at`; what it does not name is unknown."""
    switches = Switches(proven_at=at)
    for name in NAMES:
        switches = switches.with_setting(name, settings.get(name, UNKNOWN))
    return switches


NAMES = tuple(name for name in Switches.__dataclass_fields__ if name != "proven_at")
"""Every switch, in the order they are shown."""


class SwitchBoard:
    """The switches in force; the dealer sets them, the adapter that writes reads them at each order."""

    def __init__(self, switches: Switches | None = None) -> None:
        self.switches = switches or Switches()
