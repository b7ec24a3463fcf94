"""Cash or margin (`T-56`): a person's word, else the broker's, else the stricter."""

from __future__ import annotations

import pytest

from glassdesk.kernel.ids import AccountKind
from glassdesk.workflow.session.model import Account
from glassdesk.workflow.session.service import paid_by

PAPER, SIMULATED = AccountKind.PAPER, AccountKind.SIMULATED


def an_account(word: str) -> Account:
    return Account(account="DU1", is_paper=True, trading_type=word)


@pytest.mark.parametrize(
    ("word", "kind", "setting", "cash"),
    [
        ("STKCASH", PAPER, "broker", True),
        ("STKMRGN", PAPER, "broker", False),
        ("pmrgn", PAPER, "broker", False),
        ("STKCASH", PAPER, "margin", False),
        ("STKMRGN", PAPER, "cash", True),
        ("STKNOPT", PAPER, "broker", True),
        ("", PAPER, "broker", True),
        ("", AccountKind.LIVE, "broker", True),
        ("STKNOPT", SIMULATED, "broker", False),
        ("STKCASH", SIMULATED, "broker", True),
    ],
)
def test_T_56_the_setting_then_the_broker_then_the_stricter(
    word: str, kind: AccountKind, setting: str, cash: bool
) -> None:
    assert paid_by(an_account(word), kind, setting).cash is cash


def test_T_56_it_says_who_says_so() -> None:
    assert paid_by(None, PAPER, "cash").origin == "by the setting account_type"
    assert paid_by(an_account("STKCASH"), PAPER, "broker").origin == "by the broker's word STKCASH"
    assert "does not tell; until account_type says margin" in paid_by(an_account("X"), PAPER, "broker").origin
    assert paid_by(None, SIMULATED, "broker").origin.startswith("the broker has not told")
