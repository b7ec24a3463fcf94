"""What the broker does about duplicates, and whether requests come late: each takes a defence away."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Environment:
    """One setting of the world."""

    name: str
    dedupe: bool
    """The broker refuses a client order id that it has seen."""
    says_dedupe: bool
    """The product is told so, and may send the same order again."""
    late: bool
    latest: timedelta = timedelta(seconds=900)


ENVIRONMENTS = {
    env.name: env
    for env in (
        Environment(name="E0", dedupe=True, says_dedupe=True, late=False),
        Environment(name="E1", dedupe=True, says_dedupe=True, late=True),
        Environment(name="E2", dedupe=False, says_dedupe=False, late=True),
        Environment(name="E3", dedupe=False, says_dedupe=True, late=True),
    )
}
"""E3 is unsafe by design: it must fail, or the harness sees nothing."""
