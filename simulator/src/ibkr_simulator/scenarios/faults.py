"""Armed faults: which is due at a request, how often it still strikes."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from ibkr_simulator.instants import SECOND, Instant, iso
from ibkr_simulator.messages import Answer, Request
from ibkr_simulator.scenarios.endpoints import matcher

Kind = Literal["before", "after", "behaviour", "act", "always", "switch", "later"]
Parameters = Mapping[str, Any]
Before = Callable[[Request, Parameters], Answer]
After = Callable[[Request, Answer, Parameters], Answer]
Act = Callable[[Any, Parameters], None]


class CannotArm(ValueError):
    """The fault does not exist, or cannot be armed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """One fault of the catalogue and how it comes about here.

    before: answers instead of the gateway. after: changes or loses the answer. behaviour: a handler
    asks for it. act: happens when armed. always: normal conduct. switch: see the named switch.
    """

    number: int
    name: str
    kind: Kind
    endpoint: str = "any"
    before: Before | None = None
    after: After | None = None
    act: Act | None = None
    switch: str = ""
    star: bool = False
    """It can cost money if mishandled."""


@dataclass(slots=True, kw_only=True)
class Armed:
    """A fault in waiting: skips `skip` matching requests, then strikes `count` times, or up to `until`."""

    scenario: Scenario
    endpoint: str
    count: int
    skip: int
    until: Instant | None = None
    parameters: Parameters = field(default_factory=dict)
    struck: int = 0

    def row(self) -> dict[str, Any]:
        """As the control plane shows it."""
        return {
            "number": self.scenario.number,
            "name": self.scenario.name,
            "endpoint": self.endpoint,
            "count": self.count,
            "skip": self.skip,
            "struck": self.struck,
            "until": None if self.until is None else iso(self.until),
            "parameters": dict(self.parameters),
        }


class Faults:
    """All armed faults of one simulator."""

    def __init__(self, catalogue: Mapping[int, Scenario], now: Callable[[], Instant]) -> None:
        self.catalogue = catalogue
        self._now = now
        self._armed: list[Armed] = []
        self._struck_now: list[int] = []

    @property
    def armed(self) -> list[Armed]:
        """Faults still in waiting; those whose time is over are forgotten."""
        self._armed = [armed for armed in self._armed if armed.until is None or armed.until > self._now()]
        return self._armed

    def arm(self, number: int, *, endpoint: str, count: int, skip: int, parameters: Parameters) -> Armed:
        """Put a fault in waiting. Raises CannotArm."""
        scenario = self.catalogue.get(number)
        if scenario is None:
            raise CannotArm(f"no fault F-{number:02}; there are F-01 to F-{max(self.catalogue):02}")
        if scenario.kind in ("always", "switch", "later"):
            raise CannotArm(_why_not(scenario))
        armed = Armed(
            scenario=scenario,
            endpoint=endpoint or scenario.endpoint,
            count=count,
            skip=skip,
            until=_end(scenario, parameters, self._now()),
            parameters=parameters,
        )
        matcher(armed.endpoint)
        self._armed.append(armed)
        return armed

    def disarm(self, number: int | None = None) -> None:
        """Forget one fault, or all."""
        self._armed = [a for a in self._armed if number is not None and a.scenario.number != number]

    def spend(self, armed: Armed) -> None:
        """Use an armed fault up at once."""
        armed.struck = armed.count
        self._armed.remove(armed)

    def before(self, request: Request) -> Answer | None:
        """The answer of a fault that strikes before the gateway sees the request."""
        armed = self._due("before", request)
        if armed is None or armed.scenario.before is None:
            return None
        return armed.scenario.before(request, armed.parameters)

    def after(self, request: Request, answer: Answer) -> Answer:
        """The answer as the faults leave it."""
        armed = self._due("after", request)
        if armed is None or armed.scenario.after is None:
            return answer
        return armed.scenario.after(request, answer, armed.parameters)

    def take(self, number: int, request: Request | None = None) -> Armed | None:
        """The armed behaviour of that number, used up by one strike."""
        for armed in self.armed:
            if armed.scenario.number == number and (request is None or _meets(armed, request)):
                return armed if self._strike(armed) else None
        return None

    def postponed(self, request: Request) -> float:
        """Seconds of market time by which an armed F-22 with `late` holds this request back, 0 for none."""
        for armed in self.armed:
            if armed.scenario.number == 22 and armed.parameters.get("late") and _meets(armed, request):
                return float(armed.parameters["late"]) if self._strike(armed) else 0.0
        return 0.0

    def struck(self) -> list[int]:
        """Numbers that struck since the last call, for the request log."""
        numbers, self._struck_now = self._struck_now, []
        return numbers

    def _due(self, kind: Kind, request: Request) -> Armed | None:
        for armed in self.armed:
            if (
                armed.scenario.kind == kind
                and not armed.parameters.get("late")
                and _meets(armed, request)
                and self._strike(armed)
            ):
                return armed
        return None

    def _strike(self, armed: Armed) -> bool:
        if armed.skip > 0:
            armed.skip -= 1
            return False
        armed.struck += 1
        self._struck_now.append(armed.scenario.number)
        if armed.until is None and armed.struck >= armed.count:
            self._armed.remove(armed)
        return True


def _end(scenario: Scenario, parameters: Parameters, now: Instant) -> Instant | None:
    """With `seconds` a fault lasts so long in market time; an act has no duration of this kind."""
    if scenario.kind == "act" or "seconds" not in parameters:
        return None
    return now + round(float(parameters["seconds"]) * SECOND)


def _meets(armed: Armed, request: Request) -> bool:
    return matcher(armed.endpoint).fullmatch(f"{request.method} {request.path}") is not None


def _why_not(scenario: Scenario) -> str:
    name = f"F-{scenario.number:02} ({scenario.name})"
    if scenario.kind == "always":
        return f"{name} is normal conduct here and needs no arming"
    if scenario.kind == "switch":
        return f"{name} is set with the switch {scenario.switch}"
    return f"{name} is not built yet"
