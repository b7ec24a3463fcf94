"""Memory written over again and again: one piece is kept, and nobody gets what another still writes on."""

from __future__ import annotations

import weakref

import numpy as np
import pytest

from glassdesk.adapters.charting.scratch import Scratch


def test_the_next_picture_gets_the_memory_of_the_last_one() -> None:
    scratch = Scratch()
    with scratch.of(4, 5, 3) as first:
        first[:] = 7
        place = first.ctypes.data
    with scratch.of(2, 6) as second:
        assert second.shape == (2, 6)
        assert second.ctypes.data == place
        assert second.flags.c_contiguous


def test_two_at_once_share_nothing() -> None:
    scratch = Scratch()
    with scratch.of(100) as one, scratch.of(100) as other:
        one[:], other[:] = 1, 2
        assert set(one) == {1}
        assert set(other) == {2}


def test_a_larger_picture_gets_more() -> None:
    scratch = Scratch()
    with scratch.of(3):
        pass
    with scratch.of(50, 50) as larger:
        larger[:] = 9
        assert np.count_nonzero(larger) == 2500


def test_only_one_piece_is_kept() -> None:
    scratch = Scratch()
    pieces = []
    with scratch.of(10) as one, scratch.of(10) as other:
        pieces += [weakref.ref(part.base) for part in (one, other) if part.base is not None]
    del one, other
    assert [piece() is None for piece in pieces] in ([False, True], [True, False])


def test_it_is_given_back_where_drawing_fails() -> None:
    scratch = Scratch()
    with scratch.of(10) as piece:
        place = piece.ctypes.data
    with pytest.raises(ValueError, match="no font"):
        fails(scratch)
    with scratch.of(10) as again:
        assert again.ctypes.data == place


def fails(scratch: Scratch) -> None:
    with scratch.of(10):
        raise ValueError("no font")
