"""What the simulated broker does, told by itself: on a simulated account nothing has to be found out."""

from __future__ import annotations

from glassdesk.adapters.simulation.control import ControlPlane
from glassdesk.adapters.simulation.endpoint import Endpoint
from glassdesk.workflow.orders.switches import Switches, told


def simulated_switches(endpoint: Endpoint) -> Switches:
    """The simulator's settings of our switches, known since now. Raises `Unavailable`."""
    control = ControlPlane(endpoint)
    try:
        return told(control.switches(), control.now())
    finally:
        control.close()
