"""Whether the queue answers."""

from __future__ import annotations

from urllib.parse import urlsplit

PATIENCE = 2.0
"""Seconds; a look at the queue never holds up who looks."""


def queue_problem(url: str) -> str:
    """Why the queue of `redis://…` does not answer; empty where it does, and where threads of the process are
    the queue. Names no password."""
    if urlsplit(url).scheme != "redis":
        return ""
    # only a desk with a queue needs its client
    import redis

    try:
        with redis.Redis.from_url(url, socket_connect_timeout=PATIENCE, socket_timeout=PATIENCE) as client:
            client.ping()
    except (redis.RedisError, ValueError, OSError) as fault:
        return f"{_where(url)} does not answer ({type(fault).__name__})"
    return ""


def _where(url: str) -> str:
    parts = urlsplit(url)
    return f"redis at {parts.hostname or 'localhost'}:{parts.port or 6379}"
