"""The catalogue as a page of the documentation."""

from ibkr_simulator.scenarios.catalogue import SECTIONS
from ibkr_simulator.scenarios.scenario import Scenario

_HEAD = """# Faults

What can go wrong between the desk and the broker, by number: F-01 to F-83. ★ marks what can cost money
if mishandled. Each one can be brought about in the simulator, alone or with others: from a file
(`ibkr-simulator serve --scenario FILE`), over its control plane (`POST /control/faults`), or in a test. Each
has a test that brings it about and looks at what the desk makes of it; for those with a star the test
also counts the orders that the broker really has, and there is a *mutant*: the desk without its
handling, under which the test is red (`tests/faults/test_mutants.py`).

```toml
# day.toml: one bad day
[[fault]]
number = 22                     # a lost answer: the second order that is taken
skip = 1

[[fault]]
number = 9                      # the nightly reset, ten minutes long
at = 2012-10-02T04:00:00Z
seconds = 600

[[fault]]
number = 29                     # quotes are delayed for an hour, from half an hour after the start
after = 1800
seconds = 3600
value = "D"
```

`at` is an instant and `after` counts seconds of market time; without both a fault is armed at once. It
then strikes at its next matching requests: it lets `skip` pass and strikes `count` times (once), or for
`seconds`. `endpoint` puts it elsewhere: a path, or a word such as `orders`, `reply`, `tickle`. A fault
that happens in the world, or sets a switch, does so at once, unless `endpoint` or `skip` says that it
waits for a request. The words in backticks below are its own.

This page is made by `python -m ibkr_simulator faults --markdown`.
"""


def page() -> str:
    """The whole page, as it stands in `docs/faults.md`."""
    return _HEAD + "".join(_section(module.__doc__ or "", module.SCENARIOS) for module in SECTIONS)


def _section(title: str, scenarios: tuple[Scenario, ...]) -> str:
    head = f"\n## {title.rstrip('.')}\n\n| | fault | what the broker does | what the desk does | test |\n"
    return head + "|---|---|---|---|---|\n" + "".join(_row(one) for one in scenarios)


def _row(one: Scenario) -> str:
    star = " ★" if one.star else ""
    file, _, name = one.test.rpartition("::")
    cells = (f"{one.code}{star}", one.name, one.how, one.client, f"[`{name}`](../{file})")
    return f"| {' | '.join(cells)} |\n"
