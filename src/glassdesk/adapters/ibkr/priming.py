"""What the broker wants asked before it answers properly, once per brokerage session [F-11, F-12, F-40,
F-67]."""

from __future__ import annotations

import re
from collections.abc import Sequence

from glassdesk.adapters.ibkr.calls import Answer, Request
from glassdesk.adapters.ibkr.parse import Unparsable, load

PRIME_ACCOUNTS = Request(method="GET", path="/iserver/accounts")
PRIME_PORTFOLIO = Request(method="GET", path="/portfolio/accounts")
_WANTS_ACCOUNTS = ("/iserver/account/", "/iserver/marketdata/")
_WANTS_PORTFOLIO = re.compile(r"/portfolio2?/(?!accounts|subaccounts)")
_UNPRIMED = re.compile(rb"please query /accounts first", re.IGNORECASE)
_NO_BRIDGE = re.compile(rb"bad request: no bridge|not authenticated", re.IGNORECASE)
_ORDERS = "/iserver/account/orders"
_TRADES = "/iserver/account/trades"


class Priming:
    """Remembers what was primed in this brokerage session. A set's single operations need no lock."""

    def __init__(self, account: str | None) -> None:
        self._account = account
        self._done: set[str] = set()

    def missing(self, path: str) -> Sequence[Request]:
        """Requests to make before `path`."""
        if path.startswith(_WANTS_ACCOUNTS) and PRIME_ACCOUNTS.path not in self._done:
            return (PRIME_ACCOUNTS,)
        if _WANTS_PORTFOLIO.match(path) and PRIME_PORTFOLIO.path not in self._done:
            return (PRIME_PORTFOLIO,)
        return ()

    def primed(self, request: Request, answer: Answer) -> Sequence[Request]:
        """Note the answer to a priming request; what has to follow it (selecting our account)."""
        if answer.status != 200 or request.path not in (PRIME_ACCOUNTS.path, PRIME_PORTFOLIO.path):
            return ()
        self._done.add(request.path)
        if request.path != PRIME_ACCOUNTS.path or not self._wants_switch(answer):
            return ()
        return (Request(method="POST", path="/iserver/account", body={"acctId": self._account}),)

    def _wants_switch(self, answer: Answer) -> bool:
        """Of several accounts on a login only the selected one answers to order status [§5.6]."""
        try:
            stated = load(answer.body)
        except Unparsable:
            return False
        accounts = stated.get("accounts") if isinstance(stated, dict) else None
        ours = isinstance(accounts, list) and self._account in accounts
        return ours and stated.get("selectedAccount") != self._account

    def unsettled(self, path: str, answer: Answer) -> bool:
        """True where this session's first answer to `path` says nothing and the read has to be repeated."""
        if path == _ORDERS:
            return answer.status == 200 and b'"snapshot":false' in answer.body.replace(b" ", b"")
        if path == _TRADES and path not in self._done and answer.status == 200:
            self._done.add(path)
            return answer.body.strip() == b"[]"
        return False

    def was_unprimed(self, answer: Answer) -> bool:
        """True for the refusal `Please query /accounts first`, 400 or 500."""
        return answer.status >= 400 and _UNPRIMED.search(answer.body) is not None

    def is_stale(self, answer: Answer) -> bool:
        """True where the answer shows that another brokerage session began or ours was lost [F-02].

        A bare 401 proves nothing [F-08].
        """
        lost = answer.status in (400, 401) and _NO_BRIDGE.search(answer.body) is not None
        return lost or self.was_unprimed(answer)

    def forget(self) -> None:
        """A new brokerage session: nothing is primed."""
        self._done.clear()
