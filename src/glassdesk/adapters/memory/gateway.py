"""A gateway's address in memory: it looks as it is told."""

from __future__ import annotations

from glassdesk.workflow.session.model import GatewayCondition, GatewayLook, GatewayProcess
from glassdesk.workflow.session.ports import Gateway


class MemoryGateway(Gateway):
    """Implements `session.ports.Gateway`; `seen` is what the next look finds."""

    def __init__(self, *, supervised: bool = False) -> None:
        self.supervised = supervised
        self.seen = GatewayLook(condition=GatewayCondition.TRUSTED, address="memory:gateway")

    def process(self) -> GatewayProcess | None:
        return self.seen.process

    def look(self) -> GatewayLook:
        return self.seen
