"""What a question answers."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """Our figure beside the peer's, in `unit`. `ratio` above 1 says that we are ahead."""

    question: str
    ours: float
    peer: float
    peer_name: str
    ratio: float
    unit: str


def less_is_better(question: str, ours: float, peer: float, peer_name: str, unit: str) -> Answer:
    """An answer of a time or a size."""
    return Answer(
        question=question,
        ours=round(ours, 3),
        peer=round(peer, 3),
        peer_name=peer_name,
        ratio=round(peer / ours, 2),
        unit=unit,
    )


def more_is_better(question: str, ours: float, peer: float, peer_name: str, unit: str) -> Answer:
    """An answer of a rate."""
    return Answer(
        question=question,
        ours=round(ours, 3),
        peer=round(peer, 3),
        peer_name=peer_name,
        ratio=round(ours / peer, 2),
        unit=unit,
    )
