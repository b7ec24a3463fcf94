"""Ask every question, or those named: `python -m bench [charts …]`. Writes build/bench.json."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict
from pathlib import Path

from bench import (
    broker,
    charts,
    dealing,
    decision,
    indicators,
    models,
    prompts,
    run_page,
    scale,
    simulator,
    ticks,
)
from bench.answer import Answer

QUESTIONS: dict[str, Callable[[], Iterable[Answer]]] = {
    "charts": charts.ask,
    "indicators": indicators.ask,
    "decision": decision.ask,
    "models": models.ask,
    "prompts": prompts.ask,
    "simulator": simulator.ask,
    "broker": broker.ask,
    "dealing": dealing.ask,
    "ticks": ticks.ask,
    "run-page": run_page.ask,
    "scale": scale.ask,
}
RESULT = Path("build/bench.json")


def main(names: Sequence[str]) -> int:
    unknown = [name for name in names if name not in QUESTIONS]
    if unknown:
        print(f"no question {unknown[0]!r}: there are {', '.join(QUESTIONS)}", file=sys.stderr)
        return 2
    answers = []
    for name in names or QUESTIONS:
        for answer in QUESTIONS[name]():
            answers.append(asdict(answer))
            figures = f"{answer.ours} against {answer.peer} {answer.unit} ({answer.peer_name})"
            print(f"{answer.question}: {figures}, ×{answer.ratio}", flush=True)
    RESULT.parent.mkdir(exist_ok=True)
    RESULT.write_text(json.dumps(answers, indent=2) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
