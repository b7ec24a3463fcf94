"""The gateway's own certificate: seen on the wire, shown to a person, kept once accepted [F-17]."""

from __future__ import annotations

import os
import ssl
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from glassdesk.kernel.errors import InvalidInput, Unavailable

SECONDS = 2.0
"""How long a gateway on this machine may take to show its certificate."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificate:
    """What a person compares: `fingerprint` is SHA-256 over the DER form, `AB:CD:…`."""

    fingerprint: str
    subject: str
    names: tuple[str, ...]
    not_before: datetime
    not_after: datetime
    pem: str


def fetch(host: str, port: int) -> Certificate:
    """The certificate a port shows now. Nothing is sent beyond the handshake, and nothing is trusted by it.

    Raises `ConnectionRefusedError`, `TimeoutError`, `ssl.SSLError` or `OSError` as the socket does.
    """
    return parse(ssl.get_server_certificate((host, port), timeout=SECONDS))


def parse(pem: str) -> Certificate:
    """One PEM certificate. Raises `ValueError`."""
    # Imported here: a command that meets no certificate should not pay for it.
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes

    one = x509.load_pem_x509_certificate(pem.encode())
    return Certificate(
        fingerprint=one.fingerprint(hashes.SHA256()).hex(":").upper(),
        subject=one.subject.rfc4514_string(),
        names=_names(one),
        not_before=one.not_valid_before_utc,
        not_after=one.not_valid_after_utc,
        pem=pem,
    )


def _names(one: object) -> tuple[str, ...]:
    from cryptography import x509

    assert isinstance(one, x509.Certificate)  # noqa: S101 - the library is imported late, its type with it
    try:
        stated = one.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return ()
    hosts = stated.get_values_for_type(x509.DNSName)
    return (*hosts, *(str(address) for address in stated.get_values_for_type(x509.IPAddress)))


def read(file: Path) -> tuple[Certificate, ...]:
    """The accepted certificates of a PEM file; none where there is no file. Raises `InvalidInput`."""
    if not file.exists():
        return ()
    end = "-----END CERTIFICATE-----"
    try:
        parts = [part + end + "\n" for part in file.read_text().split(end)[:-1]]
        held = tuple(parse(part[part.index("-----BEGIN") :]) for part in parts)
    except (OSError, ValueError) as failure:
        raise InvalidInput(f"no certificate can be read: {failure}", where=str(file)) from failure
    if not held:
        raise InvalidInput("it holds no certificate", where=str(file), remedy="`glassdesk session trust`")
    return held


def keep(certificate: Certificate, file: Path) -> None:
    """Accept it: write the PEM, readable by the owner alone, in one stroke. Raises `Unavailable`."""
    draft = file.with_name(f"{file.name}.{os.getpid()}")
    try:
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w") as handle:
            handle.write(certificate.pem)
        draft.replace(file)
    except OSError as failure:
        raise Unavailable(f"cannot write the certificate: {failure}", where=str(file)) from failure
