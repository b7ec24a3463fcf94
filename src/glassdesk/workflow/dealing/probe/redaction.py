"""What may stand in a report that is shown to others: no account, no name, no session value, no order of the
owner's."""

from __future__ import annotations

import json
import re
from typing import Any

from glassdesk.workflow.dealing.findings import Exchange
from glassdesk.workflow.lineage.model import Call

_ACCOUNT = re.compile(r"\b(DU|DF|U|F|I)(\d{3,})(\d{2})\b")
_NAMES = frozenset(
    {
        "submitter",
        "username",
        "user",
        "accounttitle",
        "accountalias",
        "acctalias",
        "displayname",
        "account_allocation_name",
        "order_clearing_account",
        "clearing_id",
        "clearing_name",
        "aliases",
        "desc",
        "session",
        "sessionid",
        "hardware_info",
        "ip",
        "userid",
        "mac",
    }
)
LONGEST = 2_500
"""Characters of one body."""
HIDDEN = "[redacted]"


def masked(text: str) -> str:
    """Account ids without their middle: `DU1234567` becomes `DU•••67`."""
    return _ACCOUNT.sub(lambda found: f"{found[1]}•••{found[3]}", text)


def exchange(call: Call, body: bytes, conid: int) -> Exchange:
    """One call as it may be shown."""
    return Exchange(
        method=call.method,
        path=masked(call.path),
        request=shown(call.request, conid),
        status=call.status,
        response=shown(body.decode(errors="replace"), conid) or call.error,
        at=call.started_at,
    )


def shown(text: str, conid: int) -> str:
    """A body as it may be shown; of lists only the rows of the probe's contract."""
    try:
        stated = json.loads(text)
    except ValueError:
        return _cut(masked(text))
    return _cut(masked(json.dumps(_clean(stated, conid), ensure_ascii=False, separators=(",", ":"))))


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST else text[:LONGEST] + " …"


def _clean(value: Any, conid: int) -> Any:
    if isinstance(value, dict):
        return {
            name: HIDDEN if name.lower() in _NAMES else _clean(each, conid) for name, each in value.items()
        }
    if isinstance(value, list):
        return [_clean(each, conid) for each in value if not _of_another(each, conid)]
    return value


def _of_another(row: Any, conid: int) -> bool:
    return isinstance(row, dict) and isinstance(row.get("conid"), int) and row["conid"] not in (conid, -1)
