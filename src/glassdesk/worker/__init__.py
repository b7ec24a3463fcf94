"""The worker's door: tick, sweep, execute, dispatch."""

from glassdesk.worker.building import build_worker
from glassdesk.worker.role import Worker

__all__ = ["Worker", "build_worker"]
