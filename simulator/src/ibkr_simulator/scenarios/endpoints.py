"""Names for the places a fault can be put."""

import re

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
    "modify": r"POST /iserver/account/[^/]+/order/[^/]+",
    "cancel": r"DELETE /iserver/account/[^/]+/order/[^/]+",
    "writes": r"(POST /iserver/(account/[^/]+/order.*|reply/.*)|DELETE /iserver/.*)",
    "live_orders": r"GET /iserver/account/orders",
    "order_status": r"GET /iserver/account/order/status/.*",
    "trades": r"GET /iserver/account/trades",
    "pnl": r"GET /iserver/account/pnl/partitioned",
    "snapshot": r"GET /iserver/marketdata/snapshot",
    "history": r"GET /iserver/marketdata/history",
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
