"""Identifiers that depend on seed, client id and time only, so that a run can be repeated."""

import hashlib
import uuid


def digest(*parts: object) -> bytes:
    """A stable fingerprint of a few values."""
    return hashlib.sha256("|".join(str(part) for part in parts).encode()).digest()


def number(*parts: object) -> int:
    """A stable 63-bit number."""
    return int.from_bytes(digest(*parts)[:8], "big") >> 1


def order_id(*parts: object) -> int:
    """Ten digits that fit the broker's int32."""
    return 1_000_000_000 + number("order", *parts) % 1_100_000_000


def execution_id(*parts: object) -> str:
    """Four groups, the last being the revision: `0000e0d5.6576fd38.01.01`."""
    raw = digest("execution", *parts).hex()
    return f"0000{raw[:4]}.{raw[4:12]}.01.01"


def question_id(*parts: object) -> str:
    """The shape of the broker's reply ids."""
    return str(uuid.UUID(bytes=digest("question", *parts)[:16], version=4))


def token(*parts: object) -> str:
    """A session token of 32 hexadecimal digits."""
    return digest("token", *parts).hex()[:32]
