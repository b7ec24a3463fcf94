"""Names for the places a fault can be put."""

import re

from ibkr_simulator.messages import Answer

ACCEPTANCE = "acceptance"
"""Not a path but a moment: the answer, to a placement or to the last reply, that says the order is taken."""

ENDPOINTS: dict[str, str] = {
    "any": r".*",
    "iserver": r"\S+ /iserver/.*",
    "auth_status": r"\S+ /iserver/auth/status",
    "init": r"POST /iserver/auth/ssodh/init",
    "tickle": r"\S+ /tickle",
    "accounts": r"GET /iserver/accounts",
    "orders": r"POST /iserver/account/[^/]+/orders",
    "whatif": r"POST /iserver/account/[^/]+/orders/whatif",
    "reply": r"POST /iserver/reply/.*",
    "place": r"POST /iserver/(account/[^/]+/orders|reply/.*)",
    ACCEPTANCE: r"POST /iserver/(account/[^/]+/orders|reply/.*)",
    "modify": r"POST /iserver/account/[^/]+/order/[^/]+",
    "cancel": r"DELETE /iserver/account/[^/]+/order/[^/]+",
    "writes": r"(POST /iserver/(account/[^/]+/order.*|reply/.*)|DELETE /iserver/.*)",
    "live_orders": r"GET /iserver/account/orders",
    "order_status": r"GET /iserver/account/order/status/.*",
    "trades": r"GET /iserver/account/trades",
    "pnl": r"GET /iserver/account/pnl/partitioned",
    "snapshot": r"GET /iserver/marketdata/snapshot",
    "history": r"GET /iserver/marketdata/history",
    "signing": r"(\S+ /sso/.*|POST /iserver/auth/ssodh/init)",
    "unsubscribe": r"POST /iserver/marketdata/unsubscribe",
    "contracts": r"\S+ /(iserver/(secdef|contract)|trsrv|contract)/.*",
    "portfolio": r"\S+ /portfolio2?/.*",
    "positions": r"GET /portfolio2?/[^/]+/positions?.*",
}


def matcher(endpoint: str) -> re.Pattern[str]:
    """The pattern of an endpoint word, or of a path. Raises ValueError for anything else."""
    if endpoint in ENDPOINTS:
        return re.compile(ENDPOINTS[endpoint])
    if endpoint.startswith("/"):
        return re.compile(r"\S+ " + re.escape(endpoint) + r".*")
    raise ValueError(
        f"no endpoint {endpoint!r}; take a path such as /tickle, or one of {', '.join(ENDPOINTS)}"
    )


def accepts(answer: Answer) -> bool:
    """Whether the answer says that an order was taken [§5.1 a]."""
    rows = answer.body if isinstance(answer.body, list) else []
    return answer.status == 200 and any(isinstance(row, dict) and "order_id" in row for row in rows)
