"""A model server on this machine that speaks four wire protocols, answered by a function.

    with StandIn() as server:                   # answers by reading the prompt's text and the picture's code
        model_for(f"openai-compatible:{server.url}/v1?model=stand-in")

Written from the providers' public descriptions: OpenAI's chat completions, Anthropic's messages, Gemini's
generateContent, Ollama's chat. As a program: `python -m tests.adapters.llm.standin [PORT]` prints the
addresses and answers until it is ended.
"""

import base64
import json
import re
import sys
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self
from typing import Protocol as Protocol_

from tests.adapters.llm.protocols import PROTOCOLS, Protocol, protocol_of
from tests.adapters.llm.sight import code_of

MODEL = "stand-in-1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """One request as it arrived."""

    path: str
    headers: dict[str, str]
    body: dict[str, Any]

    @property
    def protocol(self) -> Protocol:
        """The one its path belongs to. Raises KeyError."""
        return protocol_of(self.path)

    @property
    def system(self) -> str:
        return self.protocol.system(self.body)

    @property
    def user(self) -> str:
        return self.protocol.user(self.body)

    @property
    def images(self) -> tuple[bytes, ...]:
        """The pictures, decoded. Raises ValueError on anything but a PNG."""
        return tuple(png(text) for text in self.protocol.images(self.body))

    @property
    def schema(self) -> dict[str, Any]:
        return self.protocol.schema(self.body)

    @property
    def key(self) -> str:
        """The key as this protocol sends it."""
        return self.headers.get(self.protocol.key_header, "").removeprefix("Bearer ")


def png(text: str) -> bytes:
    """A picture from its base64."""
    picture = base64.b64decode(text, validate=True)
    if not picture.startswith(b"\x89PNG"):
        raise ValueError("a picture that is no PNG")
    return picture


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What the server sends. `delay` seconds pass before it, or until the server is closed."""

    status: int = 200
    body: bytes = b""
    content_type: str = "application/json"
    delay: float = 0.0
    headers: dict[str, str] = field(default_factory=dict)


Answerer = Callable[[Ask], Reply | str]


def _field(text: str, name: str, otherwise: str = "") -> str:
    found = re.search(rf"^{re.escape(name)}: *(.+)$", text, re.MULTILINE)
    return found[1].strip() if found else otherwise


def _number(text: str, name: str) -> float | None:
    found = re.search(rf"^{re.escape(name)} = ([-0-9.e+]+)$", text, re.MULTILINE)
    return float(found[1]) if found else None


def reader(code: Callable[[Sequence[bytes]], str] = code_of) -> Answerer:
    """Answers from the packaged prompt's words by the 3-of-4 rule: BUY, SELL or HOLD, valid in every field.

    The code in the picture comes from `code`, which by default looks at the first picture's pixels.
    """
    return lambda ask: json.dumps(read_prompt(ask, code(ask.images)))


class Told(Protocol_):
    """Whatever holds a user's text: a request, a prompt."""

    @property
    def user(self) -> str: ...


def read_prompt(ask: Told, code: str) -> dict[str, Any]:
    """A whole answer made from the user's text."""
    text = ask.user
    close, atr = float(_field(text, "Last close")), _number(text, "atr_14")
    checks = {name: _field(text, name, "na") for name in ("supertrend", "price_vs_sma20", "macd", "rsi")}
    views = list(checks.values())
    action = "BUY" if views.count("bull") >= 3 else "SELL" if views.count("bear") >= 3 else "HOLD"
    if atr is None:
        action = "ABSTAIN"
    names = [name for name in ("sma_20", "rsi_14", "atr_14") if _number(text, name) is not None]
    return {
        "schema_version": 2,
        "echo": {
            "symbol": _field(text, "Symbol"),
            "timeframe": _field(text, "Timeframe"),
            "last_bar": _field(text, "Last bar"),
            "last_close": close,
            "n_bars": int(_field(text, "Bars", "0")),
            "chart_code": code,
        },
        "evidence": [
            {
                "panel": "numbers",
                "indicator": name,
                "reading": "as given",
                "value": _number(text, name),
                "direction": "neutral",
            }
            for name in names
        ],
        "confirmations": checks,
        "weekly_agreement": "na",
        "trend": "neutral",
        "counter_case": "Checks of one bar turn quickly.",
        "invalidation": "A close on the other side of the average.",
        "action": action,
        **_levels(action, close, atr or 0.0),
        "target_1_basis": "4 ATR" if action == "BUY" else "",
        "target_2_basis": "",
        "horizon_bars": 20 if action == "BUY" else None,
        "confidence": 0.55 if action in ("BUY", "SELL") else None,
        "rationale": f"Checks: {', '.join(f'{name} {view}' for name, view in checks.items())}.",
        "data_issues": [] if atr is not None else ["no ATR"],
    }


def _levels(action: str, close: float, atr: float) -> dict[str, float | None]:
    if action != "BUY":
        return dict.fromkeys(("entry_low", "entry_high", "stop", "target_1", "target_2"))
    high = close + 0.25 * atr
    return {
        "entry_low": round(close - 0.25 * atr, 4),
        "entry_high": round(high, 4),
        "stop": round(high - 2 * atr, 4),
        "target_1": round(high + 4 * atr, 4),
        "target_2": None,
    }


class _Server(ThreadingHTTPServer):
    """Sixty-four who come at once all wait their turn: the queue is made when the server is."""

    request_queue_size = 128


class StandIn:
    """The server; a context manager. `asked` holds every request in order."""

    def __init__(self, answer: Answerer | None = None, port: int = 0) -> None:
        self.asked: list[Ask] = []
        self.closing = threading.Event()
        self._answer = answer or reader()
        self._server = _Server(("127.0.0.1", port), self._handler())
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,))

    @property
    def url(self) -> str:
        """Base address; chat completions stand below `/v1`."""
        return f"http://127.0.0.1:{self._server.server_port}"

    def reply(self, ask: Ask) -> Reply:
        """What goes back: 404 beside the known paths, the protocol's whole response around a plain text."""
        self.asked.append(ask)
        try:
            protocol = ask.protocol
        except KeyError:
            return Reply(status=404, body=b'{"error": {"message": "no such path"}}')
        said = self._answer(ask)
        return Reply(body=protocol.response(said)) if isinstance(said, str) else said

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        standin = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                headers = {name.lower(): value for name, value in self.headers.items()}
                reply = standin.reply(Ask(path=self.path, headers=headers, body=body))
                if reply.delay:
                    standin.closing.wait(reply.delay)
                try:
                    self._send(reply)
                except OSError as failure:
                    self.log_message("the client went away: %s", failure)

            def _send(self, reply: Reply) -> None:
                self.send_response(reply.status)
                if reply.content_type:
                    self.send_header("Content-Type", reply.content_type)
                for name, value in reply.headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(reply.body)))
                self.end_headers()
                self.wfile.write(reply.body)

            def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
                """Quiet."""

        return Handler

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.closing.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


def main(arguments: Sequence[str]) -> None:
    with StandIn(port=int(arguments[0]) if arguments else 0) as server:
        for protocol in PROTOCOLS.values():
            sys.stdout.write(f"GLASSDESK_MODEL_URL='{protocol.model_url(server.url)}'\n")
        sys.stdout.flush()
        threading.Event().wait()


if __name__ == "__main__":
    main(sys.argv[1:])
