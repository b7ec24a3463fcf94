"""What the stories of the probe do: begin one, follow it, look at what it left."""

from __future__ import annotations

from datetime import timedelta

from glassdesk.kernel.canonical import canonical_text
from glassdesk.workflow.dealing.findings import Finding, Probe, ProbePlan
from glassdesk.workflow.dealing.model import Command, CommandKind
from tests.faults.stage import ACCOUNT, IBM, MINUTE, Stage


def plan(**changes: object) -> ProbePlan:
    """IBM, which no strategy of the stage owns."""
    plain: dict[str, object] = {"conid": IBM, "symbol": "IBM", "exchange": "XNYS"}
    return ProbePlan(**{**plain, **changes})  # type: ignore[arg-type]  # the fields' own types, by name


def ask(stage: Stage, wanted: ProbePlan) -> Command:
    """The command of a person, after the symbol was looked up."""
    contract = stage.desk.contracts.resolve(wanted.symbol)
    stage.write(lambda t: stage.desk.contracts.remember(t, contract))
    return stage.write(
        lambda t: stage.desk.dealing.ask(t, CommandKind.PROBE, canonical_text(wanted), "owner")
    )


def begin(stage: Stage, wanted: ProbePlan) -> Probe:
    """A probe that runs."""
    stage.run_until(lambda: may_send(stage))
    command = ask(stage, wanted)
    stage.turn()
    [done] = [one for one in stage.read(stage.desk.dealing.recent) if one.command == command.command]
    assert done.result.startswith("probe "), done.result
    return last(stage)


def may_send(stage: Stage) -> bool:
    """The dealer has reconciled once."""
    return bool(stage.read(lambda t: stage.ground.stores.portfolio.balances(t, ACCOUNT)))


def last(stage: Stage) -> Probe:
    """The newest probe."""
    return stage.read(lambda t: stage.ground.stores.probes.of_account(t, ACCOUNT))[0]


def ended(stage: Stage, *, within: timedelta = 25 * MINUTE) -> Probe:
    """Follow the probe to its end, and one turn more: from then on its switches are in force."""
    stage.run_until(lambda: last(stage).state.final, within=within)
    stage.turn()
    return last(stage)


def probed(stage: Stage, **changes: object) -> Probe:
    """A whole probe, from the command to the clean account."""
    begin(stage, plan(**changes))
    return ended(stage)


def finding(probe: Probe, code: str) -> Finding:
    """The answer to one question."""
    [found] = [one for one in probe.findings if one.code == code]
    return found


def settings(probe: Probe) -> dict[str, str]:
    """The switches it sets."""
    return {one.switch: one.setting for one in probe.findings if one.switch}


def is_clean(stage: Stage) -> bool:
    """Nothing of ours lives at the broker, nothing is held, and our rows say so."""
    alive = [one for one in stage.truth() if one.live]
    rows = stage.read(stage.ground.stores.orders.orders)
    return not alive and not stage.held(IBM) and all(row.state.final for row in rows)
