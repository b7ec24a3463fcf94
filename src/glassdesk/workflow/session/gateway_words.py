"""What a look at the gateway means to a person, and what to do about it."""

from __future__ import annotations

from glassdesk.workflow.session.model import GatewayCondition, GatewayLook

Words = tuple[str, str, str]
"""A word for programs, what is missing, and what to do about it."""

TRUST = "compare the fingerprint with the gateway's own, then accept it: `glassdesk session trust`"
START = (
    "start it with `bin/run.sh root/conf.yaml` in its folder, or set GLASSDESK_GATEWAY_DIR to that folder:"
    " `glassdesk up` then starts and watches it"
)
START_SIMULATOR = "start `glassdesk up`: it starts the simulated gateway too"
OTHER_PORT = (
    "free the port (on a Mac, AirPlay Receiver holds 5000: switch it off in System Settings), or set another"
    " listenPort in the gateway's root/conf.yaml and the same in GLASSDESK_BROKER_URL"
)


def gateway_missing(look: GatewayLook, *, supervised: bool, simulated: bool) -> Words | None:
    """Why nothing usable listens at the gateway's address; `None` where a gateway answers."""
    if look.condition is GatewayCondition.NOT_RUNNING:
        if simulated:
            return "gateway_not_running", "The simulated gateway does not run.", START_SIMULATOR
        return _not_running(look, supervised=supervised)
    if look.condition is GatewayCondition.SILENT:
        said = f"Something listens at {look.address} and does not answer. {look.detail}".strip()
        return "gateway_silent", said, "restart the gateway"
    if look.condition is GatewayCondition.NOT_A_GATEWAY:
        said = f"Another program has {look.address}: it speaks no TLS. {look.detail}".strip()
        return "not_a_gateway", said, OTHER_PORT
    return None


def certificate_missing(look: GatewayLook) -> Words | None:
    """Why the gateway's certificate is not trusted [F-17]; `None` where it is."""
    found = f"It shows SHA-256 {look.found}."
    if look.condition is GatewayCondition.UNKNOWN_CERTIFICATE:
        return "unknown_certificate", f"No certificate was accepted yet. {found}", TRUST
    if look.condition is GatewayCondition.CHANGED_CERTIFICATE:
        said = f"The certificate changed. {found} Accepted is SHA-256 {', '.join(look.accepted)}."
        remedy = "if you did not replace the gateway, something else sits on its port: do not sign in. Else "
        return "changed_certificate", f"{said} Nothing is sent to it.", remedy + TRUST
    if look.condition is GatewayCondition.REFUSED_CERTIFICATE:
        said = f"The accepted certificate cannot be verified: {look.detail}."
        remedy = "give the gateway a fresh certificate of its own (sslCert in root/conf.yaml), then "
        return "refused_certificate", f"{said} {found}", remedy + TRUST
    return None


def _not_running(look: GatewayLook, *, supervised: bool) -> Words:
    said = f"Nothing listens at {look.address}."
    process = look.process
    if not supervised:
        return "gateway_not_running", said, START
    if process is None:
        return (
            "gateway_not_running",
            said,
            "start `glassdesk up`: it starts the gateway of GLASSDESK_GATEWAY_DIR",
        )
    if process.problem:
        return "gateway_fails", f"{said} {process.problem}", process.remedy or f"see {process.log}"
    return (
        "gateway_starting",
        f"{said} The desk is starting the gateway.",
        f"wait; its output is in {process.log}",
    )
