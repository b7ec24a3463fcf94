"""Nouns of the probe: what is asked of the broker on the account, and what came of it (`T-60`)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from glassdesk.kernel.ids import AccountKind
from glassdesk.workflow.orders.switches import NAMES, UNKNOWN, Switches

CORE = ("P1", "P1-ended", "B1")
"""Questions without whose answers an account counts as not probed: they decide how orders are sent."""

LIFETIME = timedelta(days=30)
"""An older answer counts as none (`T-60`, `T-61`)."""


class ProbeState(StrEnum):
    """Life of a probe; the last three are final."""

    RUNNING = "running"
    CLEANING = "cleaning"
    """The questions are over, what was placed is being cancelled."""
    DONE = "done"
    STOPPED = "stopped"
    """A person, the halt switch or the time ended it early; the account is clean."""
    INTERRUPTED = "interrupted"
    """The desk died on the way; the next dealer cleaned up."""

    @property
    def final(self) -> bool:
        return self not in (ProbeState.RUNNING, ProbeState.CLEANING)


class Confidence(StrEnum):
    """How sure an answer is."""

    SHOWN = "shown"
    """The broker did it before our eyes."""
    LIKELY = "likely"
    """Seen once, and other readings are possible."""
    NONE = "none"
    """Not found out: the safe assumption stays."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProbePlan:
    """What a person agreed to."""

    conid: int
    symbol: str
    exchange: str
    """Calendar, e.g. XNYS."""
    only: tuple[str, ...] = ()
    """Codes of the experiments; empty means every one that is agreed to."""
    trade: bool = False
    """Three shares may be bought and sold again."""
    overnight: bool = False
    """One GTC order may rest until the next day."""
    second_day: bool = False
    """Look at the order that was left resting, nothing else."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """One call of an experiment, redacted: no session value, no name, the account masked."""

    method: str
    path: str
    request: str
    status: int | None
    response: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """The answer to one question."""

    code: str
    """Which question: `P1` … `P10` of `reliability.md` §8, and the bracket's own, `B1` …"""
    question: str
    done: str
    """What was done to find out."""
    conclusion: str
    confidence: Confidence
    switch: str = ""
    setting: str = UNKNOWN
    exchanges: tuple[Exchange, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Probe:
    """One probe of an account. `probe` is its run."""

    probe: str
    account: str
    kind: AccountKind
    plan: ProbePlan
    actor: str
    state: ProbeState
    began_at: datetime
    fence: int
    """Of the dealer that runs it: another one finds it interrupted."""
    note: str = ""
    """What it is at, or why it ended."""
    findings: tuple[Finding, ...] = ()
    kept: tuple[str, ...] = ()
    """Orders left resting with consent, for the second day."""
    ended_at: datetime | None = None
    report: str = ""
    """Artifact of the report as JSON; `text` is the one for people."""
    text: str = ""


def _answers_the_core(probe: Probe) -> bool:
    known = {one.code for one in probe.findings if one.confidence is not Confidence.NONE}
    return known >= set(CORE)


def in_force(probes: Sequence[Probe], now: datetime) -> Switches:
    """What the probes of one account showed within the lifetime of an answer; newer ones win."""
    switches = Switches()
    for probe in sorted(probes, key=lambda one: one.began_at):
        ended = probe.ended_at
        if ended is None or now - ended > LIFETIME:
            continue
        for finding in probe.findings:
            if finding.switch in NAMES and finding.setting != UNKNOWN:
                switches = switches.with_setting(finding.switch, finding.setting)
        if probe.state is ProbeState.DONE and _answers_the_core(probe):
            switches = replace(switches, proven_at=ended)
    return switches
