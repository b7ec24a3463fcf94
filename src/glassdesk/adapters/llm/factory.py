"""From a `model_url` to a model (`design.md` §6)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import SplitResult, parse_qsl, urlsplit

from glassdesk.adapters.llm.asking import Address, ModelServer
from glassdesk.adapters.llm.completions import Completions
from glassdesk.adapters.llm.generate import Generate
from glassdesk.adapters.llm.messages import Messages
from glassdesk.adapters.llm.ollama import Ollama
from glassdesk.adapters.llm.reading import Wire
from glassdesk.adapters.llm.recorded import Recorded
from glassdesk.adapters.llm.scripted import Scripted
from glassdesk.kernel.errors import InvalidInput
from glassdesk.workflow.signals.ports import Model

HOSTED: Mapping[str, str] = {
    "openai": "https://api.openai.com/v1",
    "anthropic": "https://api.anthropic.com",
    "google": "https://generativelanguage.googleapis.com",
}
"""Providers whose address need not be given: `openai:MODEL`."""

KEYS_AT: Mapping[str, str] = {
    "openai": "https://platform.openai.com/api-keys",
    "anthropic": "https://console.anthropic.com/settings/keys",
    "google": "https://aistudio.google.com/apikey",
}
"""Where a person gets a key of a provider."""

_WIRES: Mapping[str, Wire] = {
    "openai": Completions(limit="max_completion_tokens"),
    "openai-compatible": Completions(),
    "anthropic": Messages(),
    "google": Generate(),
    "ollama": Ollama(),
}

SCHEMES = (*_WIRES, "recorded", "memory")
"""All but `rules:`, which is no model."""

_WHERE = "model_url"
_EXAMPLE = "openai-compatible:http://127.0.0.1:11434/v1?model=NAME"
_KEY_REMEDY = "set GLASSDESK_MODEL_KEY, or a file of that name in GLASSDESK_SECRETS"


def model_for(url: str, key: str = "") -> Model:
    """The model a `model_url` names. Raises `InvalidInput`."""
    scheme, _, rest = url.partition(":")
    if scheme == "memory":
        return Scripted()
    if scheme == "recorded":
        return Recorded(Path(rest))
    if scheme in _WIRES:
        address = _address(scheme, rest)
        return ModelServer(_WIRES[scheme], address, key=key, lacks=missing_key(scheme, address.base, key))
    raise InvalidInput(
        f"no model behind {scheme!r:.40}",
        where=_WHERE,
        remedy=f"rules:, openai:MODEL, anthropic:MODEL, google:MODEL, {_EXAMPLE}, recorded:FILE",
    )


_PLACEHOLDER = re.compile(
    r"your[-_ ].*|change[-_ ]?me|(?:sk-)?x{3,}|<.*>|.*(?:\.\.\.|…).*|(?:sk-)?(?:todo|none|key|secret)",
    re.IGNORECASE,
)


def missing_key(engine: str, base: str, key: str) -> str:
    """What a person does where a provider's key is missing or was never filled in; empty where it is there,
    or where the server is no provider's own."""
    if base != HOSTED.get(engine) or (key and not _PLACEHOLDER.fullmatch(key.strip())):
        return ""
    said, name = "is a placeholder" if key else "is missing", f"glassdesk_{engine}_key"
    return (
        f"the key of {engine} {said}: set {name.upper()}, or put a file {name} into the folder that "
        f"GLASSDESK_SECRETS names; {KEYS_AT[engine]}"
    )


def lacks_key(url: str, key: str) -> str:
    """`missing_key` of a `model_url`. Raises `InvalidInput` for one that is none."""
    scheme, _, rest = url.partition(":")
    return missing_key(scheme, _address(scheme, rest).base, key) if scheme in HOSTED else ""


def endpoint_name(url: str) -> str:
    """What the endpoint of a `model_url` is called in records; nothing is opened. Raises `InvalidInput`."""
    scheme, _, rest = url.partition(":")
    if scheme in _WIRES:
        return _address(scheme, rest).name
    return f"recorded:{Path(rest).name}" if scheme == "recorded" else scheme


def _address(scheme: str, rest: str) -> Address:
    parts = urlsplit(rest)
    options = dict(parse_qsl(parts.query, keep_blank_values=True))
    base, model = _place(scheme, parts, options)
    if parts.username is not None or "key" in options or "api_key" in options:
        raise InvalidInput("a key does not belong into an address", where=_WHERE, remedy=_KEY_REMEDY)
    temperature = _temperature(options.pop("temperature", ""))
    if not model:
        raise InvalidInput("the model's name is missing", where=_WHERE, remedy=_example(scheme))
    if options:
        raise InvalidInput(
            f"the option {min(options)!r:.40} is unknown", where=_WHERE, remedy="model, temperature"
        )
    name = f"{scheme}:{model}" if base == HOSTED.get(scheme) else f"{scheme}:{model}@{parts.netloc}"
    return Address(engine=scheme, base=base, model=model, name=name, temperature=temperature)


def _place(scheme: str, parts: SplitResult, options: dict[str, str]) -> tuple[str, str]:
    """Base address and model. `openai:MODEL` needs no address; any may have one, a proxy's for example."""
    if scheme in HOSTED and not parts.scheme and not parts.netloc:
        return HOSTED[scheme], parts.path
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise InvalidInput("the address is missing", where=_WHERE, remedy=_example(scheme))
    return f"{parts.scheme}://{parts.netloc}{parts.path.rstrip('/')}", options.pop("model", "")


def _example(scheme: str) -> str:
    if scheme in HOSTED:
        return f"{scheme}:MODEL"
    return _EXAMPLE if scheme == "openai-compatible" else f"{scheme}:http://127.0.0.1:11434?model=NAME"


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
