"""Every rule of the table asked about one order."""

from __future__ import annotations

from glassdesk.workflow.risk import soundness
from glassdesk.workflow.risk.model import Assessment, Exposure, Gates, Limits, Proposal
from glassdesk.workflow.risk.table import RULES
from glassdesk.workflow.risk.verdicts import verdict

__all__ = ["BY_NAME", "RULES", "assess", "only_waits"]


def assess(proposal: Proposal, exposure: Exposure, gates: Gates, limits: Limits) -> Assessment:
    """All verdicts, in the table's order; none is skipped. What is no number counts as missing."""
    told = (
        soundness.proposal(proposal),
        soundness.exposure(exposure),
        soundness.gates(gates),
        soundness.limits(limits),
    )
    return Assessment(verdicts=tuple(verdict(rule, *told) for rule in RULES))


BY_NAME = {rule.name: rule for rule in RULES}


def only_waits(assessment: Assessment) -> bool:
    """True where every denial is of the kind that may pass by itself, or follows from a missing quote."""
    denied = [BY_NAME[one.rule] for one in assessment.denials]
    quoted = any(rule.name == "QUOTE" for rule in denied)
    return all(rule.waits or (quoted and rule.name in _OF_THE_QUOTE) for rule in denied)


_OF_THE_QUOTE = ("PRICE_DRIFT", "PRICE_COLLAR")
