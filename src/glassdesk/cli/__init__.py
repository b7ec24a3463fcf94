"""The command line: parse, call the desk, show. One file per step, loaded when used."""

from glassdesk.cli.program import main

__all__ = ["main"]
