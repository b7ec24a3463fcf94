"""The websocket of one participant of the clock's round."""

import asyncio
import json
import time
from collections.abc import Mapping
from typing import Any

from ibkr_simulator.asgi import Receive, Scope, Send
from ibkr_simulator.control.clock import ROLES, Clock, Participant
from ibkr_simulator.instants import parse

_BAD_REQUEST = 4400
_SILENT = 4408
_POLITE = (1000, 1001)
_GRACE_SECONDS = 0.3
"""Connections of a process that died end one after the other, in no order that means anything."""


async def attend(clock: Clock, query: Mapping[str, str], scope: Scope, receive: Receive, send: Send) -> None:
    """Keep one participant in the round until its connection ends, or it has been silent too long."""
    await receive()
    await send({"type": "websocket.accept"})
    name, role = query.get("name", ""), query.get("role", "")
    if not name or role not in ROLES:
        await send({"type": "websocket.close", "code": _BAD_REQUEST, "reason": "needs name and role"})
        return
    outbox: asyncio.Queue[dict[str, Any] | None] = asyncio.Queue()
    participant = clock.join(name, role, outbox.put_nowait)
    participant.gone = lambda: outbox.put_nowait(None)
    writer = asyncio.create_task(_write(outbox, send))
    try:
        code = await _read(clock, participant, receive, outbox)
        if code not in _POLITE and not participant.waiting:
            # Time stands until those of the same process that only waited are gone too: else it would jump.
            await asyncio.sleep(_GRACE_SECONDS)
    finally:
        clock.leave(participant)
        writer.cancel()


async def _write(outbox: "asyncio.Queue[dict[str, Any] | None]", send: Send) -> None:
    while (message := await outbox.get()) is not None:
        await send({"type": "websocket.send", "text": json.dumps(message)})
    await send({"type": "websocket.close", "code": _SILENT, "reason": "silent for 10 s"})


async def _read(
    clock: Clock, participant: Participant, receive: Receive, outbox: "asyncio.Queue[dict[str, Any] | None]"
) -> int:
    """Obey until the connection ends; the code it ended with."""
    while (message := await receive())["type"] == "websocket.receive":
        participant.heard = time.monotonic()
        try:
            _obey(clock, participant, json.loads(message.get("text") or ""), outbox)
        except (ValueError, TypeError, AttributeError) as bad:
            outbox.put_nowait({"error": f"takes wait_until with on_event, or ping: {bad}"})
    return int(message.get("code") or 1006)


def _obey(
    clock: Clock,
    participant: Participant,
    asked: dict[str, Any],
    outbox: "asyncio.Queue[dict[str, Any] | None]",
) -> None:
    if "ping" in asked:
        outbox.put_nowait({"pong": asked["ping"]})
    elif "wait_until" in asked:
        until = asked["wait_until"]
        instant = None if until is None else parse(until)
        clock.wait(participant, instant, on_event=asked.get("on_event") is True)
    else:
        raise ValueError(f"unknown message {sorted(asked)}")
