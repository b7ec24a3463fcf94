"""A fault in how the gateway understands a history request."""

from dataclasses import replace

from ibkr_simulator.messages import Request
from ibkr_simulator.scenarios.scenario import Parameters


def defaulted(request: Request, parameters: Parameters) -> Request:
    """F-35: as if the period were none: 200 with the default series."""
    return replace(request, query={**request.query, "period": "bad", "bar": "bad"})
