"""Which switches are in force: the simulator's own on a simulated account, else what the probes of the last
30 days showed (`T-60`), which on a live account came with the unlock (`T-61`). Looked up at the
start of a reign, each hour, and after a probe."""

from __future__ import annotations

from datetime import datetime, timedelta

from glassdesk.kernel.ids import AccountKind
from glassdesk.workflow.dealing.findings import LIFETIME, in_force
from glassdesk.workflow.dealing.parts import Parts
from glassdesk.workflow.dealing.reign import Reign
from glassdesk.workflow.orders.switches import Switches, told

AGAIN = timedelta(hours=1)
"""An answer may become too old while the dealer runs."""
LONGEST = timedelta(days=1)
"""A probe ends within a day of its beginning."""


class Switching:
    """Sets the board that the adapter reads."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    def look(self, reign: Reign) -> None:
        """Where it is due. Raises `Unavailable` where the simulator does not tell: nothing is sent then."""
        now = self._parts.now()
        if reign.switched_at is not None and now - reign.switched_at < AGAIN:
            return
        found = self._found(now)
        if found != self._parts.board.switches:
            self._tell(found)
        self._parts.board.switches, reign.switched_at = found, now

    def _found(self, now: datetime) -> Switches:
        if self._parts.simulated is not None:
            return self._parts.simulated()
        if self._parts.settings.kind is AccountKind.LIVE:
            return self._of_the_unlock(now)
        if self._parts.probing is None:
            return Switches()
        with self._parts.transactions.read() as t:
            store, account = self._parts.probing.store, self._parts.settings.account
            return in_force(store.of_account(t, account, since=now - LIFETIME - LONGEST), now)

    def _of_the_unlock(self, now: datetime) -> Switches:
        """What the probe of the paper account showed, which came with the bundle: both answer alike."""
        with self._parts.transactions.read() as t:
            shown = self._parts.risk.live_evidence(t)
        if shown is None or now - shown.probed_at > LIFETIME:
            return Switches()
        return told(dict(shown.switches), shown.probed_at)

    def _tell(self, found: Switches) -> None:
        body = {"before": self._parts.board.switches, "after": found}
        with self._parts.transactions.begin() as t:
            self._parts.audit.append(
                t, "dealer", "switches.set", f"account:{self._parts.settings.account}", body
            )
