"""The error tree: whatever goes wrong says what, where and what would be right.

GlassdeskError
├── InvalidInput       a person's or a file's value is wrong (exit code 2, HTTP 422)
├── NotFound           no such thing (exit code 2, HTTP 404)
├── Conflict           the thing is not in a state that allows it (HTTP 409)
│   └── VersionSkew        this program is not the one that wrote the database, or that deals (exit code 2)
├── Denied             not allowed: risk, ownership, account kind, sign-in (HTTP 403)
├── Unavailable        something outside did not answer (HTTP 503)
│   ├── SessionNotReady    the brokerage session cannot serve this now
│   └── ReadFailed         a broker read failed after its bounded retries
├── LeaseLost          another holder took the lease: stop at once
└── IntegrityViolation a stored hash, chain or invariant does not hold
"""

from __future__ import annotations


class GlassdeskError(Exception):
    """Something went wrong."""

    code = "error"

    def __init__(self, problem: str, *, where: str = "", remedy: str = "") -> None:
        super().__init__(problem)
        self.problem = problem
        self.where = where
        self.remedy = remedy

    def __str__(self) -> str:
        head = f"{self.where}: {self.problem}" if self.where else self.problem
        return f"{head} ({self.remedy})" if self.remedy else head


class InvalidInput(GlassdeskError):
    """The value given is not usable; `where` names the field."""

    code = "invalid"


class NotFound(GlassdeskError):
    """There is no such thing."""

    code = "not_found"


class Conflict(GlassdeskError):
    """The thing is not in a state that allows this."""

    code = "conflict"


class VersionSkew(Conflict):
    """This program is not the one that wrote the database, or not the one that deals."""

    code = "version_skew"


class Denied(GlassdeskError):
    """This is not allowed."""

    code = "denied"


class Unavailable(GlassdeskError):
    """Something outside did not answer."""

    code = "unavailable"


class SessionNotReady(Unavailable):
    """The brokerage session is not ready."""

    code = "session_not_ready"


class ReadFailed(Unavailable):
    """A broker read failed after its bounded retries."""

    code = "read_failed"


class LeaseLost(GlassdeskError):
    """Another holder took the lease."""

    code = "lease_lost"


class IntegrityViolation(GlassdeskError):
    """What is stored is not what was written."""

    code = "integrity"
