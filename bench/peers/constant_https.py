"""The least a Python server can do: uvicorn with httptools and TLS, and answers that were made beforehand.

Reads {"cert", "key", "answers": {path: text}} from its standard input, prints the port, serves until ended.
"""

from __future__ import annotations

import json
import socket
import sys
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

import uvicorn

Message = MutableMapping[str, Any]


def main() -> None:
    told = json.load(sys.stdin)
    answers = {path: text.encode() for path, text in told["answers"].items()}
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.bind(("127.0.0.1", 0))

    async def app(
        scope: Message, receive: Callable[[], Awaitable[Message]], send: Callable[[Message], Awaitable[None]]
    ) -> None:
        await receive()
        content = answers[scope["path"]]
        headers = [(b"content-type", b"application/json"), (b"content-length", str(len(content)).encode())]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": content})

    print(listener.getsockname()[1], flush=True)
    config = uvicorn.Config(
        app,
        http="httptools",
        lifespan="off",
        ssl_certfile=told["cert"],
        ssl_keyfile=told["key"],
        log_level="warning",
        access_log=False,
        server_header=False,
        date_header=False,
        timeout_keep_alive=3600,
    )
    uvicorn.Server(config).run(sockets=[listener])


if __name__ == "__main__":
    main()
