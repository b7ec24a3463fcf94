"""The checkers' own copy of what they hold the product against: which state of an order may follow which
(`reliability.md` §2.7 as amended by F-57 and the operator's queue), which executions count, and how a row of
the audit is hashed."""

from __future__ import annotations

import json
from collections.abc import Iterable
from hashlib import sha256

from glassdesk.workflow.lineage.model import AuditEntry
from glassdesk.workflow.order_tracking.model import Execution
from glassdesk.workflow.orders.model import OrderState as S

BEFORE_THE_FIRST = "0" * 64
"""What the first row of the audit is hashed over."""
FIRST = S.RESERVED
AT_THE_BROKER = (S.WORKING, S.PARTIAL, S.CANCEL_REQUESTED, S.FILLED, S.CANCELLED, S.REJECTED, S.EXPIRED)
"""What evidence of the broker may say of an order."""
FOLLOWS: dict[S, tuple[S, ...]] = {
    S.RESERVED: (S.SENDING, S.CANCELLED, S.EXPIRED),
    S.SENDING: (S.RESERVED, S.UNKNOWN, *(one for one in AT_THE_BROKER if one is not S.EXPIRED)),
    S.UNKNOWN: (S.RESERVED, S.ABANDONED, S.NEEDS_OPERATOR, *AT_THE_BROKER),
    S.WORKING: (S.UNKNOWN, S.NEEDS_OPERATOR, *AT_THE_BROKER),
    S.PARTIAL: (S.NEEDS_OPERATOR, S.WORKING, S.CANCEL_REQUESTED, S.FILLED, S.CANCELLED, S.EXPIRED),
    S.CANCEL_REQUESTED: (S.NEEDS_OPERATOR, *AT_THE_BROKER),
    S.NEEDS_OPERATOR: (S.ABANDONED, *AT_THE_BROKER),
    S.ABANDONED: (S.NEEDS_OPERATOR, *AT_THE_BROKER),
    S.REJECTED: (S.NEEDS_OPERATOR, *AT_THE_BROKER),
    S.EXPIRED: (S.NEEDS_OPERATOR, *AT_THE_BROKER),
    S.CANCELLED: (S.NEEDS_OPERATOR, *AT_THE_BROKER),
    S.FILLED: (),
}


def may_follow(before: S, after: S) -> bool:
    """True for a legal change of state, and for none."""
    return before is after or after in FOLLOWS[before]


def counted(executions: Iterable[Execution]) -> list[Execution]:
    """Of each execution its last revision."""
    last: dict[tuple[str, str], Execution] = {}
    for one in sorted(executions, key=lambda one: one.revision):
        last[one.account, one.execution] = one
    return list(last.values())


def hash_of(row: AuditEntry, previous: str) -> str:
    """SHA-256 over the row's fields and the hash before it, as JSON with sorted names and no spaces."""
    at = row.at.isoformat().replace("+00:00", "Z")
    told = {"actor": row.actor, "at": at, "body": row.body, "kind": row.kind, "ref": row.ref, "seq": row.seq}
    text = json.dumps(
        {**told, "previous": previous}, sort_keys=True, separators=(",", ":"), ensure_ascii=False
    )
    return sha256(text.encode()).hexdigest()
