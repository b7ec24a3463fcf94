"""Armed faults: which is due at an instant or a request, and how often it still strikes."""

import json
from collections.abc import Callable, Mapping
from typing import Any

from ibkr_simulator.instants import SECOND, Instant
from ibkr_simulator.messages import Answer, Request
from ibkr_simulator.scenarios.armed import Armed, CannotArm, Wish
from ibkr_simulator.scenarios.endpoints import ACCEPTANCE, accepts
from ibkr_simulator.scenarios.scenario import Kind, Scenario

Keep = Callable[[str], None]


class Faults:
    """All armed faults of one world. `keep` is told their state after every change, to survive a restart."""

    def __init__(self, catalogue: Mapping[int, Scenario], world: Any, keep: Keep = lambda text: None) -> None:
        self.catalogue = catalogue
        self._world = world
        self._keep = keep
        self._armed: list[Armed] = []
        self._struck_now: list[int] = []

    @property
    def armed(self) -> list[Armed]:
        """Faults in waiting or lasting; those whose time is over are forgotten."""
        for armed in [one for one in self._armed if one.until is not None and one.until <= self._now]:
            self._end(armed)
        return self._armed

    # --- arming

    def arm(self, wish: Wish) -> Armed:
        """Put a fault in waiting, or let it happen at once. Raises CannotArm."""
        scenario = self.catalogue[wish.number]
        armed = Armed(
            scenario=scenario,
            endpoint=wish.endpoint or scenario.endpoint,
            count=wish.count,
            skip=wish.skip,
            at_request=bool(wish.endpoint) or wish.skip > 0,
            opens=wish.opens(self._now),
            parameters={**scenario.defaults, **wish.parameters},
        )
        if armed.opens is None:
            self._open(armed)
        else:
            self._await(armed)
        self._changed()
        return armed

    def disarm(self, number: int | None = None) -> None:
        """Forget one fault, or all; a switch that was set goes back."""
        for armed in [one for one in self._armed if number in (None, one.scenario.number)]:
            self._end(armed)

    def _await(self, armed: Armed) -> None:
        """Open it when its instant comes."""
        self._armed.append(armed)
        delay = max(0, (armed.opens or self._now) - self._now)
        self._world.postpone(delay, lambda: self._reach(armed))

    def _reach(self, armed: Armed) -> None:
        if armed not in self._armed:
            return
        self._armed.remove(armed)
        armed.opens = None
        try:
            self._open(armed)
        except CannotArm as problem:
            # Nobody is there to be told: it stays in the list with the reason.
            armed.problem = str(problem)
            self._armed.append(armed)
        self._changed()

    def _open(self, armed: Armed) -> None:
        """Its time has come: a deed is done and a switch is set, unless they wait for a request."""
        if armed.scenario.kind not in ("act", "switch") or armed.at_request:
            armed.until = armed.end(self._now)
            self._armed.append(armed)
            return
        self._perform(armed)

    def _perform(self, armed: Armed) -> None:
        """Do the deed, or set the switch; what lasts stays in the list until its time is over."""
        scenario = armed.scenario
        if scenario.act is not None:
            scenario.act(self._world, armed.parameters)
        if scenario.undo is not None:
            armed.before = ""
        if scenario.switch:
            armed.before = self._world.switches.text(scenario.switch)
            self._world.switches.update({scenario.switch: armed.parameters.get("value", scenario.value)})
        armed.struck += 1
        if armed.before is not None:
            armed.until = armed.end(self._now)
            self._listed(armed)

    def _listed(self, armed: Armed) -> None:
        if armed not in self._armed:
            self._armed.append(armed)

    def _end(self, armed: Armed) -> None:
        self._armed.remove(armed)
        if armed.before is not None and armed.scenario.switch:
            self._world.switches.update({armed.scenario.switch: armed.before})
        elif armed.before is not None and armed.scenario.undo is not None:
            armed.scenario.undo(self._world, armed.parameters)
        self._changed()

    # --- striking

    def arrive(self, request: Request) -> None:
        """A request arrives: deeds and switches that waited for it happen first."""
        for armed in list(self.armed):
            if armed.scenario.kind in ("act", "switch") and armed.waits_for(request) and self._strike(armed):
                armed.struck -= 1
                self._perform(armed)
                self._changed()

    def twist(self, request: Request) -> Request:
        """The request as the gateway understands it."""
        armed = self._due("twist", request)
        if armed is None or armed.scenario.twist is None:
            return request
        return armed.scenario.twist(request, armed.parameters)

    def before(self, request: Request) -> Answer | None:
        """The answer of a fault that strikes before the gateway sees the request."""
        armed = self._due("before", request)
        if armed is None or armed.scenario.before is None:
            return None
        return _marked(armed, armed.scenario.before(self._world, request, armed.parameters))

    def after(self, request: Request, answer: Answer) -> Answer:
        """The answer as the faults leave it."""
        armed = self._due("after", request, answer)
        if armed is None or armed.scenario.after is None:
            return answer
        # The gateway's own answer was looked at before; what a fault leaves of it may have any shape.
        return armed.scenario.after(request, answer, armed.parameters).but(malformed=True)

    def take(self, number: int, request: Request | None = None) -> Armed | None:
        """The armed behaviour of that number, used up by one strike."""
        for armed in list(self.armed):
            fits = armed.open and armed.scenario.number == number
            if fits and (request is None or armed.meets(request)):
                return armed if self._strike(armed) else None
        return None

    def postponed(self, request: Request) -> float:
        """Seconds of market time by which an armed F-22 with `late` holds this request back, 0 for none."""
        for armed in list(self.armed):
            late = armed.parameters.get("late") if armed.scenario.number == 22 and armed.open else None
            if late and armed.meets(request):
                return float(late) if self._strike(armed) else 0.0
        return 0.0

    def struck(self) -> list[int]:
        """Numbers that struck since the last call, for the request log."""
        numbers, self._struck_now = self._struck_now, []
        return numbers

    def _due(self, kind: Kind, request: Request, answer: Answer | None = None) -> Armed | None:
        for armed in list(self.armed):
            fits = armed.scenario.kind == kind and armed.open and not armed.parameters.get("late")
            if not fits or not armed.meets(request):
                continue
            if answer is not None and armed.endpoint == ACCEPTANCE and not accepts(answer):
                continue
            if self._strike(armed):
                return armed
        return None

    def _strike(self, armed: Armed) -> bool:
        if armed.skip > 0:
            armed.skip -= 1
            self._changed()
            return False
        armed.struck += 1
        self._struck_now.append(armed.scenario.number)
        if armed.until is None and armed.struck >= armed.count:
            self._armed.remove(armed)
        self._changed()
        return True

    # --- surviving

    def restore(self, text: str | None) -> None:
        """What `keep` was told last, before the process ended."""
        for row in json.loads(text or "[]"):
            armed = Armed.of(row, self.catalogue[row["number"]])
            if armed.opens is not None:
                self._await(armed)
                continue
            self._armed.append(armed)
            if armed.before is not None:
                self._resume(armed)

    def _resume(self, armed: Armed) -> None:
        """A switch is set again, and a deed done for what is left of its time."""
        scenario = armed.scenario
        if scenario.switch:
            self._world.switches.update({scenario.switch: armed.parameters.get("value", scenario.value)})
        elif scenario.act is not None and armed.until is not None and armed.until > self._now:
            left = (armed.until - self._now) / SECOND
            scenario.act(self._world, {**armed.parameters, "seconds": left})

    def _changed(self) -> None:
        self._keep(json.dumps([armed.kept() for armed in self._armed]))

    @property
    def _now(self) -> Instant:
        now: Instant = self._world.now
        return now


def _marked(armed: Armed, answer: Answer) -> Answer:
    """Put on another endpoint than its own, a fault may answer in a shape that endpoint never has."""
    return answer if armed.endpoint == armed.scenario.endpoint else answer.but(malformed=True)
