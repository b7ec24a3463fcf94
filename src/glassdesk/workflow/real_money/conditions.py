"""The conditions of `T-61`, each a pure sentence about evidence or about a home."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from glassdesk.kernel.clock import format_instant
from glassdesk.kernel.ids import AccountKind
from glassdesk.workflow.dealing.findings import LIFETIME
from glassdesk.workflow.real_money.model import Bundle, Condition, Evidence, LiveHome, Sealed

PAPER_DAYS = 20
CLOSED_TRADES = 20
REAL_TIME = "real time"
APART = timedelta(hours=1)
"""So far the clocks of two homes may differ before a bundle counts as made in the future."""


def of_evidence(evidence: Evidence, now: datetime) -> tuple[Condition, ...]:
    """What a paper desk must show, counted again at `now`."""
    return (
        _paper_account(evidence),
        _probe(evidence, now),
        _condition(
            "PAPER_DAYS",
            "Sessions the paper desk has lived through",
            len(evidence.days),
            f"at least {PAPER_DAYS}",
            len(set(evidence.days)) >= PAPER_DAYS,
            "let the paper desk run; it counts a session when it takes its books at the close",
        ),
        _condition(
            "CLOSED_TRADES",
            "Round trips the paper desk has closed",
            len(evidence.trades),
            f"at least {CLOSED_TRADES}",
            len(set(evidence.trades)) >= CLOSED_TRADES,
            "let the strategies trade on paper",
        ),
        _condition(
            "OPEN_BREAKS",
            "Contracts, or cash, about which paper broker and desk disagree",
            ", ".join(evidence.open_breaks) or "none",
            "none",
            not evidence.open_breaks,
            "look at the Positions page of the paper desk and settle them",
        ),
        _condition(
            "AUDIT",
            "The paper desk's chain of acts is whole",
            evidence.audit_problem or f"{evidence.audit_rows} rows",
            "whole",
            not evidence.audit_problem and evidence.audit_rows > 0,
            "glassdesk audit verify, on the paper home",
        ),
    )


def of_content(bundle: Bundle) -> tuple[Condition, ...]:
    """A bundle without a strategy carries nothing."""
    carried = len(bundle.strategies)
    remedy = "a strategy that is not archived, on the paper home"
    return (_condition("STRATEGIES", "Strategies carried over", carried, "at least 1", carried > 0, remedy),)


def of_home(home: LiveHome) -> tuple[Condition, ...]:
    """What the live account's own home must show."""
    return (
        _condition(
            "LIVE_ACCOUNT",
            "Settings, broker and account id agree that the account is live",
            f"{home.account} ({home.kind.value}, {'proved' if home.proved else 'not proved'})",
            "live, proved",
            home.kind is AccountKind.LIVE and home.proved,
            "set account_kind to live and account to its id in this home; start the desk, sign in",
        ),
        _condition(
            "OWN_DATABASE",
            "The database holds no other account's orders",
            ", ".join(home.others) or home.account,
            home.account,
            not home.others,
            "give the live account a home of its own: --home ANOTHER",
        ),
        _condition(
            "LIMITS",
            "Capital and account limits are set by hand",
            f"not set: {', '.join(home.unset)}" if home.unset else "set",
            "desk_capital, max_daily_loss, max_drawdown",
            not home.unset,
            "write them into this home's settings.toml",
        ),
    )


def real_time(home: LiveHome) -> Condition:
    """Every contract that is carried over is quoted in real time."""
    late = [f"{symbol}: {word}" for symbol, word in sorted(home.quotes.items()) if word != REAL_TIME]
    observed = home.unread or ", ".join(late) or f"{len(home.quotes)} quoted in real time"
    if home.delayed:
        observed = "delayed quotes are allowed in the settings"
    return _condition(
        "REAL_TIME",
        "Market data of the account is real time",
        observed,
        "every contract in real time",
        bool(home.quotes) and not (late or home.unread or home.delayed),
        "start the desk, sign in, and subscribe to the market data; leave delayed_quotes at refuse",
    )


def of_bundle(sealed: Sealed | None, home: LiveHome, now: datetime) -> tuple[Condition, ...]:
    """Where the bundle comes from, and everything in it counted again."""
    if sealed is None:
        remedy = "glassdesk live check --write FILE on the paper home, then --bundle FILE here"
        return (_condition("BUNDLE", "A bundle of the paper home", "none", "one", False, remedy),)
    evidence = sealed.bundle.evidence
    return (
        _condition(
            "BUNDLE",
            "The bundle comes from another home that traded at the same kind of broker",
            _origin(evidence, home, now),
            f"another home, {home.broker}, not from the future",
            not _wrong_origin(evidence, home, now),
            f"make it on a paper home whose broker is the {home.broker}",
        ),
        *of_evidence(evidence, now),
        *of_content(sealed.bundle),
    )


def unmet(conditions: Iterable[Condition]) -> list[Condition]:
    """Those that are not met."""
    return [one for one in conditions if not one.met]


def _origin(evidence: Evidence, home: LiveHome, now: datetime) -> str:
    wrong = _wrong_origin(evidence, home, now)
    return wrong or f"{evidence.account}, {evidence.broker}, {format_instant(evidence.made_at)}"


def _wrong_origin(evidence: Evidence, home: LiveHome, now: datetime) -> str:
    if evidence.deployment == home.deployment:
        return "this home itself"
    if evidence.account == home.account:
        return "the same account"
    if evidence.broker != home.broker:
        return f"made at the {evidence.broker}"
    return "made in the future" if evidence.made_at > now + APART else ""


def _paper_account(evidence: Evidence) -> Condition:
    proved = "proved" if evidence.proved else "not proved"
    return _condition(
        "PAPER_ACCOUNT",
        "Settings, broker and account id agree that it is a paper account",
        f"{evidence.account} ({evidence.kind.value}, {proved})",
        "paper, proved",
        evidence.kind is AccountKind.PAPER and evidence.proved,
        "trade a paper account of the broker; a simulated account does not count",
    )


def _probe(evidence: Evidence, now: datetime) -> Condition:
    probe = evidence.probe
    age = None if probe is None else now - probe.ended_at
    return _condition(
        "PROBE",
        "Age of the paper account's last whole probe, in days",
        "never" if age is None else age.days,
        f"at most {LIFETIME.days}",
        age is not None and -APART <= age <= LIFETIME,
        "glassdesk probe, on the paper home",
    )


def _condition(code: str, meaning: str, observed: object, limit: str, met: bool, remedy: str) -> Condition:
    return Condition(
        code=code, meaning=meaning, observed=str(observed), limit=limit, met=met, remedy="" if met else remedy
    )
