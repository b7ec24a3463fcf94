"""The halt file stands beside the row: the higher level counts, and what cannot be read halts."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from glassdesk.adapters.database import Stores, open_database
from glassdesk.kernel.unit_of_work import Transaction
from glassdesk.workflow.risk.model import Halt, HaltLevel
from tests.adapters.laws.makers import NOON, write

BUTTON = Halt(level=HaltLevel.HALT_CANCEL_ENTRIES, reason="red button", actor="owner", since=NOON)


def opened(file: Path) -> Stores:
    return open_database("memory:", halt_file=file)


def level(stores: Stores) -> HaltLevel:
    return write(stores, stores.halt.halt).level


def test_a_halt_set_by_the_desk_is_in_the_file_and_outlives_its_database(tmp_path: Path) -> None:
    file = tmp_path / "halt"
    first = opened(file)
    write(first, lambda t: first.halt.put_halt(t, BUTTON))
    first.close()
    second = opened(file)
    assert write(second, second.halt.halt) == BUTTON
    assert file.stat().st_mode & 0o777 == 0o600
    second.close()


@pytest.mark.parametrize(
    "content",
    ["", "HALT please", '{"level": 9}', '{"level": 3}', "[]", pytest.param("[" * 100_000, id="nested")],
)
def test_a_file_that_cannot_be_read_means_halt(tmp_path: Path, content: str) -> None:
    file = tmp_path / "halt"
    file.write_text(content)
    stores = opened(file)
    assert level(stores) is HaltLevel.HALT
    stores.close()


def test_resuming_lowers_row_and_file(tmp_path: Path) -> None:
    stores = opened(tmp_path / "halt")
    write(stores, lambda t: stores.halt.put_halt(t, BUTTON))
    resumed = replace(BUTTON, level=HaltLevel.ACTIVE, reason="all clear")
    write(stores, lambda t: stores.halt.put_halt(t, resumed))
    assert write(stores, stores.halt.halt) == resumed
    stores.close()


def test_a_halt_holds_when_its_transaction_is_lost_and_a_resume_does_not(tmp_path: Path) -> None:
    stores = opened(tmp_path / "halt")

    def lose(halt: Halt) -> None:
        def deed(t: Transaction) -> None:
            stores.halt.put_halt(t, halt)
            raise KeyError("the commit never came")

        with pytest.raises(KeyError):
            write(stores, deed)

    lose(BUTTON)
    assert level(stores) is HaltLevel.HALT_CANCEL_ENTRIES
    lose(replace(BUTTON, level=HaltLevel.ACTIVE))
    assert level(stores) is HaltLevel.HALT_CANCEL_ENTRIES
    stores.close()
