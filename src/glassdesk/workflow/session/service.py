"""Verbs of the session step that anyone may use; keeping the session alive is the dealer's work."""

from __future__ import annotations

from collections.abc import Sequence

from glassdesk.kernel.ids import AccountKind
from glassdesk.kernel.unit_of_work import Transaction
from glassdesk.workflow.session.model import Account, AccountProof, SessionStatus
from glassdesk.workflow.session.ports import SessionStore


def prove(account: Account, configured: AccountKind) -> AccountProof:
    """The three facts about an account that must agree before anything is sent (`T-61`, risk rule
    PAPER_PROOF)."""
    return AccountProof(
        account=account.account,
        configured=configured,
        broker_is_paper=account.is_paper,
        prefix_is_paper=account.account.upper().startswith("D"),
    )


class Session:
    """The brokerage session as last seen by the dealer."""

    def __init__(self, store: SessionStore, login_url: str) -> None:
        self._store = store
        self.login_url = login_url

    def status(self, t: Transaction) -> SessionStatus | None:
        """The last look, `None` before the first."""
        seen = self._store.status(t)
        return seen[0] if seen else None

    def epoch(self, t: Transaction) -> int:
        """Which brokerage session of this desk it is; 0 before the first."""
        seen = self._store.status(t)
        return seen[1] if seen else 0

    def accounts(self, t: Transaction) -> Sequence[Account]:
        """Accounts of the login, as last seen."""
        return self._store.accounts(t)

    def proof(self, t: Transaction, account: str, kind: AccountKind) -> AccountProof | None:
        """Whether the account is what the settings say; `None` while the broker has not told."""
        for seen in self._store.accounts(t):
            if seen.account == account:
                return prove(seen, kind)
        return None
