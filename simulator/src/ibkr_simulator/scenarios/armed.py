"""A wish for a fault, and the fault in waiting that comes of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ibkr_simulator.instants import SECOND, Instant, iso, parse
from ibkr_simulator.messages import Request
from ibkr_simulator.scenarios.endpoints import matcher
from ibkr_simulator.scenarios.scenario import Parameters, Scenario


class CannotArm(ValueError):
    """The fault does not exist, or cannot be armed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What a scenario file or a control request asks for: one fault.

    At once, at the instant `at`, or `after` seconds of market time; it lets `skip` matching requests pass and
    strikes `count` times, or for `seconds` where the parameters have them.
    """

    number: int
    endpoint: str = ""
    count: int = 1
    skip: int = 0
    at: Instant | None = None
    after: Instant = 0
    parameters: Parameters = field(default_factory=dict)

    def opens(self, now: Instant) -> Instant | None:
        """When it begins to wait, None for at once."""
        opens = self.at if self.at is not None else now + self.after
        return opens if opens > now else None


@dataclass(slots=True, kw_only=True, eq=False)
class Armed:
    """A fault in waiting from `opens` on: skips `skip` matching requests, then strikes `count` times, or up
    to `until`. `before` is what its switch was set to before."""

    scenario: Scenario
    endpoint: str
    count: int
    skip: int
    at_request: bool = False
    opens: Instant | None = None
    until: Instant | None = None
    parameters: Parameters = field(default_factory=dict)
    struck: int = 0
    before: str | None = None
    problem: str = ""

    @property
    def open(self) -> bool:
        """Whether its time has come."""
        return self.opens is None and not self.problem

    def meets(self, request: Request) -> bool:
        """Whether it is meant for this request."""
        return matcher(self.endpoint).fullmatch(f"{request.method} {request.path}") is not None

    def waits_for(self, request: Request) -> bool:
        """Whether a deed or switch waits for this request."""
        return self.open and self.at_request and self.before is None and self.meets(request)

    def end(self, now: Instant) -> Instant | None:
        """With `seconds` a fault lasts so long in market time; a deed does where it can be undone."""
        momentary = self.scenario.kind == "act" and self.scenario.undo is None
        if momentary or "seconds" not in self.parameters:
            return None
        return now + round(float(self.parameters["seconds"]) * SECOND)

    def row(self) -> dict[str, Any]:
        """As the control plane shows it."""
        return {
            "number": self.scenario.number,
            "name": self.scenario.name,
            "endpoint": self.endpoint,
            "count": self.count,
            "skip": self.skip,
            "struck": self.struck,
            "at": None if self.opens is None else iso(self.opens),
            "until": None if self.until is None else iso(self.until),
            "parameters": dict(self.parameters),
            "problem": self.problem,
        }

    def kept(self) -> dict[str, Any]:
        """As it is remembered across a restart."""
        return self.row() | {"at_request": self.at_request, "before": self.before}

    @classmethod
    def of(cls, kept: Mapping[str, Any], scenario: Scenario) -> "Armed":
        """As it was remembered."""
        return cls(
            scenario=scenario,
            endpoint=kept["endpoint"],
            count=kept["count"],
            skip=kept["skip"],
            at_request=kept["at_request"],
            opens=None if kept["at"] is None else parse(kept["at"]),
            until=None if kept["until"] is None else parse(kept["until"]),
            parameters=kept["parameters"],
            struck=kept["struck"],
            before=kept["before"],
            problem=kept["problem"],
        )
