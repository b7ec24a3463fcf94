"""From a `model_url` to an analyst (`design.md` §6)."""

from __future__ import annotations

import os
from urllib.parse import parse_qsl, urlsplit

from glassdesk.adapters.llm.openai_compatible import OpenAICompatible
from glassdesk.adapters.llm.scripted import Scripted
from glassdesk.kernel.errors import InvalidInput
from glassdesk.workflow.signals.ports import Analyst
from glassdesk.workflow.signals.rules.analyst import RulesAnalyst

KEY_VARIABLE = "GLASSDESK_MODEL_KEY"
"""Environment variable with the model's API key; the only place it is read from."""

_WHERE = "model_url"
_EXAMPLE = "openai-compatible:http://127.0.0.1:11434/v1?model=NAME"


def analyst_for(url: str, key: str | None = None) -> Analyst:
    """The analyst a `model_url` names; `key` is the environment's unless given. Raises `InvalidInput`."""
    scheme, _, rest = url.partition(":")
    if scheme == "rules":
        return RulesAnalyst()
    if scheme == "memory":
        return Scripted()
    if scheme == "openai-compatible":
        return _openai_compatible(rest, os.environ.get(KEY_VARIABLE, "") if key is None else key)
    raise InvalidInput(
        f"no model behind {scheme!r:.40}", where=_WHERE, remedy=f"rules: or {_EXAMPLE}, memory: in tests"
    )


def _openai_compatible(rest: str, key: str) -> OpenAICompatible:
    parts = urlsplit(rest)
    options = dict(parse_qsl(parts.query, keep_blank_values=True))
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise InvalidInput("the address is missing", where=_WHERE, remedy=_EXAMPLE)
    if parts.username is not None or "key" in options or "api_key" in options:
        raise InvalidInput(
            "a key does not belong into an address", where=_WHERE, remedy=f"set {KEY_VARIABLE}"
        )
    model = options.pop("model", "")
    temperature = _temperature(options.pop("temperature", ""))
    if not model:
        raise InvalidInput("the model's name is missing", where=_WHERE, remedy=_EXAMPLE)
    if options:
        raise InvalidInput(
            f"the option {min(options)!r:.40} is unknown", where=_WHERE, remedy="model, temperature"
        )
    base = f"{parts.scheme}://{parts.netloc}{parts.path.rstrip('/')}"
    return OpenAICompatible(base, model, key=key, temperature=temperature)


def _temperature(text: str) -> float | None:
    if not text:
        return None
    try:
        value = float(text)
    except ValueError as failure:
        raise InvalidInput(f"{text!r:.20} is no temperature", where=_WHERE, remedy="0 to 2") from failure
    if not 0 <= value <= 2:
        raise InvalidInput(f"{text!r:.20} is no temperature", where=_WHERE, remedy="0 to 2")
    return value
