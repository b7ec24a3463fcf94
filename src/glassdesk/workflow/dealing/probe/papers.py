"""What costs no order: volumes, and what is read from papers because asking would harm."""

from __future__ import annotations

import json
from datetime import datetime
from decimal import Decimal

from glassdesk.kernel.clock import format_instant
from glassdesk.workflow.dealing.findings import Confidence, Finding
from glassdesk.workflow.dealing.ports import VolumeSeen
from glassdesk.workflow.dealing.probe.answers import shown, unanswered
from glassdesk.workflow.dealing.probe.lab import SPACING, Lab, Steps

RECENT = 5_000
"""Rows of the audit among which resets are looked for."""
_LOW, _HIGH = Decimal("0.5"), Decimal(2)


def volume(lab: Lab) -> Steps[list[Finding]]:
    """The running daily bar beside the snapshot's volume."""
    yield SPACING
    seen = lab.means.broker.volume(lab.maker.conid)
    return [fits(seen)]


def fits(seen: VolumeSeen) -> Finding:
    """Within a factor of two they speak of the same shares."""
    done = "the running daily bar read beside the day's volume of the snapshot"
    if seen.factor is None or not seen.last_bar or not seen.day:
        return unanswered(("V1",), "one of the two is not there")[0]
    ratio = seen.last_bar * seen.factor / seen.day
    words = f"v × volumeFactor is {ratio:.2f} of the day's volume (factor {seen.factor:g})"
    right = _LOW <= ratio <= _HIGH
    return shown("V1", done, words, confidence=Confidence.SHOWN if right else Confidence.LIKELY)


def sheet(lab: Lab) -> Steps[list[Finding]]:
    """Nothing is provoked: a 429 would shut the whole username out for a quarter of an hour."""
    yield SPACING
    reset = "orders are not sent into a reset on purpose: their fate counts as unknown"
    limits = (
        "limits are read from the broker's papers (10 requests a second, order list and trades once in five "
        "seconds) and never tried; market data counts as stale by its own time"
    )
    return [*unanswered(("P6",), reset), *unanswered(("P10",), limits), _resets(lab)]


def _resets(lab: Lab) -> Finding:
    with lab.parts.transactions.read() as t:
        last = lab.parts.audit.length(t)
        rows = lab.parts.audit.entries(t, after=max(0, last - RECENT), limit=RECENT)
    seen = [row.at for row in rows if row.kind == "session.state" and _is_reset(row.body)]
    if not seen:
        return unanswered(("R1",), "none was seen lately")[0]
    times = ", ".join(format_instant(at) for at in _newest(seen))
    return shown(
        "R1", "the desk's own record of its session", f"last seen {times}", confidence=Confidence.LIKELY
    )


def _is_reset(body: str) -> bool:
    stated = json.loads(body)
    return isinstance(stated, dict) and stated.get("after") == "resetting"


def _newest(seen: list[datetime]) -> list[datetime]:
    return sorted(seen, reverse=True)[:3]
