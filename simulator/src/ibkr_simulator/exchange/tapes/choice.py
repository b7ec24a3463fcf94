"""Which tape a name means: `history`, `synthetic:SYMBOLS=300,START=2023-01-03,DAYS=756`, `csv:DIR,ZONE=…`."""

import re

from ibkr_simulator.exchange.tape import BadTape, Tape
from ibkr_simulator.exchange.tapes import folder, history, synthetic

_OPTION = re.compile(r"(?:^|,)([A-Z]+)=([^,]*)$")


def load(name: str, seed: int = 7) -> Tape:
    """The tape of that name; the seed makes synthetic ones. Raises TapeMissing, BadTape."""
    kind, _, rest = name.partition(":")
    place, options = _split(rest)
    if kind == "history" and not rest:
        return history.read()
    if kind == "synthetic" and not place:
        return synthetic.make(synthetic.plan(options), seed)
    if kind == "csv" and place:
        return folder.read(folder.place(place, options))
    raise BadTape(
        f"no tape {name!r}; there are history, synthetic[:OPTION=VALUE,…] and csv:DIR[,OPTION=VALUE,…]"
    )


def _split(rest: str) -> tuple[str, dict[str, str]]:
    """A place and the options behind it; a comma inside the place stays there."""
    options: dict[str, str] = {}
    while (found := _OPTION.search(rest)) is not None:
        if found[1] in options:
            raise BadTape(f"tape option {found[1]} is given twice")
        options[found[1]] = found[2]
        rest = rest[: found.start()]
    return rest, options
