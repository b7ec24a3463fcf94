"""A probe's row as it goes on, and its end: report, audit, notification."""

from __future__ import annotations

from dataclasses import replace

from glassdesk.kernel.errors import Denied
from glassdesk.kernel.unit_of_work import Transaction
from glassdesk.workflow.dealing.findings import LIFETIME, Confidence, Probe, ProbeState, in_force
from glassdesk.workflow.dealing.parts import Parts, ProbeParts
from glassdesk.workflow.dealing.probe.report import as_json, as_text
from glassdesk.workflow.notifications.model import Severity
from glassdesk.workflow.orders.switches import Switches


class Ending:
    """Writes probes down."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    def keep(self, row: Probe, *, note: str | None = None, state: ProbeState | None = None) -> Probe:
        """The row, stored, with another note or state."""
        kept = replace(row, note=row.note if note is None else note, state=state or row.state)
        with self._parts.transactions.begin() as t:
            self._means().store.put(t, kept)
        return kept

    def end(self, row: Probe, state: ProbeState) -> Probe:
        """The row with its report; its findings count from now on."""
        ended = replace(row, state=state, ended_at=self._parts.now(), note=_last_word(row, state))
        switches = self._switches(ended)
        told, page = as_json(ended, switches), as_text(ended, switches).encode()
        artifacts = self._means().artifacts
        ended = replace(ended, report=artifacts.put(told), text=artifacts.put(page))
        with self._parts.transactions.begin() as t:
            self._parts.lineage.keep(t, ended.report, len(told), "application/json")
            self._parts.lineage.keep(t, ended.text, len(page), "text/markdown")
            self._means().store.put(t, ended)
            self._tell(t, ended)
        return ended

    def _switches(self, ended: Probe) -> Switches:
        now, store = self._parts.now(), self._means().store
        with self._parts.transactions.read() as t:
            before = store.of_account(t, ended.account, since=now - LIFETIME)
        return in_force([*(one for one in before if one.probe != ended.probe), ended], now)

    def _tell(self, t: Transaction, ended: Probe) -> None:
        ref = f"run:{ended.probe}"
        settings = {one.switch: one.setting for one in ended.findings if one.switch}
        body = {"state": ended.state, "report": ended.report, "switches": settings, "kept": ended.kept}
        self._parts.audit.append(t, "dealer", f"probe.{ended.state.value}", ref, body)
        severity = Severity.INFO if ended.state is ProbeState.DONE else Severity.WARNING
        told = f"{summary(ended)}. `glassdesk probe show` prints the report."
        title = f"Probe {ended.state.value}"
        self._parts.notifications.tell(t, f"probe:{ended.probe}:ended", severity, title, told, ref)

    def _means(self) -> ProbeParts:
        if self._parts.probing is None:
            raise Denied("probes are not wired in this process", where="dealer")
        return self._parts.probing


def summary(probe: Probe) -> str:
    """How many questions were answered."""
    if not probe.findings:
        return "nothing was asked, the account is clean"
    known = [one for one in probe.findings if one.confidence is not Confidence.NONE]
    rest = f", {len(probe.kept)} order left resting" if probe.kept else ", the account is clean"
    return f"{len(known)} of {len(probe.findings)} questions answered{rest}"


def _last_word(row: Probe, state: ProbeState) -> str:
    return summary(row) if state is ProbeState.DONE else row.note
