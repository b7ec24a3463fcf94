"""`session`: who is signed in, and wishes to the dealer."""

from __future__ import annotations

from typing import Annotated

import typer

from glassdesk.cli.here import OWNER, Here, command, step
from glassdesk.cli.show import done, facts
from glassdesk.workflow.dealing.model import CommandKind

app = step("The brokerage session.")


@command(app)
def status(here: Here) -> None:
    """Is the desk signed in, to which account, and what kind is it?"""
    with here.desk() as desk, desk.transactions.read() as t:
        seen = desk.session.status(t)
        proof = desk.session.proof(t, desk.account, desk.account_kind)
        pairs = {
            "state": seen.state if seen else "never seen",
            "account": desk.account,
            "kind": desk.account_kind,
            "broker agrees": proof.agrees if proof else "not told yet",
            "seen at": seen.seen_at if seen else None,
            "login ends": seen.sso_expires_at if seen else None,
            "message": seen.message if seen else None,
            "sign in at": desk.session.login_url,
        }
        facts(
            here, {"status": seen, "account": desk.account, "kind": desk.account_kind, "proof": proof}, pairs
        )


@command(app)
def login(
    here: Here,
    take_over: Annotated[
        bool, typer.Option(help="Take the session from wherever else the username is used.")
    ] = False,
) -> None:
    """Ask the dealer to repair the session; where a person must sign in, name the page."""
    with here.desk() as desk:
        with desk.transactions.begin() as t:
            wish = desk.dealing.ask(t, CommandKind.SESSION_LOGIN, "take-over" if take_over else "", OWNER)
        url = desk.session.login_url
    done(here, f"The dealer repairs the session at its next turn. Where it cannot, sign in at {url}", wish)


@command(app)
def logout(here: Here) -> None:
    """Ask the dealer to end the session; resting stops stay at the broker."""
    with here.desk() as desk, desk.transactions.begin() as t:
        wish = desk.dealing.ask(t, CommandKind.SESSION_LOGOUT, "", OWNER)
    done(here, "The dealer signs out at its next turn; resting stops and targets stay at the broker.", wish)
