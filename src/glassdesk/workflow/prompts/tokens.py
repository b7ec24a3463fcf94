"""How long a text is for a model: an estimate, on the high side. Providers count; this only warns before."""

from __future__ import annotations

import re

MOST = 2_600
"""Input tokens of text per decision that a prompt should keep to."""

# Split as byte-pair tokenisers split before they merge: a word with the space before it, digits by threes,
# signs one by one, line ends together. What is written without spaces counts sign by sign.
_PIECE = re.compile(
    r" ?[A-Za-z]+|\d{1,3}|\n+| +(?= )|[^\sA-Za-z\d]|[^\S\n]+",
)
_LETTERS = 7
"""Of a word per token: common words are one token up to a dozen letters, rare ones several."""


def estimate(text: str) -> int:
    """Tokens of `text`."""
    return sum(_of(piece) for piece in _PIECE.findall(text))


def _of(piece: str) -> int:
    if piece.isascii():
        return -(-len(piece.strip()) // _LETTERS) if piece.strip().isalpha() else 1
    return max(1, len(piece.encode()) // 3)
