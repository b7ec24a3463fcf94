"""`session`: who is signed in, what is missing, and wishes to the dealer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

import typer

from glassdesk.cli import sign_in, trusting
from glassdesk.cli.here import OWNER, Here, command, step
from glassdesk.cli.show import as_json, done, facts
from glassdesk.desk import Desk
from glassdesk.workflow.dealing.model import CommandKind
from glassdesk.workflow.schedules.sign_in import SignInNeed, stop_said
from glassdesk.workflow.session.guide import Guide, eastern
from glassdesk.workflow.session.model import AccountProof, SessionStatus

app = step("The brokerage session.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """One look from the command line."""

    status: SessionStatus | None
    guide: Guide
    next_sign_in: datetime | None
    need: SignInNeed | None


def look(desk: Desk) -> Seen:
    """The dealer's last look, completed by one of our own where the dealer does not reach the gateway."""
    now = desk.clock.now()
    with desk.transactions.read() as t:
        status = desk.session.status(t)
    at_gateway = desk.session.look(status, now)
    with desk.transactions.read() as t:
        return Seen(
            status=desk.session.status(t),
            guide=desk.session.guide(t, now, at_gateway),
            next_sign_in=desk.session.next_sign_in(t, now),
            need=desk.sign_in.need(t, now),
        )


@command(app)
def status(here: Here) -> None:
    """Is the desk signed in, to which account, what is missing, and when does the login end?"""
    with here.desk() as desk:
        seen = look(desk)
        with desk.transactions.read() as t:
            proof = desk.session.proof(t, desk.account, desk.account_kind)
            stops = desk.sign_in.stops(t)
        whole: dict[str, object] = {
            "status": seen.status,
            "account": desk.account,
            "kind": desk.account_kind,
            "proof": proof,
            **_whole(seen),
            "next_reset": desk.session.next_reset(desk.clock.now()),
            "need": seen.need,
            "stops": stops,
        }
        facts(here, whole, _pairs(desk, seen, proof))
    if not here.json and not seen.guide.ready:
        for one in stops:
            print(f"  {stop_said(one)}")


def _whole(seen: Seen) -> dict[str, object]:
    return {
        "ready": seen.guide.ready,
        "missing": seen.guide.missing,
        "steps": seen.guide.steps,
        "login_url": seen.guide.login_url,
        "next_sign_in": seen.next_sign_in,
    }


def _pairs(desk: Desk, seen: Seen, proof: AccountProof | None) -> dict[str, object]:
    now, last, missing = desk.clock.now(), seen.status, seen.guide.missing
    reset = desk.session.next_reset(now)
    return {
        "state": last.state if last else "never seen",
        "account": desk.account,
        "kind": desk.account_kind,
        "broker agrees": proof.agrees if proof else "not told yet",
        "missing": missing.detail if missing else "nothing, the session is ready",
        "what to do": missing.remedy if missing else None,
        "at risk": seen.need.said if seen.need and seen.need.pressing else None,
        "seen at": last.seen_at if last else None,
        "next forced sign-in": _ahead(seen.next_sign_in, now),
        "nightly reset": f"{eastern(reset.begins_at)} to {eastern(reset.ends_at)}" if reset else "none",
        "message": last.message if last else None,
        "sign in at": desk.session.login_url,
    }


@command(app)
def login(
    here: Here,
    take_over: Annotated[
        bool, typer.Option("--take-over", help="Take the session from wherever else the username is used.")
    ] = False,
    wait: Annotated[bool, typer.Option("--wait/--no-wait", help="Wait until the session is ready.")] = True,
) -> None:
    """Lead through the gateway's sign-in: what is done, what is missing, until the session is ready."""
    with here.desk() as desk:
        seen, wish = look(desk), None
        if take_over or not seen.guide.ready:
            with desk.transactions.begin() as t:
                argument = "take-over" if take_over else ""
                wish = desk.dealing.ask(t, CommandKind.SESSION_LOGIN, argument, OWNER)
            sign_in.introduce(here, desk.session.login_url, seen.guide)
            seen = sign_in.follow(here, desk, look, asked=wish) if wait else look(desk)
        now = desk.clock.now()
    if here.json:
        as_json({**_whole(seen), "port_forward": sign_in.forward(seen.guide.login_url), "asked": wish})
    else:
        sign_in.conclude(seen.guide, seen.next_sign_in, now)


@command(app)
def logout(here: Here) -> None:
    """Ask the dealer to end the session; resting stops stay at the broker."""
    with here.desk() as desk, desk.transactions.begin() as t:
        wish = desk.dealing.ask(t, CommandKind.SESSION_LOGOUT, "", OWNER)
    done(here, "The dealer signs out at its next turn; resting stops and targets stay at the broker.", wish)


@command(app)
def trust(
    here: Here,
    fingerprint: Annotated[
        str | None,
        typer.Option(metavar="SHA256", help="Accept without asking, if it is exactly this fingerprint."),
    ] = None,
) -> None:
    """Show the certificate of the running gateway and accept it: the desk speaks to no other."""
    trusting.trust(here, fingerprint)


def _ahead(until: datetime | None, now: datetime) -> str:
    if until is None:
        return "none: this gateway keeps its session"
    return f"{eastern(until)}, in {sign_in.span(until - now)}"
