"""The probe's part of the dealer's turn: one step of one experiment at a time, then the clean-up, then the
report. What is in memory may die: rows and the broker's list say what is to be cleaned up."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from glassdesk.kernel.errors import Conflict, Denied, GlassdeskError, LeaseLost, SessionNotReady
from glassdesk.workflow.dealing.facts_part import FactsPart
from glassdesk.workflow.dealing.findings import Finding, Probe, ProbeState
from glassdesk.workflow.dealing.model import Command, CommandKind
from glassdesk.workflow.dealing.parts import Parts, ProbeParts
from glassdesk.workflow.dealing.probe import catalogue
from glassdesk.workflow.dealing.probe.admission import LONGEST
from glassdesk.workflow.dealing.probe.answers import unanswered
from glassdesk.workflow.dealing.probe.beginning import Beginning
from glassdesk.workflow.dealing.probe.brackets import between, bracket
from glassdesk.workflow.dealing.probe.catalogue import Experiment
from glassdesk.workflow.dealing.probe.cleaning import Cleaning
from glassdesk.workflow.dealing.probe.ending import Ending
from glassdesk.workflow.dealing.probe.lab import SPACING, Lab, Steps
from glassdesk.workflow.dealing.probe.papers import sheet, volume
from glassdesk.workflow.dealing.probe.redaction import exchange
from glassdesk.workflow.dealing.probe.single import blind, overnight, preview, resting, second_day
from glassdesk.workflow.dealing.probe.trade import trade
from glassdesk.workflow.dealing.reign import Reign
from glassdesk.workflow.dealing.telling import Telling
from glassdesk.workflow.risk.model import HaltLevel

Script = Callable[[Lab], Steps[list[Finding]]]
SCRIPTS: Mapping[str, Script] = {
    catalogue.PREVIEW.name: preview,
    catalogue.RESTING.name: resting,
    catalogue.BRACKET.name: bracket,
    catalogue.BETWEEN.name: between,
    catalogue.TRADE.name: trade,
    catalogue.VOLUME.name: volume,
    catalogue.SHEET.name: sheet,
    catalogue.OVERNIGHT.name: overnight,
    catalogue.BLIND.name: blind,
}
KINDS = (CommandKind.PROBE, CommandKind.PROBE_STOP, CommandKind.PROBE_CLEAN_UP)
SETTLES = timedelta(seconds=60)
"""A list that is not complete so long after the session was ready does not become so."""
FROZEN = timedelta(seconds=30)
"""While nothing may be sent, not even cancels."""


@dataclass(slots=True)
class Job:
    """A probe at work under one lease."""

    row: Probe
    lab: Lab
    queue: list[Experiment]
    due: datetime
    at: Experiment | None = None
    script: Steps[list[Finding]] | None = None
    cleaning: Cleaning | None = None
    cleaner: Steps[None] | None = None
    ending: ProbeState = ProbeState.DONE
    blind: bool = False
    """The order list never says that it is complete."""


class ProbePart:
    """Runs probes."""

    def __init__(self, parts: Parts, facts: FactsPart, telling: Telling) -> None:
        self._parts = parts
        self._beginning = Beginning(parts, facts, telling)
        self._ending = Ending(parts)
        self._job: Job | None = None
        self._looked: Reign | None = None
        self._waiting_since: datetime | None = None

    # ------------------------------------------------------------ wishes

    def waits(self, reign: Reign, command: Command) -> bool:
        """True while a wish has to wait: for a session, and a while for a list that becomes complete."""
        if reign.may_send or command.kind is CommandKind.PROBE_STOP:
            self._waiting_since = None
            return False
        if not reign.ready or command.kind is not CommandKind.PROBE:
            return True
        self._waiting_since = self._waiting_since or self._parts.now()
        return self._parts.now() - self._waiting_since < SETTLES

    def ask(self, reign: Reign, command: Command) -> str:
        """Begin, stop or clean up. Raises `Denied`, `Conflict`, `InvalidInput`."""
        if self._parts.probing is None:
            raise Conflict("probes are not wired in this process", where="dealer")
        if command.kind is CommandKind.PROBE:
            return self._begin(reign, command)
        if command.kind is CommandKind.PROBE_STOP:
            return self._stop_by(reign, command.actor)
        return self._clean_up(reign, command)

    def _begin(self, reign: Reign, command: Command) -> str:
        row = self._beginning.admit(reign, command)
        self._job = job = Job(row=row, lab=self._lab(reign, row), queue=[], due=self._parts.now())
        if not reign.may_send:
            job.queue, job.blind = [catalogue.BLIND], True
        elif row.plan.second_day:
            order = self._beginning.kept_order()
            job.at, job.script = catalogue.OVERNIGHT, second_day(job.lab, order)
        else:
            plan = row.plan
            job.queue = list(catalogue.chosen(plan.only, trade=plan.trade, overnight=plan.overnight))
        return f"probe {row.probe} began"

    def _stop_by(self, reign: Reign, actor: str) -> str:
        job = self._current(reign)
        if job is None:
            raise Conflict("no probe runs", where="probe")
        self._stop(job, f"stopped by {actor}")
        return "stopping; what was placed is being cancelled"

    def _clean_up(self, reign: Reign, command: Command) -> str:
        job = self._current(reign)
        if job is not None:
            self._stop(job, f"stopped by {command.actor}")
            return "stopping; what was placed is being cancelled"
        row = self._beginning.clean_up(reign, command)
        if row is None:
            return "nothing of a probe is left"
        self._job = Job(row=row, lab=self._lab(reign, row), queue=[], due=self._parts.now())
        return f"cleaning up, probe {row.probe}"

    # ------------------------------------------------------------ work

    def step(self, reign: Reign) -> None:
        """What is due of the probe, if one runs. Raises `LeaseLost`."""
        if not reign.ready or self._parts.probing is None:
            return
        job = self._current(reign)
        if job is None or not (reign.may_send or job.blind):
            return
        if self._frozen(job):
            reign.due.at(self._parts.now() + FROZEN)
            return
        while self._job is job and self._parts.now() >= job.due:
            self._advance(job)
        if self._job is job:
            reign.due.at(job.due)

    def _current(self, reign: Reign) -> Job | None:
        """The job of this lease; what another one left is taken over for its clean-up."""
        if self._job is not None and self._job.lab.reign is not reign:
            self._job = None
        if self._job is None and self._looked is not reign:
            self._looked = reign
            self._job = self._left_behind(reign)
        return self._job

    def _left_behind(self, reign: Reign) -> Job | None:
        if self._parts.probing is None:
            return None
        with self._parts.transactions.read() as t:
            row = self._parts.probing.store.unfinished(t, self._parts.settings.account)
        if row is None:
            return None
        job = Job(row=row, lab=self._lab(reign, row), queue=[], due=self._parts.now())
        job.ending = ProbeState.INTERRUPTED
        job.row = self._ending.keep(row, note="the desk stopped; cleaning up", state=ProbeState.CLEANING)
        return job

    def _frozen(self, job: Job) -> bool:
        """A halt or the time ends the questions; FREEZE holds back even the clean-up."""
        with self._parts.transactions.read() as t:
            level = self._parts.risk.halt(t).level
        asking = job.script is not None or job.queue
        if asking and level is not HaltLevel.ACTIVE:
            self._stop(job, f"the kill switch says {level.name}")
        elif asking and self._parts.now() - job.row.began_at >= LONGEST:
            self._stop(job, f"{LONGEST.seconds // 60} minutes were over")
        return level is HaltLevel.FREEZE

    def _stop(self, job: Job, why: str) -> None:
        """End the questions now; the clean-up follows."""
        if job.script is not None:
            job.script.close()
        rest = ([job.at] if job.script is not None and job.at is not None else []) + job.queue
        codes = [code for one in rest for code in one.codes]
        job.script, job.queue, job.due = None, [], self._parts.now()
        if job.row.state is ProbeState.RUNNING:
            job.ending = ProbeState.STOPPED
            found = (*job.row.findings, *self._wanted(job, unanswered(codes, why)))
            job.row = self._ending.keep(replace(job.row, findings=found), note=why)

    def _advance(self, job: Job) -> None:
        if job.script is None and job.queue:
            self._next_experiment(job)
        if job.script is not None:
            self._ask_on(job)
        elif job.blind:
            self._end(job)  # nothing was placed
        else:
            self._clean(job)

    def _next_experiment(self, job: Job) -> None:
        job.at = job.queue.pop(0)
        job.lab.heard.clear()
        job.script = SCRIPTS[job.at.name](job.lab)
        job.row = self._ending.keep(job.row, note=job.at.title)

    def _ask_on(self, job: Job) -> None:
        """One step of an experiment; one that fails has answered nothing, and the next one begins."""
        if job.script is None or job.at is None:
            return
        lost: SessionNotReady | None = None
        try:
            with self._purpose(job, job.at.name):
                job.due = self._parts.now() + next(job.script)
                job.lab.hear()
                return
        except StopIteration as end:
            found: list[Finding] = end.value
        except LeaseLost:
            raise
        except GlassdeskError as failure:
            found = unanswered(job.at.codes, str(failure))
            lost = failure if isinstance(failure, SessionNotReady) else None
        self._answered(job, found)
        if lost is not None:
            raise lost

    def _answered(self, job: Job, found: list[Finding]) -> None:
        job.lab.hear()
        seen = tuple(exchange(call, body, job.row.plan.conid) for call, body in job.lab.heard)
        wanted = self._wanted(job, found)
        if wanted:
            wanted[0] = replace(wanted[0], exchanges=seen)
        job.script, job.due = None, self._parts.now()
        row = replace(job.row, findings=(*job.row.findings, *wanted), kept=tuple(job.lab.kept))
        job.row = self._ending.keep(row)

    @staticmethod
    def _wanted(job: Job, found: list[Finding]) -> list[Finding]:
        only = job.row.plan.only
        return [one for one in found if not only or one.code in only]

    def _clean(self, job: Job) -> None:
        """One step of the clean-up; one that fails begins again, for there is no giving up."""
        if job.cleaning is None:
            job.cleaning = Cleaning(job.lab, frozenset(job.row.kept))
            job.row = self._ending.keep(job.row, state=ProbeState.CLEANING)
        job.cleaner = job.cleaner or job.cleaning.until_clean()
        try:
            with self._purpose(job, "clean-up"):
                job.due = self._parts.now() + next(job.cleaner)
                job.lab.hear()
        except StopIteration:
            job.lab.hear()
            self._end(job)
        except LeaseLost:
            raise
        except SessionNotReady:
            job.cleaner, job.due = None, self._parts.now() + SPACING
            raise
        except GlassdeskError as failure:
            job.cleaner, job.due = None, self._parts.now() + SPACING
            job.row = self._ending.keep(job.row, note=f"cleaning up: {failure}")

    def _end(self, job: Job) -> None:
        self._ending.end(job.row, job.ending)
        job.lab.reign.switched_at = None
        self._job = None

    def _purpose(self, job: Job, name: str) -> AbstractContextManager[None]:
        return self._means().purpose(f"probe:{job.row.probe}:{name}")

    def _means(self) -> ProbeParts:
        if self._parts.probing is None:
            raise Denied("probes are not wired in this process", where="dealer")
        return self._parts.probing

    def _lab(self, reign: Reign, row: Probe) -> Lab:
        return self._beginning.lab(reign, row)
