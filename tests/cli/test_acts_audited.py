"""Every command that changes something leaves an audit row by the owner (`T-77`), as the pages and the API
do: whoever adds a command says here what it is."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from glassdesk.cli.program import load
from glassdesk.cli.table import TABLE
from glassdesk.workflow.dealing.wishes import Act
from tests.cli.conftest import Typed
from tests.cli.test_settling import a_dealer
from tests.cli.world import ALL_DAY, SETTINGS, STRATEGY

READS = {
    *("why", "runs list", "runs show", "signals list", "signals show", "orders list", "orders show"),
    *("positions", "portfolio", "lineage", "charts show", "notifications list", "notifications channels"),
    *("audit list", "audit anchors", "audit verify", "strategies list", "strategies show", "strategies diff"),
    *("strategies validate", "strategies export", "strategies new", "prompts list", "prompts show"),
    *(
        "prompts history",
        "prompts preview",
        "prompts lint",
    ),
    *("prompts diff", "prompts export", "indicators list", "indicators show"),
    *(
        "indicators preview",
        "indicators sets",
        "indicators sets list",
        "indicators sets show",
        "contracts search",
    ),
    *("contracts show", "watchlists list", "watchlists show"),
    *("schedules list", "schedules next", "schedules show"),
    *("scoreboard list", "scoreboard signals", "scoreboard daily", "scoreboard compare"),
    *("scoreboard calibration", "scoreboard outcome"),
    *("models list", "models budgets", "models calls", "models export"),
    "live check",
    *("risk limits", "risk verdicts", "approvals list", "approvals show", "session status", "doctor"),
    "service status",
}
"""They show, or write a file that the desk does not read; what `audit verify` found is a row of
`inspections`."""
ELSEWHERE = {
    "demo": "builds a home of its own and refuses one that is not simulated",
    "up": "a role: what it does is the desk's, with its own actor",
    "web": "a role",
    "worker": "a role",
    "dealer": "a role",
    "service install": "writes a unit of the machine; what it starts is a role",
    "service uninstall": "takes it away again; the home stays as it is",
    "db backup": "copies a home and changes none",
    "db restore": "makes a home; its halt is a row: tests/cli/test_backups.py",
    "db upgrade": "the chain may not be there yet; the revision says what was done",
    "probe": "its wish is a row: tests/cli/test_probe.py",
    "scoreboard label": "the daily pass, now: what it writes follows from kept bars and leads to them",
    "models probe": "what it asked and found are rows of the calls of models; it changes nothing else",
    "live unlock": "needs a live account's home: tests/cli/test_live.py",
    "live lock": "needs a live account's home: tests/cli/test_live.py",
    "session trust": "needs a gateway; its row: tests/cli/test_sign_in.py",
}


def names(command: Any, path: str) -> Iterator[str]:
    """A command and all below it, in the words one types."""
    below = getattr(command, "commands", {})
    if not below or getattr(command, "invoke_without_command", False):
        yield path
    for word, one in below.items():
        yield from names(one, f"{path} {word}")


ALL = {name for entry in TABLE for name in names(load(entry), entry.name)} | {
    f"positions {act.value}" for act in Act
}


@dataclass(frozen=True, slots=True)
class Doing:
    """Types commands into one home, and knows what is there."""

    type_in: Typed
    home: Path

    def __call__(self, *words: str) -> Any:
        told = self.type_in(*words, "--json")
        assert told.code == 0, (words, told.err)
        return told.json

    def order(self, state: str, role: str = "") -> str:
        found = self("orders", "list")
        return str(next(o["order"] for o in found if o["state"] == state and role in ("", o["role"])))

    def file(self, name: str, text: str) -> str:
        path = self.home.parent / name
        path.write_text(text)
        return str(path)

    def answered(self, *words: str) -> None:
        """A command that waits for what the dealer answers."""
        with a_dealer(self.home, lambda _: "done"):
            self.type_in(*words)


def a_strategy(name: str, symbol: str = "MSFT") -> str:
    return STRATEGY.format(name=name, symbol=symbol, approval="off", window=ALL_DAY)


def a_prompt(do: Doing) -> tuple[str, ...]:
    return ("--system", do.file("system.txt", "You read."), "--body", do.file("body.txt", "{{ symbol }}"))


def exported(do: Doing) -> str:
    path = str(do.home.parent / "chart-analyst.md")
    do.type_in("prompts", "export", "chart-analyst", "-o", path)
    kept = [line for line in Path(path).read_text().splitlines() if not line.startswith("sha256:")]
    Path(path).write_text("\n".join([*kept, "One more sentence.", ""]))
    return path


def labelled(do: Doing) -> str:
    do("scoreboard", "label")
    return str(do("runs", "list", "--strategy", "rising")[0]["run"])


def waiting(do: Doing) -> str:
    """The clock stands at the morning on which one order waits."""
    (do.home / "settings.toml").write_text(SETTINGS.format(start="2012-10-01"))
    identity: str = do("approvals", "list")[0]["intent"]["intent"]
    return identity


Recipe = Callable[[Doing], object]

ACTS: Mapping[str, Recipe] = {
    "halt": lambda do: do("halt"),
    "resume": lambda do: (do("halt"), do("resume", "--reason", "seen", "--yes")),
    "run": lambda do: do("run", "rising"),
    "orders cancel": lambda do: do("orders", "cancel", do.order("working")),
    "orders modify": lambda do: do.answered("orders", "modify", do.order("working"), "--price", "199.5"),
    "orders resolve": lambda do: do.answered("orders", "resolve", do.order("working")),
    "notifications ack": lambda do: do("notifications", "ack", "test:hello"),
    "notifications test": lambda do: do("notifications", "test"),
    "strategies apply": lambda do: do("strategies", "apply", do.file("a.yaml", a_strategy("other"))),
    "strategies import": lambda do: do("strategies", "import", do.file("b.yaml", a_strategy("another"))),
    "strategies clone": lambda do: do("strategies", "clone", "falling", "copy"),
    "strategies enable": lambda do: (
        do("strategies", "disable", "falling"),
        do("strategies", "enable", "falling"),
    ),
    "strategies disable": lambda do: do("strategies", "disable", "falling"),
    "strategies archive": lambda do: (
        do("strategies", "disable", "falling"),
        do("strategies", "archive", "falling"),
    ),
    "scoreboard set": lambda do: do("scoreboard", "set", labelled(do), "--r", "1.5", "--reason", "seen"),
    "scoreboard cancel": lambda do: do("scoreboard", "cancel", labelled(do), "--reason", "a test"),
    "scoreboard take-back": lambda do: do("scoreboard", "take-back", labelled(do), "--reason", "wrong"),
    "prompts new": lambda do: do("prompts", "new", "short", *a_prompt(do), "-m", "first"),
    "prompts edit": lambda do: do("prompts", "edit", "chart-analyst", *a_prompt(do)[2:]),
    "prompts clone": lambda do: do("prompts", "clone", "chart-analyst", "shorter"),
    "prompts import": lambda do: do("prompts", "import", exported(do)),
    "prompts label": lambda do: (
        do("prompts", "edit", "chart-analyst", *a_prompt(do)[2:]),
        do("prompts", "label", "chart-analyst@2", "live"),
    ),
    "prompts rollback": lambda do: (
        do("prompts", "edit", "chart-analyst", *a_prompt(do)[2:]),
        do("prompts", "label", "chart-analyst@2", "live"),
        do("prompts", "rollback", "chart-analyst", "live"),
    ),
    "prompts restore": lambda do: (
        do("prompts", "edit", "chart-analyst", *a_prompt(do)[2:]),
        do("prompts", "restore", "chart-analyst@1"),
    ),
    "prompts describe": lambda do: do("prompts", "describe", "chart-analyst", "--notes", "seen"),
    "prompts archive": lambda do: (
        do("prompts", "clone", "chart-analyst", "old"),
        do("prompts", "archive", "old"),
    ),
    "prompts test": lambda do: do(
        "prompts", "test", "chart-analyst", "--run", do("runs", "list", "--strategy", "rising")[0]["run"]
    ),
    "replay": lambda do: do("replay", do("runs", "list", "--strategy", "rising")[0]["run"]),
    "prompts unarchive": lambda do: (
        do("prompts", "clone", "chart-analyst", "old"),
        do("prompts", "archive", "old"),
        do("prompts", "unarchive", "old"),
    ),
    "indicators sets create": lambda do: do("indicators", "sets", "create", "mine", "-i", "obv"),
    "indicators sets edit": lambda do: (
        do("indicators", "sets", "create", "mine", "-i", "obv"),
        do("indicators", "sets", "edit", "mine", "-i", "rsi:length=2"),
    ),
    "indicators sets archive": lambda do: (
        do("indicators", "sets", "create", "mine", "-i", "obv"),
        do("indicators", "sets", "archive", "mine"),
    ),
    "watchlists add": lambda do: do("watchlists", "add", "liquid", do.file("w.txt", "AAPL\nMSFT\n")),
    "watchlists remove": lambda do: (
        do("watchlists", "add", "liquid", do.file("w.txt", "AAPL\n")),
        do("watchlists", "remove", "liquid"),
    ),
    "schedules run": lambda do: do("schedules", "run", "rising"),
    "schedules pause": lambda do: do("schedules", "pause", "rising"),
    "schedules resume": lambda do: (do("schedules", "pause", "rising"), do("schedules", "resume", "rising")),
    "approvals approve": lambda do: do("approvals", "approve", waiting(do)),
    "approvals decline": lambda do: do("approvals", "decline", waiting(do)),
    "session login": lambda do: do("session", "login", "--no-wait"),
    "session logout": lambda do: do("session", "logout"),
    "positions exit": lambda do: do("positions", "exit", "AAPL"),
    "positions release": lambda do: do("positions", "release", "AAPL"),
    "positions adopt": lambda do: do("positions", "adopt", "AAPL", "--strategy", "rising"),
    "positions split": lambda do: do("positions", "adopt", "AAPL", "--split"),
    "positions protect": lambda do: do("positions", "protect", "AAPL"),
    "positions acknowledge": lambda do: do("positions", "acknowledge", "AAPL", "--reason", "mine"),
    "positions apply": lambda do: do("positions", "apply", "AAPL", "--reason", "calmer"),
}


def rows(do: Doing) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = do("audit", "list", "--actor", "owner", "--limit", "10000")
    return found


def test_T_77_every_command_is_a_read_an_act_or_has_a_reason_to_be_neither() -> None:
    assert READS | ACTS.keys() | ELSEWHERE.keys() == ALL
    assert len(READS) + len(ACTS) + len(ELSEWHERE) == len(ALL)


@pytest.mark.parametrize("command", ACTS)
def test_T_77_a_command_that_changes_something_is_an_audit_row_of_the_owner(
    type_in: Typed, home: Path, with_broker: None, command: str
) -> None:
    do = Doing(type_in, home)
    before = rows(do)
    done = ACTS[command](do)
    # Where one command has to come before another, each leaves its own.
    assert len(rows(do)) - len(before) >= (len(done) if isinstance(done, tuple) else 1)
    assert type_in("audit", "verify").code == 0


@pytest.mark.parametrize("command", sorted(READS))
def test_a_command_that_only_shows_leaves_no_row(
    type_in: Typed, home: Path, with_broker: None, command: str
) -> None:
    do = Doing(type_in, home)
    before = rows(do)
    told = type_in(*command.split(), *(_first(do, command)))
    assert told.code in (0, 1, 2)
    assert rows(do) == before


def _first(do: Doing, command: str) -> tuple[str, ...]:
    """Something to show."""
    if command == "orders show":
        return (do.order("working"),)
    known = {"strategies show": "rising", "prompts show": "chart-analyst", "positions": "", "lineage": ""}
    return (known[command],) if known.get(command) else ()
