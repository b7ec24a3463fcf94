"""The worker's door: tick, sweep, execute, dispatch."""

from glassdesk.worker.role import Worker

__all__ = ["Worker"]
