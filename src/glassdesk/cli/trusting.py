"""`session trust`: a person compares the gateway's fingerprint and accepts its certificate [F-17]."""

from __future__ import annotations

import sys

import typer

from glassdesk.cli.here import OWNER, Here
from glassdesk.cli.show import as_json, done, facts
from glassdesk.composition.gateway import Certificate, accept, accepted, shown
from glassdesk.kernel.errors import Conflict, InvalidInput
from glassdesk.settings import Settings, load

ASK = "Is this the fingerprint of your own gateway? The desk will speak to it and to no other"


def trust(here: Here, fingerprint: str | None) -> None:
    """Show what the gateway shows, ask, write the file, leave an audit row. Raises `InvalidInput` where the
    fingerprint given is another, or where nobody can be asked."""
    settings = load(here.home)
    found, held = shown(settings), [one.fingerprint for one in accepted(settings)]
    if [found.fingerprint] == held:
        done(here, f"This certificate is accepted already: SHA-256 {found.fingerprint}", _answer(found, held))
        return
    if not here.json:
        facts(here, None, _told(settings, found, held))
    _agree(here, found, fingerprint)
    with here.desk() as desk:
        if found.not_after <= desk.clock.now():
            raise Conflict(
                f"the certificate expired on {found.not_after:%Y-%m-%d}: the desk would refuse it",
                where="gateway",
                remedy="give the gateway a fresh one (sslCert in its root/conf.yaml)",
            )
        file = accept(settings, found)
        with desk.transactions.begin() as t:
            body = {"before": held, "after": found.fingerprint, "file": str(file)}
            desk.audit.append(t, OWNER, "session.trusted", "gateway", body)
    if here.json:
        as_json(_answer(found, held) | {"file": str(file)})
    else:
        print(f"Accepted and kept in {file}. The desk takes it from its next connection on.")


def _agree(here: Here, found: Certificate, fingerprint: str | None) -> None:
    if fingerprint is not None:
        if _plain(fingerprint) != _plain(found.fingerprint):
            raise InvalidInput(
                f"the gateway shows {found.fingerprint}, another one",
                where="--fingerprint",
                remedy="nothing was accepted; is it really your gateway that listens there?",
            )
        return
    if here.json or not sys.stdin.isatty():
        raise InvalidInput(
            "nobody can be asked here",
            where="--fingerprint",
            remedy=f"name what you compared: --fingerprint {found.fingerprint}",
        )
    typer.confirm(ASK, abort=True)


def _plain(fingerprint: str) -> str:
    return fingerprint.replace(":", "").replace(" ", "").lower()


def _answer(found: Certificate, held: list[str]) -> dict[str, object]:
    return {"fingerprint": found.fingerprint, "before": held, "subject": found.subject, "names": found.names}


def _told(settings: Settings, found: Certificate, held: list[str]) -> dict[str, object]:
    host, port = settings.gateway
    return {
        "gateway": f"{host}:{port}",
        "issued to": found.subject,
        "names": ", ".join(found.names) or None,
        "valid": f"{found.not_before:%Y-%m-%d} to {found.not_after:%Y-%m-%d}",
        "SHA-256": found.fingerprint,
        "accepted so far": ", ".join(held) or "none",
    }
