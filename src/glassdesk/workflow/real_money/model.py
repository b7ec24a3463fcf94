"""Nouns of the road to live (`T-61`): conditions, evidence, and the bundle that carries both home."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from glassdesk.kernel.ids import AccountKind
from glassdesk.workflow.contracts.model import Contract
from glassdesk.workflow.indicators.model import IndicatorSet


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """One thing that must be so, with its number, its limit, and what would make it so."""

    code: str
    meaning: str
    observed: str
    limit: str
    met: bool
    remedy: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ProbeShown:
    """The last whole probe of the paper account (`T-60`)."""

    probe: str
    ended_at: datetime
    report_sha256: str
    switches: tuple[tuple[str, str], ...]
    """Setting by the switch's name, as the probes of its lifetime showed it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What a paper desk has to show for itself."""

    account: str
    kind: AccountKind
    broker: str
    """`gateway` or `simulator`: what the account traded at."""
    deployment: str
    version: str
    """Of the program."""
    made_at: datetime
    proved: bool
    """Settings, broker and account id agreed about the kind (PAPER_PROOF)."""
    probe: ProbeShown | None
    days: tuple[date, ...]
    """Sessions at whose close the desk took its books."""
    trades: tuple[str, ...]
    """Entry orders whose shares are sold, each once, oldest sale first."""
    trades_sha256: str
    """Of all closed trades with their prices and results."""
    open_breaks: tuple[str, ...]
    """Contracts, or `cash`, about which broker and desk disagree."""
    audit_rows: int
    audit_head: str
    audit_problem: str = ""
    """Where the chain of acts does not verify."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CarriedStrategy:
    """The newest version of a strategy, as its file; `conids` say what its tickers mean."""

    name: str
    version: int
    sha256: str
    text: str
    conids: Mapping[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class CarriedPrompt:
    """One version of a prompt, as its file."""

    name: str
    number: int
    sha256: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CarriedLabel:
    """Where a label points, by the text's hash: numbers may differ at home."""

    prompt: str
    label: str
    scope: str
    sha256: str
    tested: str = ""
    """Run on which that text was tested; empty where it was not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CarriedList:
    """A watchlist."""

    name: str
    contracts: tuple[Contract, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Bundle:
    """Everything that goes from the paper home to the live one."""

    evidence: Evidence
    contracts: tuple[Contract, ...]
    strategies: tuple[CarriedStrategy, ...]
    prompts: tuple[CarriedPrompt, ...]
    labels: tuple[CarriedLabel, ...]
    indicator_sets: tuple[IndicatorSet, ...]
    watchlists: tuple[CarriedList, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sealed:
    """A bundle as it was read, with the hash of its content."""

    bundle: Bundle
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveHome:
    """What the home of a live account says about itself."""

    account: str
    kind: AccountKind
    broker: str
    deployment: str
    proved: bool
    others: tuple[str, ...]
    """Other accounts with orders in this database."""
    unset: tuple[str, ...]
    """Settings of the limits that nobody set by hand."""
    delayed: bool
    """Entries on delayed quotes are allowed."""
    quotes: Mapping[str, str] = field(default_factory=dict)
    """By ticker: `real time`, or what is wrong with the quote."""
    unread: str = ""
    """Why no quote could be read."""
