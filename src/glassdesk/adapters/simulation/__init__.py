"""The simulator's clock, its process and its control plane; nothing here is known to the rest of the desk."""

from glassdesk.adapters.simulation.clock import SimulatedClock
from glassdesk.adapters.simulation.control import ControlPlane
from glassdesk.adapters.simulation.endpoint import Endpoint
from glassdesk.adapters.simulation.process import attach, start_or_attach

__all__ = ["ControlPlane", "Endpoint", "SimulatedClock", "attach", "start_or_attach"]
