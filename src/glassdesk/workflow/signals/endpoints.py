"""The models that a desk's settings name, and how each stands."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
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
    problem: str = ""
    """Why it cannot answer, and what to do about it: its key is missing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoints:
    """Names of endpoints by analyst, in the order they are asked."""

    named: tuple[tuple[str, str], ...]
    problems: Mapping[str, str] = field(default_factory=dict)
    """By endpoint."""
    probe: Callable[[], Iterable[Capability]] = tuple
    """Asks each once, with a picture; what was found is kept."""

    def unknown(self, t: Transaction, governor: Governor) -> bool:
        """True where one was never probed."""
        known = {one.endpoint for one in governor.capabilities(t)}
        return not {endpoint for _, endpoint in self.named} <= known

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
                    problem=self.problems.get(endpoint, ""),
                    resting_until=until if until is not None and until > now else None,
                )
            )
        return tuple(found)
