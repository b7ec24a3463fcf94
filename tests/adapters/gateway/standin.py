"""An unpacked gateway small enough to read: its run.sh starts the simulator, or whatever a test wants."""

import socket
import ssl
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ibkr_simulator import certificate

SIMULATOR = '#!/bin/sh\nexec "{python}" -m ibkr_simulator serve --port {port} --home "{folder}/home"\n'


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as unused:
        return int(unused.getsockname()[1])


def unpacked(folder: Path, *, script: str = SIMULATOR, port: int | None = None) -> tuple[Path, int]:
    """A folder with bin/run.sh and root/conf.yaml, and the port it will listen on."""
    chosen = port or free_port()
    for part in ("bin", "root"):
        (folder / part).mkdir(parents=True)
    run = folder / "bin/run.sh"
    run.write_text(script.format(python=sys.executable, port=chosen, folder=folder))
    run.chmod(0o755)
    (folder / "root/conf.yaml").write_text(f"listenPort: {chosen}\nlistenSsl: true\n")
    return folder, chosen


@contextmanager
def listening(home: Path | None) -> Iterator[int]:
    """A port that shakes hands with the certificate of `home`, or hangs up without TLS; answers the port."""
    trust = None
    if home is not None:
        home.mkdir(exist_ok=True)
        trust = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        trust.load_cert_chain(*certificate.ensure(home))
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=_serve, args=(listener, trust))
        thread.start()
        yield listener.getsockname()[1]
        listener.shutdown(socket.SHUT_RDWR)
        thread.join()


def _serve(listener: socket.socket, trust: ssl.SSLContext | None) -> None:
    while True:
        try:
            connection, _ = listener.accept()
        except OSError:
            return
        with connection:
            if trust is None:
                connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")
                continue
            try:
                trust.wrap_socket(connection, server_side=True).close()
            except OSError:
                continue
