"""What a call costs, by a table in a data file: prices age, code does not."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal
from importlib import resources
from pathlib import Path
from typing import Any

from glassdesk.kernel.errors import InvalidInput
from glassdesk.workflow.signals.calls import Prompt, Usage

_MILLION = Decimal(1_000_000)
_GRID = Decimal("0.00000001")
_BYTES_PER_TOKEN = 2
"""Assumed of UTF-8 text, on the safe side: prose has about four, a table of digits two to three."""
_UNSEEN_IMAGE = 3_600
"""Tokens of a picture where no price says it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Price:
    """US dollars per million tokens."""

    input: Decimal
    cached: Decimal
    output: Decimal
    image_tokens: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Prices:
    """The table. `version` is stored with every cost."""

    version: str
    models: Mapping[str, Price]

    def of(self, engine: str, model: str) -> Price | None:
        """The price of a model by the longest name that its own begins with: dated snapshots cost what their
        family costs. `None` where the table does not know it."""
        name = f"{engine}:{model}"
        fitting = [known for known in self.models if name.startswith(known)]
        return self.models[max(fitting, key=len)] if fitting else None

    def cost(self, engine: str, model: str, usage: Usage) -> Decimal | None:
        """US dollars for what was read and written, rounded up; `None` without a price or without counts."""
        price = self.of(engine, model)
        if price is None or usage.input_tokens is None or usage.output_tokens is None:
            return Decimal(0) if price == _FREE else None
        cached = min(usage.cached_tokens or 0, usage.input_tokens)
        fresh = usage.input_tokens - cached
        dollars = (
            fresh * price.input + cached * price.cached + usage.output_tokens * price.output
        ) / _MILLION
        return dollars.quantize(_GRID, rounding=ROUND_CEILING)

    def at_most(self, engine: str, model: str, prompt: Prompt) -> Decimal | None:
        """What a call may cost at most: reserved before it is sent. `None` without a price."""
        price = self.of(engine, model)
        if price is None:
            return None
        read = tokens_at_most(prompt, price.image_tokens) - prompt.max_output
        dollars = (read * price.input + prompt.max_output * price.output) / _MILLION
        return dollars.quantize(_GRID, rounding=ROUND_CEILING)


_FREE = Price(input=Decimal(0), cached=Decimal(0), output=Decimal(0), image_tokens=0)


def tokens_at_most(prompt: Prompt, per_image: int = _UNSEEN_IMAGE) -> int:
    """Tokens read and written, at most."""
    text = len((prompt.system + prompt.user).encode()) // _BYTES_PER_TOKEN + 1
    return text + per_image * len(prompt.images) + prompt.max_output


def load_prices(file: Path | None = None) -> Prices:
    """The packaged table, or the one in `file`. Raises `InvalidInput` naming the entry."""
    where = str(file or "prices.toml")
    try:
        said = tomllib.loads(_text(file), parse_float=Decimal)
        return Prices(
            version=str(said["version"]),
            models={name: _price(entry, f"models.{name}") for name, entry in said["models"].items()},
        )
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, KeyError, AttributeError) as failure:
        raise InvalidInput(
            f"no price table: {type(failure).__name__} {str(failure)[:80]}",
            where=where,
            remedy="version, and [models.NAME] with input, cached, output, image_tokens",
        ) from failure


def _text(file: Path | None) -> str:
    if file is not None:
        return file.read_text(encoding="utf-8")
    packaged = resources.files("glassdesk.workflow.signals").joinpath("packaged", "prices.toml")
    return packaged.read_text(encoding="utf-8")


def _price(entry: Any, where: str) -> Price:
    numbers = {name: _amount(entry.get(name), f"{where}.{name}") for name in ("input", "cached", "output")}
    image_tokens = entry.get("image_tokens")
    if isinstance(image_tokens, bool) or not isinstance(image_tokens, int) or image_tokens < 0:
        raise InvalidInput("needs a whole number, 0 or more", where=f"{where}.image_tokens")
    return Price(image_tokens=image_tokens, **numbers)


def _amount(value: object, where: str) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise InvalidInput("needs US dollars per million tokens", where=where)
    amount = Decimal(value)
    if not amount.is_finite() or amount < 0:
        raise InvalidInput("needs US dollars per million tokens", where=where)
    return amount
