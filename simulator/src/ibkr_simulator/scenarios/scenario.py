"""One fault of the catalogue: its number and name, how it comes about here, and what a client makes of it."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from ibkr_simulator.messages import Answer, Request

Kind = Literal["before", "after", "twist", "behaviour", "act", "switch"]
Parameters = Mapping[str, Any]
Before = Callable[[Any, Request, Parameters], Answer]
After = Callable[[Request, Answer, Parameters], Answer]
Twist = Callable[[Request, Parameters], Request]
Act = Callable[[Any, Parameters], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """before: answers instead of the gateway. after: changes or loses the answer. twist: the gateway
    understands another request. behaviour: a handler asks for it. act: happens in the world; with `undo` it
    lasts for `seconds`. switch: sets the named switch to `value`, until disarmed or for `seconds`."""

    number: int
    name: str
    section: str
    how: str
    """What the broker does."""
    client: str
    """What a correct client does."""
    kind: Kind
    endpoint: str = "any"
    takes: tuple[str, ...] = ()
    """Parameters it knows."""
    defaults: Parameters = field(default_factory=dict)
    star: bool = False
    """It can cost money if mishandled."""
    before: Before | None = None
    after: After | None = None
    twist: Twist | None = None
    act: Act | None = None
    undo: Act | None = None
    switch: str = ""
    value: str = ""

    @property
    def code(self) -> str:
        """`F-22`."""
        return f"F-{self.number:02}"

    @property
    def test(self) -> str:
        """Where its test stands: the name follows from number and name."""
        slug = re.sub(r"\W+", "_", self.name.lower()).strip("_")
        return f"tests/faults/test_{self.section}.py::test_F_{self.number:02}_{slug}"

    def row(self) -> dict[str, Any]:
        """As the control plane and the command line show it."""
        return {
            "number": self.number,
            "star": self.star,
            "name": self.name,
            "section": self.section,
            "kind": self.kind,
            "endpoint": self.endpoint,
            "switch": self.switch,
            "takes": list(self.takes),
            "how": self.how,
            "client": self.client,
            "test": self.test,
        }
