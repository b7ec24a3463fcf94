"""When the brokerage session is initialised, taken over, looked at again and told of [F-03…F-06, F-14].

A gateway that was initialised 4,528 times in a day refused even browser sign-ins: so initialisations are
counted over restarts of the desk, and each one waits longer than the one before.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from glassdesk.kernel.clock import format_instant
from glassdesk.workflow.session.model import SessionState, SessionStatus

FIRST_PAUSE = timedelta(seconds=60)
LONGEST_PAUSE = timedelta(minutes=30)
SETTLES_IN = timedelta(seconds=60)
"""So long a session may load its accounts before it is initialised again [F-04]."""
STABLE = timedelta(minutes=10)
"""Ready for so long, the session counts as mended and the next pause is the first again."""
ONE_TAKE_OVER = timedelta(hours=24)
PATIENCE = timedelta(minutes=2)
"""What mends itself is told to a person after so long."""
MENDS_ITSELF = (SessionState.NO_BRIDGE, SessionState.HALF_READY, SessionState.UNREACHABLE)
"""What a reset of the broker looks like from here [F-09]."""
NEEDS_A_PERSON = (SessionState.SIGNED_OUT, SessionState.COMPETING)

_LOOK_AGAIN = {
    SessionState.HALF_READY: timedelta(seconds=1),
    SessionState.NO_BRIDGE: timedelta(seconds=15),
    SessionState.TWO_FACTOR: timedelta(seconds=10),
    SessionState.UNREACHABLE: timedelta(seconds=15),
    SessionState.RESETTING: timedelta(seconds=30),
    SessionState.SIGNED_OUT: timedelta(seconds=60),
    SessionState.COMPETING: timedelta(seconds=60),
    SessionState.READY: timedelta(seconds=60),
}


def pause_after(repairs: int) -> timedelta:
    """How long to wait after so many initialisations: none, then 60 s, doubled up to 30 min [F-03, F-14]."""
    return min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** min(repairs - 1, 10)) if repairs > 0 else timedelta(0)


def may_initialise(before: SessionStatus | None, seen: SessionStatus) -> bool:
    """True where an initialisation can help and its turn has come. `before` was written down last."""
    if seen.state is SessionState.HALF_READY and seen.seen_at < _settled_at(before, seen):
        return False
    mendable = seen.state in (SessionState.NO_BRIDGE, SessionState.HALF_READY)
    return mendable and (before is None or seen.seen_at >= _next_init(before))


def may_take_over(before: SessionStatus | None, seen: SessionStatus) -> bool:
    """True where the last take-over that nobody asked for is a day ago: the desk does not fight [F-05]."""
    taken = before.took_over_at if before is not None else None
    return seen.state is SessionState.COMPETING and (taken is None or seen.seen_at - taken >= ONE_TAKE_OVER)


def repairs_left(before: SessionStatus | None, now: datetime) -> int:
    """How many initialisations still count: none once the session has been ready for ten minutes."""
    if before is None or (before.ready and before.since is not None and now - before.since >= STABLE):
        return 0
    return before.repairs


def look_again_at(after: SessionStatus) -> datetime:
    """When to look next, with `after` as it is written down."""
    pause = _LOOK_AGAIN[after.state]
    if after.state is SessionState.HALF_READY and after.since is not None:
        pause = pause if after.seen_at - after.since < SETTLES_IN else _LOOK_AGAIN[SessionState.NO_BRIDGE]
    return after.seen_at + pause


def outage_key(status: SessionStatus) -> str:
    """Under which an outage is told: once, and once more where it turns into one that needs a person."""
    kind = status.state.value if status.state in NEEDS_A_PERSON else "down"
    return f"session:{kind}:{format_instant(status.down_since or status.seen_at)}"


def is_to_be_told(after: SessionStatus) -> bool:
    """True where a person has to know: at once where only a person can help, else when it has lasted.

    A reset is no alarm [F-18].
    """
    if after.ready or after.state is SessionState.RESETTING or after.quiet_until is not None:
        return False
    lasted = after.seen_at - (after.down_since or after.seen_at)
    return after.state in NEEDS_A_PERSON or lasted >= PATIENCE


def _settled_at(before: SessionStatus | None, seen: SessionStatus) -> datetime:
    """When the accounts should have been loaded, counted from the last initialisation or first sight."""
    begun = [seen.seen_at]
    if before is not None and before.state is SessionState.HALF_READY:
        begun = [before.since or seen.seen_at]
        begun += [before.repaired_at] if before.repaired_at is not None else []
    return max(begun) + SETTLES_IN


def _next_init(before: SessionStatus) -> datetime:
    """From when on the next initialisation is allowed."""
    if before.repaired_at is None:
        return before.seen_at
    return before.repaired_at + pause_after(repairs_left(before, before.seen_at))
