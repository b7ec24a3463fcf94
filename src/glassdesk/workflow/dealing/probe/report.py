"""The probe's report: one value for machines, one page for people, both redacted."""

from __future__ import annotations

from collections.abc import Iterable

from glassdesk.kernel.canonical import canonical_bytes, plain
from glassdesk.kernel.clock import format_instant
from glassdesk.workflow.dealing.findings import Confidence, Exchange, Finding, Probe
from glassdesk.workflow.dealing.probe.redaction import masked
from glassdesk.workflow.orders.switches import NAMES, UNKNOWN, Switches


def as_json(probe: Probe, switches: Switches) -> bytes:
    """The whole report, canonical. `switches` are those in force after it."""
    told = {
        "probe": probe.probe,
        "account": masked(probe.account),
        "kind": probe.kind,
        "symbol": probe.plan.symbol,
        "state": probe.state,
        "note": probe.note,
        "began_at": probe.began_at,
        "ended_at": probe.ended_at,
        "switches": {name: getattr(switches, name) for name in NAMES},
        "findings": [plain(one) for one in probe.findings],
        "left_resting": probe.kept,
    }
    return canonical_bytes(told)


def as_text(probe: Probe, switches: Switches) -> str:
    """The page, Markdown."""
    lines = [*_head(probe), *_table(probe.findings), *_switches(switches), *_details(probe.findings)]
    return "\n".join(lines) + "\n"


def _head(probe: Probe) -> list[str]:
    ended = format_instant(probe.ended_at) if probe.ended_at else "not ended"
    rest = f"{len(probe.kept)} order left resting with consent." if probe.kept else "Nothing is left behind."
    return [
        f"# Probe of {masked(probe.account)} ({probe.kind.value})",
        "",
        f"{format_instant(probe.began_at)} to {ended}, with {probe.plan.symbol}: {probe.state.value}.",
        f"{probe.note}. {rest}",
        "",
        "Account ids are masked; names and session values are left out; of lists only the probe's contract.",
        "",
    ]


def _table(findings: Iterable[Finding]) -> list[str]:
    rows = [
        f"| {one.code} | {one.question} | {_cell(one.conclusion)} | {one.confidence.value} | {_set(one)} |"
        for one in findings
    ]
    head = ["| | question | answer | confidence | sets |", "|---|---|---|---|---|"]
    return [*head, *rows, ""]


def _set(finding: Finding) -> str:
    return f"{finding.switch} = {finding.setting}" if finding.switch else "–"


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


def _switches(switches: Switches) -> list[str]:
    rows = [f"- {name}: {getattr(switches, name)}" for name in NAMES]
    again = "yes" if switches.may_send_again else "no"
    own = "yes" if switches.sends_child_coid else "no"
    words = f"An order of unknown fate may be sent again: {again}. Children carry an id of their own: {own}."
    return ["## Switches in force", "", *rows, "", words, ""]


def _details(findings: Iterable[Finding]) -> list[str]:
    lines = ["## What was done", ""]
    for one in findings:
        if one.confidence is Confidence.NONE and not one.exchanges:
            continue
        setting = f" Sets `{one.switch}` to `{one.setting}`." if one.switch and one.setting != UNKNOWN else ""
        lines += [f"### {one.code} {one.question}", "", f"{one.done}.", "", f"{one.conclusion}.{setting}", ""]
        lines += [line for each in one.exchanges for line in _exchange(each)]
    return lines


def _exchange(one: Exchange) -> list[str]:
    asked = [f"> {one.request}"] if one.request else []
    status = one.status if one.status is not None else "no answer"
    return [
        "```",
        f"{format_instant(one.at)} {one.method} {one.path}",
        *asked,
        f"< {status} {one.response}",
        "```",
        "",
    ]
