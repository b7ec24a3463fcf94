"""Log lines of a process: one form for everything that logs, without secrets, with the run and the order they
belong to."""

from glassdesk.adapters.logs.lines import write_lines
from glassdesk.adapters.logs.working import LoggedWork

__all__ = ["LoggedWork", "write_lines"]
