"""`replay`: a past decision with another prompt, both answers side by side."""

from __future__ import annotations

from typing import Annotated

import typer

from glassdesk.cli.here import OWNER, Here, command, single
from glassdesk.cli.show import as_json, rows, working
from glassdesk.workflow.runs.replaying import Replay, Side
from glassdesk.workflow.signals.rules.analyst import ENGINE

app = single()


@command(app)
def replay(
    here: Here,
    run: Annotated[str, typer.Argument(help="Its id, or eight characters of it.")],
    prompt: Annotated[
        str, typer.Option(help="NAME, NAME@NUMBER or NAME@LABEL; else what its strategy would use now.")
    ] = "",
) -> None:
    """Ask the model again about a past decision: same pictures, same numbers, another prompt. Nothing is
    traded."""
    side_by_side(here, run, prompt)


def side_by_side(here: Here, run: str, prompt: str) -> None:
    """Ask, and show what was answered then beside what is answered now."""
    with here.desk() as desk, working("asking the model"):
        version = None
        if prompt:
            with desk.transactions.read() as t:
                version = desk.prompts.named(t, prompt)
        told = desk.replays.replay(run, version, OWNER)
    if here.json:
        as_json(told)
        return
    _show(here, told)


def _show(here: Here, told: Replay) -> None:
    then, now = _lines(told.then), _lines(told.now)
    rows(
        here,
        [{"what": name, "then": then[name], "now": now[name]} for name in then],
        {
            "what": lambda one: one["what"],
            "then": lambda one: one["then"],
            "now": lambda one: one["now"],
        },
        empty="",
    )
    if told.problem:
        print(f"\nThis version does not go live so: {told.problem}")
        print("\n".join(f"- {one}" for one in told.advice))
    if told.now.answer.engine == ENGINE:
        print("\nRULES, not AI: the rules analyst reads no prompt, so only the text sent can differ.")


def _lines(side: Side) -> dict[str, object]:
    signal, answer = side.signal, side.answer
    failed = [check.rule for check in signal.checks if not check.passed]
    return {
        "prompt": side.prompt,
        "model": f"{answer.engine} {answer.model}",
        "signal": signal.action.value,
        "reason": signal.reason,
        "entry": signal.entry_high or "",
        "stop": signal.stop or "",
        "target": signal.target or "",
        "confidence": "unknown" if signal.confidence is None else signal.confidence,
        "not passed": ", ".join(failed),
        "tokens": f"{answer.input_tokens or '?'} in, {answer.output_tokens or '?'} out",
        "cost": answer.cost if answer.cost is not None else "unknown",
    }
