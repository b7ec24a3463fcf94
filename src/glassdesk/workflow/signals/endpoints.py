"""The models that a desk's settings name, and how each stands."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from glassdesk.kernel.unit_of_work import Transaction
from glassdesk.workflow.signals.calls import Capability
from glassdesk.workflow.signals.governor import Governor


@dataclass(frozen=True, slots=True, kw_only=True)
class EndpointState:
    """One endpoint: of which analyst, what its last probe found, whether it is left alone."""

    analyst: str
    endpoint: str
    known: Capability | None
    resting_until: datetime | None
    """`None` where it may be asked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoints:
    """Names of endpoints by analyst, in the order they are asked."""

    named: tuple[tuple[str, str], ...]

    def states(self, t: Transaction, governor: Governor) -> tuple[EndpointState, ...]:
        """Each as it stands now."""
        known = {one.endpoint: one for one in governor.capabilities(t)}
        now = governor.now()
        found = []
        for analyst, endpoint in self.named:
            until = governor.resting_until(t, endpoint)
            found.append(
                EndpointState(
                    analyst=analyst,
                    endpoint=endpoint,
                    known=known.get(endpoint),
                    resting_until=until if until is not None and until > now else None,
                )
            )
        return tuple(found)
