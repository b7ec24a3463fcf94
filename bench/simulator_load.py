"""A client that asks as fast as it is answered: raw requests over several kept-alive TLS connections."""

from __future__ import annotations

import asyncio
import os
import ssl
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")
Next = Callable[[], bytes]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """Requests a second as the client sees it, and for each second of the server's processor time."""

    wall: float
    processor: float


def request(method: str, path: str, body: bytes = b"") -> bytes:
    """One request as it goes over the wire."""
    head = f"{method} /v1/api{path} HTTP/1.1\r\nHost: localhost\r\nUser-Agent: bench\r\n"
    kind = f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n" if method == "POST" else ""
    return f"{head}{kind}\r\n".encode() + body


def measure(port: int, cert: Path, pid: int, supply: Next, *, count: int, connections: int = 4) -> Rate:
    """Ask `count` times, after a tenth of it to warm up."""
    asyncio.run(_ask(port, cert, supply, count // 10, connections))
    before, begun = processor_seconds(pid), time.perf_counter()
    asyncio.run(_ask(port, cert, supply, count, connections))
    took, used = time.perf_counter() - begun, processor_seconds(pid) - before
    return Rate(wall=count / took, processor=count / used)


def processor_seconds(pid: int) -> float:
    """What a process has used of processors so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


async def _ask(port: int, cert: Path, supply: Next, count: int, connections: int) -> None:
    tls = ssl.create_default_context(cafile=str(cert))
    left = iter(range(count))
    await asyncio.gather(*(_one(port, tls, supply, left) for _ in range(connections)))


async def _one(port: int, tls: ssl.SSLContext, supply: Next, left: Iterator[int]) -> None:
    reader, writer = await asyncio.open_connection("localhost", port, ssl=tls)
    for _ in left:
        writer.write(supply())
        head = await reader.readuntil(b"\r\n\r\n")
        if not head.startswith(b"HTTP/1.1 200"):
            raise SystemExit(f"the server refused: {head!r}")
        length = head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0]
        body = await reader.readexactly(int(length))
        if b'"error"' in body[:200]:
            raise SystemExit(f"the server refused: {body[:200]!r}")
    writer.close()
