"""The unpacked gateway: is it one, which port does it take, and can it run here?"""

from __future__ import annotations

import os
import re
import shutil
from dataclasses import dataclass
from pathlib import Path

from glassdesk.kernel.errors import InvalidInput

UNPACK = (
    "unpack IBKR's Client Portal Gateway (clientportal.gw.zip) and name the folder that holds bin/ and root/"
)
JAVA = (
    "install Java 8u192 or newer so that `java` is on the PATH, e.g. `sudo apt install default-jre-headless`"
    " or `brew install --cask temurin`"
)
_RUN, _CONF = Path("bin/run.sh"), Path("root/conf.yaml")


@dataclass(frozen=True, slots=True, kw_only=True)
class GatewayFolder:
    """A folder that can be started; `port` is what its conf.yaml says."""

    path: Path
    port: int
    command: tuple[str, ...]


def open_folder(path: Path, *, port: int) -> GatewayFolder:
    """The gateway in `path`, which has to listen on `port`. Raises `InvalidInput` with what is missing."""
    for part in (_RUN, _CONF):
        if not (path / part).is_file():
            raise _wrong(f"{path} has no {part}", UNPACK)
    stated = _listen_port(path / _CONF)
    if stated != port:
        raise _wrong(
            f"its root/conf.yaml says listenPort {stated}, GLASSDESK_BROKER_URL says port {port}",
            f"set GLASSDESK_BROKER_URL=https://localhost:{stated}, or listenPort: {port} in conf.yaml",
        )
    script = path / _RUN
    if re.search(r"\bjava\b", script.read_text(errors="replace")) and shutil.which("java") is None:
        raise _wrong("the gateway is a Java program, and there is no `java` here", JAVA)
    runner = (f"./{_RUN}",) if os.access(script, os.X_OK) else (shutil.which("bash") or "sh", str(_RUN))
    return GatewayFolder(path=path, port=stated, command=(*runner, str(_CONF)))


def _listen_port(file: Path) -> int:
    # Imported here: only a desk that starts a gateway reads its configuration.
    import yaml

    try:
        content = yaml.safe_load(file.read_text())
        port, secure = int(content["listenPort"]), content.get("listenSsl", True)
    except (OSError, ValueError, TypeError, KeyError, yaml.YAMLError) as failure:
        raise _wrong(f"{file} names no listenPort: {failure}", "for example `listenPort: 5000`") from failure
    if secure is not True:
        raise _wrong(f"{file} says listenSsl: {secure}", "the desk speaks TLS only: `listenSsl: true`")
    return port


def _wrong(problem: str, remedy: str) -> InvalidInput:
    return InvalidInput(problem, where="GLASSDESK_GATEWAY_DIR", remedy=remedy)
