"""Verbs about probes that anyone may use; the work itself is the dealer's (`probe/part.py`)."""

from __future__ import annotations

from collections.abc import Sequence

from glassdesk.kernel.clock import Clock
from glassdesk.kernel.ids import AccountKind
from glassdesk.kernel.unit_of_work import Transaction
from glassdesk.workflow.contracts.service import Contracts
from glassdesk.workflow.dealing.findings import LIFETIME, Probe, in_force
from glassdesk.workflow.dealing.ports import ProbeStore
from glassdesk.workflow.dealing.probe import admission
from glassdesk.workflow.orders.switches import Switches
from glassdesk.workflow.risk.service import Risk


class Probes:
    """What was found out about the desk's account, and whether more may be asked now."""

    def __init__(
        self,
        store: ProbeStore,
        contracts: Contracts,
        risk: Risk,
        clock: Clock,
        *,
        account: str,
        kind: AccountKind,
        exchange: str,
    ) -> None:
        self._store = store
        self._contracts = contracts
        self._risk = risk
        self._clock = clock
        self._account = account
        self._kind = kind
        self._exchange = exchange

    def admit(self, t: Transaction) -> None:
        """What the dealer will ask first. Raises `Denied` or `Conflict`, which says when to come back."""
        now = self._clock.now()
        admission.check_kind(self._kind)
        admission.check_halt(self._risk.halt(t))
        admission.check_alone(self.unfinished(t))
        here = self._contracts.session_at(self._exchange, now)
        admission.check_hours(now, here, self._contracts.next_session(self._exchange, now))

    def probe(self, t: Transaction, probe: str) -> Probe | None:
        """By identity."""
        return self._store.probe(t, probe)

    def all(self, t: Transaction) -> Sequence[Probe]:
        """Newest first."""
        return self._store.of_account(t, self._account)

    def unfinished(self, t: Transaction) -> Probe | None:
        """The one that runs or cleans up."""
        return self._store.unfinished(t, self._account)

    def last(self, t: Transaction) -> Probe | None:
        """The newest that asked something and ended."""
        asked = (one for one in self.all(t) if one.state.final and one.findings)
        return next(asked, None)

    def in_force(self, t: Transaction) -> Switches:
        """What probes showed within the lifetime of an answer; a simulated account needs none."""
        now = self._clock.now()
        return in_force(self._store.of_account(t, self._account, since=now - 2 * LIFETIME), now)
