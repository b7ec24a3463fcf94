"""Session: the last look at the brokerage session, and the accounts of the login."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Boolean, CheckConstraint, Column, Integer, Table, delete, select

from glassdesk.adapters.database import rows
from glassdesk.adapters.database.schema import metadata
from glassdesk.adapters.database.transactions import unit
from glassdesk.adapters.database.types import Json, Words
from glassdesk.kernel.unit_of_work import Transaction
from glassdesk.workflow.session.model import Account, SessionStatus
from glassdesk.workflow.session.ports import SessionStore

session_status = Table(
    "session_status",
    metadata,
    Column("one", Integer, CheckConstraint("one = 1", name="only"), primary_key=True, autoincrement=False),
    Column("epoch", Integer, nullable=False),
    Column("body", Json(SessionStatus), nullable=False),
)

login_accounts = Table(
    "accounts",
    metadata,
    Column("account", Words, primary_key=True),
    Column("place", Integer, nullable=False),
    Column("is_paper", Boolean, nullable=False),
    Column("currency", Words, nullable=False),
    Column("trading_type", Words, nullable=False, server_default=""),
)


class DatabaseSessionStore(SessionStore):
    """The last status and the accounts, as rows."""

    def put_status(self, t: Transaction, status: SessionStatus, *, epoch: int) -> None:
        rows.put(unit(t), session_status, {"one": 1, "epoch": epoch, "body": status})

    def status(self, t: Transaction) -> tuple[SessionStatus, int] | None:
        found = unit(t).execute(select(session_status.c.body, session_status.c.epoch)).first()
        return None if found is None else (found.body, found.epoch)

    def put_accounts(self, t: Transaction, accounts: Sequence[Account]) -> None:
        work = unit(t)
        work.execute(delete(login_accounts))
        listed = [{"place": place, **rows.fields_of(account)} for place, account in enumerate(accounts)]
        rows.insert(work, login_accounts, listed)

    def accounts(self, t: Transaction) -> Sequence[Account]:
        statement = rows.select_value(login_accounts, Account).order_by(login_accounts.c.place)
        return rows.values(Account, unit(t).execute(statement))
