"""Verbs of the session step that anyone may use; keeping the session alive is the dealer's work."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from glassdesk.kernel.ids import AccountKind
from glassdesk.kernel.unit_of_work import Transaction
from glassdesk.workflow.session.clocks import Region, Reset, login_ends, next_reset
from glassdesk.workflow.session.guide import Facts, Guide, guide
from glassdesk.workflow.session.model import (
    Account,
    AccountProof,
    GatewayLook,
    GatewayProcess,
    PaidBy,
    SessionStatus,
)
from glassdesk.workflow.session.ports import Gateway, SessionStore


def prove(account: Account, configured: AccountKind) -> AccountProof:
    """The three facts about an account that must agree before anything is sent (`T-61`, risk rule
    PAPER_PROOF)."""
    return AccountProof(
        account=account.account,
        configured=configured,
        broker_is_paper=account.is_paper,
        prefix_is_paper=account.account.upper().startswith("D"),
    )


def paid_by(account: Account | None, configured: AccountKind, setting: str) -> PaidBy:
    """Cash or margin: as a person says, else as the broker says, else the stricter, but for a simulated
    account (`T-56`)."""
    if setting in ("cash", "margin"):
        return PaidBy(cash=setting == "cash", origin="by the setting account_type")
    word = account.trading_type.upper() if account is not None else ""
    for part, cash in (("CASH", True), ("MRGN", False), ("MARGIN", False)):
        if part in word:
            return PaidBy(cash=cash, origin=f"by the broker's word {word}")
    told = f"the broker's word {word} does not tell" if word else "the broker has not told"
    if configured is AccountKind.SIMULATED:
        return PaidBy(cash=False, origin=f"{told}; a simulated account trades on margin")
    return PaidBy(cash=True, origin=f"{told}; until account_type says margin, the stricter counts")


@dataclass(frozen=True, slots=True, kw_only=True)
class Login:
    """Where a person signs in, to which account, and by whose clock the login ends."""

    url: str
    account: str
    kind: AccountKind
    region: Region | None
    """By whose midnight the login ends; `None` where the gateway asks for no daily sign-in [F-10]."""
    simulated: bool = False
    account_type: str = "broker"
    """`cash` or `margin` where a person says so (`T-56`)."""


class Session:
    """The brokerage session as last seen by the dealer."""

    def __init__(self, store: SessionStore, login: Login, gateway: Gateway) -> None:
        self._store = store
        self._login = login
        self._gateway = gateway
        self.login_url = login.url

    def status(self, t: Transaction) -> SessionStatus | None:
        """The last look, `None` before the first."""
        seen = self._store.status(t)
        return seen[0] if seen else None

    def epoch(self, t: Transaction) -> int:
        """Which brokerage session of this desk it is; 0 before the first."""
        seen = self._store.status(t)
        return seen[1] if seen else 0

    def signed_in_at(self, t: Transaction) -> datetime | None:
        """Until when somebody was signed in, as far as the dealer saw; `None` before the first time. Resting
        orders outlive it by ninety days (`T-34`)."""
        seen = self._store.status(t)
        if seen is None or seen[1] == 0:
            return None
        status = seen[0]
        return status.seen_at if status.ready else status.down_since

    def accounts(self, t: Transaction) -> Sequence[Account]:
        """Accounts of the login, as last seen."""
        return self._store.accounts(t)

    def proof(self, t: Transaction, account: str, kind: AccountKind) -> AccountProof | None:
        """Whether the account is what the settings say; `None` while the broker has not told."""
        for seen in self._store.accounts(t):
            if seen.account == account:
                return prove(seen, kind)
        return None

    def paid_by(self, t: Transaction, account: str) -> PaidBy:
        """How purchases on the account are paid (`T-56`)."""
        known = next((one for one in self._store.accounts(t) if one.account == account), None)
        return paid_by(known, self._login.kind, self._login.account_type)

    def look(self, status: SessionStatus | None, now: datetime) -> GatewayLook | None:
        """What stands at the gateway's address, looked at from here, where the dealer's last look does not
        tell; may take two seconds, so never inside a transaction."""
        told = self._facts(status, now, None, (), None).reached
        return None if told else self._gateway.look()

    def process(self) -> GatewayProcess | None:
        """The gateway's process, where this home's desk watches over it."""
        return self._gateway.process()

    def guide(self, t: Transaction, now: datetime, look: GatewayLook | None) -> Guide:
        """Sign-in step by step, from the last status and a `look` made for it."""
        login = self._login
        proof = self.proof(t, login.account, login.kind)
        return guide(self._facts(self.status(t), now, look, self.accounts(t), proof))

    def next_sign_in(self, t: Transaction, now: datetime) -> datetime | None:
        """When a person has to sign in again at the latest; `None` where the gateway asks for none."""
        status = self.status(t)
        stated = status.login_ends_at if status is not None else None
        if stated is not None and stated > now:
            return stated
        return None if self._login.region is None else login_ends(now, self._login.region)

    def next_reset(self, now: datetime) -> Reset | None:
        """The broker's nightly reset, under way or next; `None` where there is none."""
        return None if self._login.region is None else next_reset(now, self._login.region)

    def _facts(
        self,
        status: SessionStatus | None,
        now: datetime,
        look: GatewayLook | None,
        accounts: Sequence[Account],
        proof: AccountProof | None,
    ) -> Facts:
        return Facts(
            now=now,
            status=status,
            look=look,
            accounts=accounts,
            proof=proof,
            account=self._login.account,
            kind=self._login.kind,
            login_url=self.login_url,
            supervised=self._gateway.supervised,
            simulated=self._login.simulated,
        )
