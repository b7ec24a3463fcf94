"""Texts that are no answers. Each is a BUY in spirit, so that a reader who guesses would trade on it."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from typing import Any

from tests.workflow.signals.cases import answer

GOOD = json.dumps(answer())

Path = tuple[str | int, ...]

WHOLE_TEXTS: dict[str, str] = {
    "empty": "",
    "blank": " \n\t ",
    "a word": "BUY",
    "do not buy (X-2)": "Do not buy this under any circumstances.",
    "strong sell, no buy (X-2)": "strong bearish; buy only below 90",
    "a fence": f"```json\n{GOOD}\n```",
    "a bare fence": f"```\n{GOOD}\n```",
    "prose before": f"Here is my answer: {GOOD}",
    "prose after": f"{GOOD}\nI hope this helps!",
    "thinking before": f"<think>up</think>{GOOD}",
    "two answers": f"{GOOD}{GOOD}",
    "two answers in lines": f"{GOOD}\n{GOOD}",
    "a list of answers": f"[{GOOD}]",
    "an answer as text": json.dumps(GOOD),
    "wrapped": json.dumps({"answer": answer()}),
    "null": "null",
    "true": "true",
    "a number": "42",
    "an empty object": "{}",
    "an empty list": "[]",
    "only the action": '{"action": "BUY"}',
    "a tool call": json.dumps({"name": "answer", "arguments": answer()}),
    "XML": "<action>BUY</action>",
    "YAML": "action: BUY\nentry_high: 100.5\nstop: 96.5",
    "single quotes": GOOD.replace('"', "'"),
    "a trailing comma": GOOD[:-1] + ",}",
    "a comment": GOOD[:-1] + ", // sure\n}",
    "Python literals": GOOD.replace("110.0", "None"),
    "cut off in the middle": GOOD[: len(GOOD) // 2],
    "cut off at the end": GOOD[:-1],
    "one brace too many": GOOD + "}",
    "a byte order mark": "\ufeff" + GOOD,
    "a null byte after": GOOD + "\x00",
    "a raw line break in a text": GOOD.replace("Trend and", "Trend\nand"),
    "a field twice": GOOD[:-1] + ', "action": "BUY"}',
    "a nested field twice": GOOD.replace('"symbol":', '"symbol": "X", "symbol":'),
    "nested too deeply": "[" * 30_000 + "]" * 30_000,
    "an object nested too deeply": '{"a":' * 5_000 + "1" + "}" * 5_000,
    "huge": GOOD[:-1] + " " * 40_000 + "}",
    "a mock (X-1)": '{"action": "BUY", "confidence": "MEDIUM", "score": 72.5, "entry": 250.0, "stop": 245}',
    "an error of a provider": '{"error": {"message": "quota", "type": "insufficient_quota"}}',
    "HTML": "<!doctype html><title>502 Bad Gateway</title>",
    "numbers of other scripts": GOOD.replace("100.5", "١٠٠"),
    "a decimal comma": GOOD.replace("100.5", "100,5"),
    "a leading plus": GOOD.replace("100.5", "+100.5"),
    "a leading zero": GOOD.replace("100.5", "0100.5"),
    "hexadecimal": GOOD.replace("100.5", "0x64"),
    "an underscore": GOOD.replace("100.5", "1_00.5"),
    "a fraction without zero": GOOD.replace("100.5", ".5"),
    "an unfinished escape": GOOD.replace("Trend and", "Trend \\u12 and"),
    "an unknown escape": GOOD.replace("Trend and", "Trend \\x41 and"),
}

# Literals that JSON readers let through in places of numbers.
NUMBERS: dict[str, str] = {
    "NaN": "NaN",
    "Infinity": "Infinity",
    "-Infinity": "-Infinity",
    "1e309": "1e309",
    "-1e309": "-1e309",
    "1e999999999": "1e999999999",
    "1e99999999999999999999": "1e99999999999999999999",
    "a quintillion": "1000000000000000000",
    "five thousand digits": "9" * 5000,
    "forty digits": "1." + "1" * 40,
    "text": '"100.5"',
    "currency": '"$100.5"',
    "true": "true",
    "list": "[100.5]",
    "object": '{"value": 100.5}',
}
NUMBER_FIELDS: tuple[Path, ...] = (
    ("entry_high",),
    ("stop",),
    ("target_1",),
    ("confidence",),
    ("echo", "last_close"),
    ("evidence", 0, "value"),
)

WRONG: tuple[Any, ...] = (None, 7, "word", [], {}, True)
FITS: dict[Path, tuple[type, ...]] = {
    ("schema_version",): (),
    ("echo",): (),
    ("echo", "symbol"): (str,),
    ("echo", "timeframe"): (str,),
    ("echo", "last_bar"): (),
    ("echo", "n_bars"): (int,),
    ("echo", "chart_code"): (str,),
    ("evidence",): (list,),
    ("evidence", 0): (),
    ("evidence", 0, "indicator"): (str,),
    ("evidence", 0, "panel"): (str,),
    ("weekly_agreement",): (),
    ("trend",): (),
    ("target_1_basis",): (str,),
    ("evidence", 0, "direction"): (),
    ("confirmations",): (),
    ("confirmations", "rsi"): (),
    ("counter_case",): (str,),
    ("action",): (),
    ("horizon_bars",): (int, type(None)),
    ("rationale",): (str,),
    ("data_issues",): (list,),
}

SPECIFIC: dict[str, tuple[Path, Any]] = {
    "another schema": (("schema_version",), 1),
    "action in lower case": (("action",), "buy"),
    "a stronger action": (("action",), "STRONG_BUY"),
    "two actions": (("action",), "BUY or HOLD"),
    "an action with a blank": (("action",), "BUY "),
    "a long position": (("action",), "LONG"),
    "a date without a day": (("echo", "last_bar"), "2024-12"),
    "a date that is none": (("echo", "last_bar"), "2024-02-30"),
    "an instant for a date": (("echo", "last_bar"), "2024-12-16T00:00:00Z"),
    "an American date": (("echo", "last_bar"), "12/16/2024"),
    "a date in other digits": (("echo", "last_bar"), "２０２４-12-16"),
    "a fraction of a bar": (("horizon_bars",), 2.5),
    "a billion bars": (("horizon_bars",), 10**9),
    "a lone surrogate": (("rationale",), "up \ud800"),
    "a null byte": (("rationale",), "up \x00"),
    "a null byte in the echo": (("echo", "symbol"), "GLAS\x00"),
    "a surrogate in the evidence": (("evidence", 0, "reading"), "\udfff"),
    "an endless rationale": (("rationale",), "x" * 4_001),
    "an endless code": (("echo", "chart_code"), "K7QX" * 5),
    "nine readings": (("evidence",), answer()["evidence"] * 9),
    "eleven issues": (("data_issues",), ["x"] * 11),
    "an issue that is no text": (("data_issues",), [1]),
    "an unknown view": (("confirmations", "rsi"), "bullish"),
}


def changed(path: Path, value: Any) -> dict[str, Any]:
    """The good answer with one place changed."""
    said = copy.deepcopy(answer())
    place: Any = said
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    return said


def _name(path: Path) -> str:
    return ".".join(map(str, path))


def corpus() -> Iterator[tuple[str, str]]:
    """All of them, named."""
    yield from WHOLE_TEXTS.items()
    for path in NUMBER_FIELDS:
        for name, literal in NUMBERS.items():
            text = json.dumps(changed(path, "@@")).replace('"@@"', literal)
            yield f"{_name(path)}: {name}", text
    for path, fitting in FITS.items():
        for value in WRONG:
            if type(value) not in fitting:
                yield f"{_name(path)}: {value!r}", json.dumps(changed(path, value))
    for name, (path, value) in SPECIFIC.items():
        yield name, json.dumps(changed(path, value))
    yield from _fields()


def _fields() -> Iterator[tuple[str, str]]:
    for field in answer():
        yield f"without {field}", json.dumps({k: v for k, v in answer().items() if k != field})
        yield f"{field} misspelt", GOOD.replace(f'"{field}":', f'"{field}_":', 1)
    for field in answer()["echo"]:
        echo = {k: v for k, v in answer()["echo"].items() if k != field}
        yield f"without echo.{field}", json.dumps(answer(echo=echo))
    for extra in ("size", "quantity", "symbol", "order", "Action", "action ", ""):
        yield f"an extra field {extra!r}", json.dumps({**answer(), extra: 1})
    yield "an extra field below", json.dumps(changed(("echo", "price"), 1))
    yield "a surrogate for a field", json.dumps({**answer(), "\ud800": 1})
