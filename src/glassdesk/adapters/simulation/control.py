"""A client of the simulator's control plane: clock, person, faults, switches, truth."""

from __future__ import annotations

import ssl
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from glassdesk.adapters.simulation.endpoint import Endpoint
from glassdesk.kernel.clock import format_instant, parse_instant
from glassdesk.kernel.errors import InvalidInput, Unavailable

_TIMEOUT_SECONDS = 10.0


class ControlPlane:
    """Speaks to one simulator.

    Every method raises `Unavailable` when it is gone, `InvalidInput` when it refuses.
    """

    def __init__(self, endpoint: Endpoint) -> None:
        # Imported here: 100 ms that a desk without a simulator should not pay.
        import httpx2

        self._errors = (httpx2.HTTPError, httpx2.StreamError)
        self._http = httpx2.Client(
            base_url=f"{endpoint.control}/control",
            timeout=_TIMEOUT_SECONDS,
            trust_env=False,
            # It speaks plain HTTP; reading the machine's authorities for it took 25 ms each time.
            verify=ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT),
        )

    def health(self) -> Mapping[str, Any]:
        """Tape, seed, simulated time, account, whether a person is signed in."""
        return self._object("GET", "/health")

    def now(self) -> datetime:
        """The present instant of simulated time."""
        return parse_instant(self.clock()["now"])

    def clock(self) -> Mapping[str, Any]:
        """Time, pause, speed and who is in the round."""
        return self._object("GET", "/clock")

    def pause(self) -> None:
        """Time stands until `resume`."""
        self._object("POST", "/clock", {"paused": True})

    def resume(self) -> None:
        """Time moves again when everybody waits."""
        self._object("POST", "/clock", {"paused": False})

    def poke(self) -> None:
        """Wake whoever waits for events: a person asked for something."""
        self._object("POST", "/clock", {"poke": True})

    def set_speed(self, speed: float | None) -> None:
        """At most so many simulated seconds per machine second; `None` takes the brake off."""
        self._object("POST", "/clock", {"speed": speed})

    def advance_to(self, instant: datetime) -> datetime:
        """Let time pass up to `instant`, also while paused; answers when it is reached.

        It may take as long as the participants of the round work on the way.
        """
        stated = self._object("POST", "/clock", {"advance_to": format_instant(instant)}, patient=True)
        return parse_instant(stated["now"])

    def sign_in(self) -> None:
        """Play the person at the gateway's login page."""
        self._object("POST", "/person/sign-in", {})

    def sign_out(self) -> None:
        """The person leaves; both sessions end."""
        self._object("POST", "/person/sign-out", {})

    def person_order(self, conid: int, side: str, quantity: int) -> Mapping[str, Any]:
        """A trade by hand that the desk does not know of; filled at once."""
        return self._object("POST", "/person/order", {"conid": conid, "side": side, "quantity": quantity})

    def deposit(self, amount: str) -> Mapping[str, Any]:
        """Money comes in, or goes out when negative."""
        return self._object("POST", "/person/deposit", {"amount": amount})

    def arm(self, number: int, **parameters: object) -> Mapping[str, Any]:
        """Arm fault F-`number`; `count`, `skip`, `endpoint`, and what the fault itself takes."""
        return self._object("POST", "/faults", {"number": number, **parameters})

    def disarm(self) -> None:
        """Forget all armed faults and open the penalty box."""
        self._object("DELETE", "/faults")

    def faults(self) -> Mapping[str, Any]:
        """Armed faults and the catalogue."""
        return self._object("GET", "/faults")

    def switches(self) -> Mapping[str, str]:
        """Every uncertain behaviour and its setting."""
        return self._object("GET", "/switches")

    def switch(self, **settings: str) -> Mapping[str, str]:
        """Set switches by name."""
        return self._object("POST", "/switches", settings)

    def truth(self, kind: str) -> Sequence[Mapping[str, Any]]:
        """What really happened: `orders`, `executions`, `positions`, `requests` or `cash`."""
        rows: Sequence[Mapping[str, Any]] = self._asked("GET", f"/truth/{kind}", None)
        return rows

    def equity(self) -> Mapping[str, str]:
        """Net liquidation, cash and stock now, text to the cent."""
        return self._object("GET", "/truth/equity")

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def _object(
        self, method: str, path: str, body: Mapping[str, object] | None = None, *, patient: bool = False
    ) -> Mapping[str, Any]:
        stated: Mapping[str, Any] = self._asked(method, path, body, patient=patient)
        return stated

    def _asked(
        self, method: str, path: str, body: Mapping[str, object] | None, *, patient: bool = False
    ) -> Any:
        timeout = None if patient else _TIMEOUT_SECONDS
        try:
            answer = self._http.request(method, path, json=body, timeout=timeout)
            stated = answer.json()
        except (*self._errors, ValueError) as failure:
            raise Unavailable(f"the simulator does not answer: {failure}", where=path) from failure
        if answer.status_code != 200:
            raise InvalidInput(str(stated.get("error", stated)), where=f"simulator {path}")
        return stated
