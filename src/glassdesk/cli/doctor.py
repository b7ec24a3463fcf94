"""`doctor`: what is missing or wrong, and what to do about it."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Annotated

import typer

from glassdesk.cli.feeds import SymbolFeed, feeds, tickers
from glassdesk.cli.here import Here, command, single
from glassdesk.cli.session import look
from glassdesk.cli.show import as_json, working
from glassdesk.desk import Desk
from glassdesk.kernel.errors import GlassdeskError
from glassdesk.kernel.ids import AccountKind
from glassdesk.settings import Settings, load
from glassdesk.workflow.dealing.quoting import canary_problem
from glassdesk.workflow.market_data.availability import Feed
from glassdesk.workflow.processes.model import Presence, Role, Seen
from glassdesk.workflow.strategies.model import StrategyState

app = single()

EXCHANGE = "XNYS"
OK, LOOK, BAD = "ok", "look", "bad"
WRONG = ("changed_certificate", "refused_certificate", "not_a_gateway", "wrong_account", "wrong_kind")
"""What sign-in lacks that does not come by waiting."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One check: `ok`, `look` (works, but see), or `bad` (does not work)."""

    check: str
    state: str
    detail: str
    remedy: str = ""
    feed: SymbolFeed | None = None


@command(app)
def doctor(
    here: Here,
    symbols: Annotated[
        list[str] | None,
        typer.Option(
            "--symbols", metavar="AAPL,MSFT", help="Also ask how the data of these tickers arrives."
        ),
    ] = None,
    role: Annotated[
        Role | None,
        typer.Option("--role", help="Only whether such a process of this machine is here, and quickly."),
    ] = None,
) -> None:
    """Check home, settings, database, artifacts, session, account, processes, audit, and per ticker whether
    its data is real time, delayed, frozen or missing, and why; exit code 1 where one is bad."""
    wanted = tickers(symbols or [])
    with working("checking"):
        found = list(_all(here, wanted)) if role is None else [_role(here, role)]
    if here.json:
        as_json(found)
    else:
        for one in found:
            remedy = f"  → {one.remedy}" if one.remedy and one.state != OK else ""
            print(f"{one.state:<4}  {one.check:<11}  {one.detail}{remedy}")
    if any(one.state == BAD for one in found):
        raise typer.Exit(1)


def _all(here: Here, symbols: list[str]) -> Iterator[Finding]:
    try:
        settings = load(here.home)
    except GlassdeskError as failure:
        yield _failed("home", failure)
        return
    yield Finding(check="home", state=OK if os.access(here.home, os.W_OK) else BAD, detail=str(here.home))
    yield _settings(settings)
    try:
        with here.desk() as desk:
            yield Finding(check="database", state=OK, detail=settings.database_url.split(":")[0])
            for problem in desk.endpoints.problems.values():
                said, _, remedy = problem.partition(": ")
                yield Finding(check="models", state=LOOK, detail=said, remedy=remedy)
            for name, check in _CHECKS.items():
                yield _checked(name, check, desk)
            if settings.canary is not None:
                yield _checked("canary", partial(_canary, settings.canary), desk)
            yield from map(_symbol, feeds(desk, symbols))
    except GlassdeskError as failure:
        yield _failed("database", failure)


def _role(here: Here, role: Role) -> Finding:
    """What the health check of a container asks."""
    with here.desk() as desk, desk.transactions.read() as t:
        mine = [one for one in desk.processes.fleet(t).of(role) if one.row.host == socket.gethostname()]
    names = ", ".join(one.row.process for one in mine if one.presence is Presence.HERE)
    remedy = f"`glassdesk {role.value}` starts one"
    return Finding(
        check=role.value, state=OK if names else BAD, detail=names or "none is here", remedy=remedy
    )


def _settings(settings: Settings) -> Finding:
    kind = f"{settings.account_kind.value} account {settings.account}"
    model = "RULES, not AI" if settings.model_url.startswith("rules") else settings.model_url
    return Finding(
        check="settings", state=OK, detail=f"{kind}, signals by {model}, capital {settings.desk_capital}"
    )


def _checked(name: str, check: Callable[[Desk], Finding], desk: Desk) -> Finding:
    try:
        return check(desk)
    except GlassdeskError as failure:
        return _failed(name, failure)


def _failed(name: str, failure: GlassdeskError) -> Finding:
    where = f"{failure.where}: " if failure.where else ""
    return Finding(check=name, state=BAD, detail=f"{where}{failure.problem}", remedy=failure.remedy)


def _artifacts(desk: Desk) -> Finding:
    kept = desk.operations.artifacts()
    return Finding(
        check="artifacts", state=OK if kept.ok else BAD, detail=kept.why or "written and read back"
    )


def _clock(desk: Desk) -> Finding:
    return Finding(check="clock", state=OK, detail=f"market time is {desk.clock.now():%Y-%m-%d %H:%M}Z")


def _session(desk: Desk) -> Finding:
    missing = look(desk).guide.missing
    if missing is None:
        return Finding(check="session", state=OK, detail="ready")
    state = BAD if missing.problem in WRONG else LOOK
    return Finding(check="session", state=state, detail=missing.detail, remedy=missing.remedy)


def _account(desk: Desk) -> Finding:
    with desk.transactions.read() as t:
        proof, paid = (
            desk.session.proof(t, desk.account, desk.account_kind),
            desk.session.paid_by(t, desk.account),
        )
    if proof is None:
        return Finding(
            check="account", state=LOOK, detail="the broker has not told yet", remedy="start `glassdesk up`"
        )
    how = "with settled cash only" if paid.cash else "on margin"
    at_broker = "paper" if proof.broker_is_paper else "live"
    detail = f"{proof.account} is {at_broker} at the broker; purchases are paid {how}, {paid.origin}"
    remedy = "account_kind must be what the broker says"
    return Finding(check="account", state=OK if proof.agrees else BAD, detail=detail, remedy=remedy)


def _canary(conid: int, desk: Desk) -> Finding:
    """A liquid contract's quote: without it no entry goes out (`T-06`)."""
    now = desk.clock.now()
    if not desk.contracts.is_open(EXCHANGE, now):
        return Finding(check="canary", state=OK, detail=f"conid {conid} is looked at in regular hours")
    problem = canary_problem(conid, desk.market_data.quotes([conid]), now)
    remedy = "quote_canary names another conid; its data must come in real time"
    return Finding(
        check="canary",
        state=LOOK if problem else OK,
        detail=problem or f"conid {conid} is live",
        remedy=remedy,
    )


def _strategies(desk: Desk) -> Finding:
    with desk.transactions.read() as t:
        states = [row.state for row in desk.strategies.list(t)]
    enabled = states.count(StrategyState.ENABLED)
    remedy = "`glassdesk strategies enable NAME`"
    detail = f"{enabled} of {len(states)} enabled"
    return Finding(check="strategies", state=OK if enabled else LOOK, detail=detail, remedy=remedy)


def _halt(desk: Desk) -> Finding:
    with desk.transactions.read() as t:
        halt = desk.risk.halt(t)
    remedy = "`glassdesk resume --reason …`"
    return Finding(check="halt", state=LOOK if halt.level else OK, detail=halt.level.name, remedy=remedy)


def _audit(desk: Desk) -> Finding:
    with desk.transactions.read() as t:
        return Finding(check="audit", state=OK, detail=f"{desk.audit.verify(t)} rows, the chain holds")


def _nobody(role: str) -> Finding:
    remedy = f"start `glassdesk up` or `glassdesk {role}`"
    return Finding(check=f"{role}s", state=LOOK, detail="none runs", remedy=remedy)


def _dealers(desk: Desk) -> Finding:
    with desk.transactions.read() as t:
        fleet = desk.processes.fleet(t)
    dealers = fleet.of(Role.DEALER, Role.UP)
    if not dealers:
        return _nobody("dealer")
    here = any(one.presence is Presence.HERE and one.reigns_until for one in dealers)
    remedy = "a dealer takes over when the lease of the one before runs out"
    detail = "; ".join(_dealer(one, fleet.now) for one in dealers)
    return Finding(check="dealers", state=OK if here else LOOK, detail=detail, remedy=remedy)


def _dealer(one: Seen, now: datetime) -> str:
    reign = f"reigns until {one.reigns_until:%H:%M:%S}Z" if one.reigns_until else "stands by"
    turned = f", last turn {_ago(now, one.row.turned_at)}" if one.row.turned_at else ""
    return f"{_process(one, now)} {reign}{turned}"


def _workers(desk: Desk) -> Finding:
    with desk.transactions.read() as t:
        fleet = desk.processes.fleet(t)
    workers = fleet.of(Role.WORKER, Role.UP)
    if not workers:
        return _nobody("worker")
    silent = any(one.presence is not Presence.HERE for one in workers)
    detail = "; ".join(f"{_process(one, fleet.now)} {_busy(one)}" for one in workers)
    remedy = "a silent one's runs are taken over when its claim has run out; start it again"
    return Finding(check="workers", state=LOOK if silent else OK, detail=detail, remedy=remedy)


def _process(one: Seen, now: datetime) -> str:
    seen = "" if one.presence is Presence.HERE else f" ({one.presence}: seen {_ago(now, one.row.seen_at)})"
    return f"{one.row.process} on {one.row.host}{seen}"


def _busy(one: Seen) -> str:
    if not one.busy:
        return "idle"
    first = min(one.busy, key=lambda run: run.claimed_at or run.slot)
    since = f" since {first.claimed_at:%H:%M:%S}Z" if first.claimed_at else ""
    more = f" and {len(one.busy) - 1} more" if len(one.busy) > 1 else ""
    return f"at run {first.run[:8]} ({first.symbol}){since}{more}"


def _ago(now: datetime, then: datetime) -> str:
    return f"{max(0, round((now - then).total_seconds()))} s ago"


def _queue(desk: Desk) -> Finding:
    problem = desk.processes.queue_problem()
    with desk.transactions.read() as t:
        fleet = desk.processes.fleet(t)
    told = [
        f"{one.number} {one.kind.value} wait, {one.held} of them for what they name, "
        f"the oldest of {one.oldest:%Y-%m-%d %H:%M}Z"
        for one in fleet.waiting
    ]
    detail = "; ".join([*([problem] if problem else []), *told]) or "nothing waits"
    remedy = "runs wait in the database until the queue is back: start it, or see GLASSDESK_JOBS_URL"
    return Finding(check="queue", state=BAD if problem else OK, detail=detail, remedy=remedy)


def _symbol(feed: SymbolFeed) -> Finding:
    state = OK if feed.usable else LOOK if feed.feed is not Feed.NONE else BAD
    return Finding(check=feed.symbol, state=state, detail=feed.said, remedy=feed.remedy, feed=feed)


def _trade(desk: Desk) -> Finding:
    """The same answer as `/readyz`."""
    found = desk.operations.readiness()
    missing = ", ".join(check.check for check in found.missing)
    remedy = f"see {missing} above; `glassdesk up` starts a dealer"
    return Finding(check="trade", state=OK if found.ready else LOOK, detail=found.said, remedy=remedy)


def _probe(desk: Desk) -> Finding:
    """What the broker does on this account: asked within 30 days (`T-60`)."""
    if desk.account_kind is AccountKind.SIMULATED:
        return Finding(check="probe", state=OK, detail="the simulator says itself what it does")
    with desk.transactions.read() as t:
        known, last, running = desk.probes.in_force(t), desk.probes.last(t), desk.probes.unfinished(t)
    if running is not None:
        return Finding(check="probe", state=LOOK, detail=f"{running.state.value}: {running.note}")
    remedy = "`glassdesk probe` on the paper account; until then nothing is sent again or put right by itself"
    if known.proven_at is None:
        detail = "never run" if last is None else f"the last of {last.began_at:%Y-%m-%d} counts no more"
        return Finding(check="probe", state=LOOK, detail=detail, remedy=remedy)
    days = (desk.clock.now() - known.proven_at).days
    rest = f", {len(last.kept)} order rests for --second-day" if last is not None and last.kept else ""
    return Finding(check="probe", state=OK, detail=f"{days} days old{rest}")


_CHECKS: dict[str, Callable[[Desk], Finding]] = {
    "artifacts": _artifacts,
    "clock": _clock,
    "session": _session,
    "account": _account,
    "dealers": _dealers,
    "workers": _workers,
    "queue": _queue,
    "strategies": _strategies,
    "halt": _halt,
    "audit": _audit,
    "trade": _trade,
    "probe": _probe,
}
