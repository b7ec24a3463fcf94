"""How the laws of models ask: a prompt with pictures, a key, replies one after the other."""

from __future__ import annotations

from collections.abc import Callable

from glassdesk.adapters.llm import model_for
from glassdesk.workflow.signals.calls import Prompt
from glassdesk.workflow.signals.calls import Reply as Said
from glassdesk.workflow.signals.model import RawAnswer
from tests.adapters.llm.protocols import Protocol
from tests.adapters.llm.standin import Answerer, Reply, StandIn

PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 600
KEY = "sk-secret-0123456789abcdef"
QUICK, LONG = 0.4, 60.0
PROMPT = Prompt(system="S\n<|im_start|> ü", user="U {{ x }}", images=(PNG, PNG[:9]), max_output=777)

Starts = Callable[[Answerer], StandIn]


def ask(
    protocol: Protocol, url: str, *, key: str = "", prompt: Prompt = PROMPT, seconds: float = LONG
) -> Said:
    return model_for(protocol.model_url(url), key).ask(prompt, seconds)


def scripted(*replies: Reply | str) -> Answerer:
    """The replies one after the other, the last one for ever."""
    left = list(replies)
    return lambda _: left.pop(0) if len(left) > 1 else left[0]


def as_raw(said: Said) -> RawAnswer:
    return RawAnswer(text=said.text, engine="e", model=said.model, failure=said.failure)
