"""The name of an artifact, and the proof that its bytes are still the ones it was given for."""

from __future__ import annotations

import re

from glassdesk.kernel.canonical import sha256_hex
from glassdesk.kernel.errors import IntegrityViolation, InvalidInput, NotFound

_NAME = re.compile(r"[0-9a-f]{64}")


def key_of(sha256: str) -> str:
    """Where an artifact lies: `ab/ab…`. Raises `InvalidInput` for what is no hash: nothing else is read."""
    if not _NAME.fullmatch(sha256):
        raise InvalidInput(f"{sha256[:80]!r} names no artifact", remedy="give 64 hexadecimal digits")
    return f"{sha256[:2]}/{sha256}"


def checked(data: bytes, sha256: str) -> bytes:
    """The bytes, if they are what the name says. Raises `IntegrityViolation`."""
    found = sha256_hex(data)
    if found != sha256:
        raise IntegrityViolation(f"artifact {sha256[:12]} holds other bytes now ({found[:12]})")
    return data


def unknown(sha256: str) -> NotFound:
    """The error for a name nobody stored."""
    return NotFound(f"no artifact {sha256[:12]}", remedy="restore it from a backup")
