"""The kill switch: what each level of `T-50` still lets through."""

from __future__ import annotations

from glassdesk.workflow.risk.model import Halt, HaltLevel

AUTOMATIC_CEILING = HaltLevel.REDUCE_ONLY
"""The highest level the desk sets by itself; integrity violations alone reach HALT."""

RESTORED = "restored from "
"""How the reason begins of the HALT at which a home stands that was made of a backup."""


def effective(row: Halt, file: Halt | None) -> Halt:
    """The level in force: the higher of the database row and the sentinel file."""
    return file if file is not None and file.level > row.level else row


def may_run(level: HaltLevel) -> bool:
    """New runs may start."""
    return level < HaltLevel.HALT


def may_reserve_entry(level: HaltLevel) -> bool:
    """An opening order may be reserved."""
    return level < HaltLevel.PAUSE_ENTRIES


def may_send_entry(level: HaltLevel) -> bool:
    """A reserved or queued opening order may be sent."""
    return level < HaltLevel.REDUCE_ONLY


def may_exit(level: HaltLevel, *, by_person: bool) -> bool:
    """A reducing order may begin: below HALT any, from HALT on a person's, while flattening any,
    frozen none. A ladder already begun is not asked again."""
    if level >= HaltLevel.FREEZE:
        return False
    return level < HaltLevel.HALT or level is HaltLevel.FLATTEN or by_person


def may_protect(level: HaltLevel) -> bool:
    """Protective orders may be placed, shrunk, tightened, and orders cancelled."""
    return level < HaltLevel.FREEZE


def cancels_entries(level: HaltLevel) -> bool:
    """Working entries are to be cancelled; protective legs stay."""
    return HaltLevel.HALT_CANCEL_ENTRIES <= level < HaltLevel.FREEZE
