"""What the broker wants asked before it answers properly, once per brokerage session [F-08, F-11, F-12, F-15,
F-40, F-67]."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from glassdesk.adapters.ibkr.calls import Answer, Request
from glassdesk.adapters.ibkr.parse import Unparsable, load

PRIME_ACCOUNTS = Request(method="GET", path="/iserver/accounts")
PRIME_PORTFOLIO = Request(method="GET", path="/portfolio/accounts")
SUPPRESS = "/iserver/questions/suppress"
_WANTS_ACCOUNTS = ("/iserver/account/", "/iserver/marketdata/")
_WANTS_PORTFOLIO = re.compile(r"/portfolio2?/(?!accounts|subaccounts)")
_UNPRIMED = re.compile(rb"please query /accounts first", re.IGNORECASE)
_NO_BRIDGE = re.compile(rb"bad request: no bridge|not authenticated", re.IGNORECASE)
_ORDERS = "/iserver/account/orders"
_TRADES = "/iserver/account/trades"


class Priming:
    """Remembers what was primed in this brokerage session. A set's single operations need no lock."""

    def __init__(self, account: str | None, suppressed: Sequence[str] = ()) -> None:
        self._account = account
        self._suppressed = suppressed
        self._done: set[str] = set()
        self.forgotten = 0
        """How often a brokerage session was seen to end or begin."""

    def missing(self, path: str) -> Sequence[Request]:
        """Requests to make before `path`."""
        if path.startswith(_WANTS_ACCOUNTS) and PRIME_ACCOUNTS.path not in self._done:
            return (PRIME_ACCOUNTS,)
        if _WANTS_PORTFOLIO.match(path) and PRIME_PORTFOLIO.path not in self._done:
            return (PRIME_PORTFOLIO,)
        return ()

    def primed(self, request: Request, answer: Answer) -> Sequence[Request]:
        """Note the answer to a priming request; what has to follow it: our account selected, the questions
        suppressed that the owner wants suppressed [F-15].

        An empty list is what a session answers that is not established yet [F-04]: it primes nothing.
        """
        if answer.status != 200 or request.path not in (PRIME_ACCOUNTS.path, PRIME_PORTFOLIO.path):
            return ()
        stated = _loaded(answer)
        if request.path == PRIME_PORTFOLIO.path:
            if isinstance(stated, list) and stated:
                self._done.add(request.path)
            return ()
        accounts = stated.get("accounts") if isinstance(stated, dict) else None
        if not isinstance(accounts, list) or not accounts:
            return ()
        self._done.add(request.path)
        return (*self._switch(stated), *self._suppress())

    def _switch(self, stated: dict[str, Any]) -> Sequence[Request]:
        """Of several accounts on a login only the selected one answers to order status [§5.6]."""
        if self._account not in stated["accounts"] or stated.get("selectedAccount") == self._account:
            return ()
        return (Request(method="POST", path="/iserver/account", body={"acctId": self._account}),)

    def _suppress(self) -> Sequence[Request]:
        """The full list each time; an empty one would be answered 500."""
        if not self._suppressed:
            return ()
        return (Request(method="POST", path=SUPPRESS, body={"messageIds": list(self._suppressed)}),)

    def unsettled(self, request: Request, answer: Answer) -> bool:
        """True where this session's first answer says nothing and the read has to be repeated."""
        path = request.path
        if path == _ORDERS and not request.params:
            return answer.status == 200 and b'"snapshot":false' in answer.body.replace(b" ", b"")
        if path == _TRADES and path not in self._done and answer.status == 200:
            self._done.add(path)
            return answer.body.strip() == b"[]"
        return False

    def was_unprimed_portfolio(self, request: Request, answer: Answer) -> bool:
        """True for a bare 401 to a portfolio read: once in a session the accounts are asked for again, and
        nobody is signed in anew because of it [F-08]."""
        mark = f"401 {request.path}"
        if answer.status != 401 or not _WANTS_PORTFOLIO.match(request.path) or mark in self._done:
            return False
        self._done.add(mark)
        return True

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
        self.forgotten += 1


def _loaded(answer: Answer) -> Any:
    try:
        return load(answer.body)
    except Unparsable:
        return None
