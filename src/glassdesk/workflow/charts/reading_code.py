"""The reading code: proof that a model has looked at this very picture (V04)."""

from __future__ import annotations

import hashlib
import hmac

ALPHABET = "ACEFHJKMNPRTWXY3479"
"""Without characters that look like another one: 0O D Q, 1IL, 2Z, 5S, 6G, 8B, U V."""

LENGTH = 4


def reading_code(data_sha256: str) -> str:
    """Four characters that follow from the drawn data only: equal pictures have equal codes."""
    mac = hmac.new(b"glassdesk reading code", data_sha256.encode(), hashlib.sha256)
    number = int.from_bytes(mac.digest(), "big")
    characters = []
    for _ in range(LENGTH):
        number, index = divmod(number, len(ALPHABET))
        characters.append(ALPHABET[index])
    return "".join(characters)
