"""What the demo tells while it runs, and the account it gives at the end."""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from rich.console import Console
from rich.table import Table

from glassdesk.cli.embedded import Embedded
from glassdesk.composition.simulation import BrokerTruth, Simulation
from glassdesk.composition.verifying import verify
from glassdesk.desk import Desk
from glassdesk.kernel.clock import format_instant
from glassdesk.kernel.errors import IntegrityViolation
from glassdesk.kernel.ids import short
from glassdesk.kernel.money import cents, tidy
from glassdesk.kernel.unit_of_work import Transaction
from glassdesk.settings import Settings
from glassdesk.workflow.order_tracking.model import Execution
from glassdesk.workflow.orders.model import Order, Role
from glassdesk.workflow.runs.model import Run
from glassdesk.workflow.strategies.model import StrategyRow

MANY = 100_000
ACTIONS = ("BUY", "SELL", "HOLD", "ABSTAIN")


def evening(close: datetime) -> datetime:
    """When a session's books are done: fifteen minutes after its close."""
    return close + timedelta(minutes=15)


class Teller:
    """Progress for a person, on standard error, so that `--json` has standard output to itself."""

    def __init__(self, *, quiet: bool) -> None:
        self._console = Console(stderr=True, highlight=False, quiet=quiet and not sys.stderr.isatty())
        self._seen = 0

    def opening(self, settings: Settings, days: int) -> None:
        """What is about to happen."""
        self._console.print(
            "[bold]Glassdesk demo[/bold]  SIMULATED account, historical prices, no network, no key"
        )
        self._console.print(
            f"{days} trading days from {settings.simulator_start}; signals by "
            f"{'RULES, not AI' if settings.model_url.startswith('rules') else settings.model_url}\n"
        )

    def session(self, running: Embedded) -> None:
        """The session came up."""
        now = running.ground.clock.now()
        self._console.print(f"1  signed in, account {running.desk.account} proved  ({format_instant(now)})")

    def strategies(self, running: Embedded, rows: Sequence[StrategyRow]) -> None:
        """What was composed."""
        symbols = ", ".join(contract.symbol for row in rows for contract in row.strategy.contracts)
        self._console.print(f"2  found {symbols}")
        for row in rows:
            timing, rule = row.strategy.timing, row.strategy.policy.rule
            self._console.print(
                f"3  {row.strategy.name}@{row.strategy.version}: {rule}, due `{timing.cron}` {timing.zone}"
            )
        self._console.print()

    def day(self, running: Embedded, close: datetime) -> None:
        """One line for a session: decisions, executions, equity."""
        desk = running.desk
        with desk.transactions.read() as t:
            executions = _executions(desk, t)
            equity = desk.portfolio.books(t, desk.account, desk.clock.now()).equity
        fresh = executions[self._seen :]
        self._seen = len(executions)
        told = "  ".join(f"{e.side} {tidy(e.quantity)} {e.symbol} @ {tidy(e.price)}" for e in fresh)
        amount = cents(equity) if equity is not None else "unknown"
        self._console.print(f"{close:%Y-%m-%d}  equity {amount:>12}  {told}")


def gather(running: Embedded, simulation: Simulation) -> dict[str, Any]:
    """Both sets of books, side by side, and every problem found. Exit code 1 hangs on `problems`."""
    desk = running.desk
    with desk.transactions.read() as t:
        symbols = {contract.conid: contract.symbol for contract in desk.contracts.known(t)}
    truth = simulation.truth(symbols)
    with desk.transactions.read() as t:
        ours = _ours(desk, t)
        report = {**ours, "broker": _broker(truth)}
        problems = _disagreements(report) + _unknown_executions(desk, t, truth)
        problems += _integrity(desk, t, report)
        report["explained"] = _explained(desk, t)
    simulation.close()
    return {**report, "problems": problems}


def _ours(desk: Desk, t: Transaction) -> dict[str, Any]:
    runs = desk.runs.runs(t, limit=MANY)
    signals = Counter(row.signal.action.value for row in desk.signals.recent(t, limit=MANY))
    orders = [order for order in desk.orders.orders(t, limit=MANY) if order.broker_order_id is not None]
    held = {p.symbol: tidy(p.quantity) for p in desk.positions.held(t, desk.account) if p.quantity}
    equity = desk.portfolio.books(t, desk.account, desk.clock.now()).equity
    return {
        "runs": len(runs),
        "signals": {action: signals.get(action, 0) for action in ACTIONS},
        "orders": len(orders),
        "executions": len(_executions(desk, t)),
        "positions": dict(sorted(held.items())),
        "equity": cents(equity) if equity is not None else None,
    }


def _executions(desk: Desk, t: Transaction) -> list[Execution]:
    """Those of the desk's own orders: what somebody else traded on the account is known, but not ours."""
    return [fill.execution for fill in desk.tracking.fills(t, desk.account)]


def _broker(truth: BrokerTruth) -> dict[str, Any]:
    return {
        "orders": truth.orders,
        "executions": len(truth.executions),
        "positions": dict(sorted(truth.positions.items())),
        "equity": truth.equity,
    }


def _disagreements(report: dict[str, Any]) -> list[str]:
    return [
        f"{name}: the desk says {report[name]}, the broker {report['broker'][name]}"
        for name in ("orders", "executions", "positions", "equity")
        if report[name] != report["broker"][name]
    ]


def _unknown_executions(desk: Desk, t: Transaction, truth: BrokerTruth) -> list[str]:
    known = {execution.execution for execution in _executions(desk, t)}
    return [
        f"execution {row['execution_id']} is not ours: {row['side']} {row['quantity']} of {row['conid']}"
        for row in truth.executions
        if str(row["execution_id"]).rpartition(".")[0] not in known
    ]


def _integrity(desk: Desk, t: Transaction, report: dict[str, Any]) -> list[str]:
    problems: list[str] = []
    orders = desk.orders.orders(t, limit=MANY)
    findings = [finding for order in orders for finding in verify(desk, t, f"order:{order.order}")[1]]
    report["lineage_complete"] = not findings
    problems += [f"lineage {finding.node}: {finding.problem}" for finding in findings[:5]]
    try:
        report["audit_verified"] = desk.audit.verify(t) > 0
    except IntegrityViolation as violation:
        report["audit_verified"] = False
        problems.append(str(violation))
    return problems


def _explained(desk: Desk, t: Transaction) -> dict[str, Any] | None:
    """One trade, completely: the newest filled entry."""
    filled = [o for o in desk.orders.orders(t, limit=MANY) if o.role is Role.ENTRY and o.filled > 0]
    if not filled:
        return None
    order = filled[0]
    run = desk.runs.run(t, order.run)
    return _trade(desk, t, order, run)


def _trade(desk: Desk, t: Transaction, order: Order, run: Run) -> dict[str, Any]:
    story = desk.runs.story(t, run.run)
    graph, _ = verify(desk, t, f"order:{order.order}")
    signal, judged = story.signal, story.verdicts
    return {
        "order": order.order,
        "run": run.run,
        "what": f"{order.ticket.side} {tidy(order.filled)} {run.symbol} at {order.average_price}",
        "strategy": f"{run.strategy}@{run.version}",
        "slot": format_instant(run.slot),
        "bars": f"{len(story.bars.daily.bars)} to {story.bars.daily.last.session}" if story.bars else "",
        "why": signal.rationale if signal else "",
        "size": f"bound by {judged.sizing.binding}" if judged and judged.sizing else "",
        "rules": f"{len(judged.verdicts)} risk rules passed" if judged else "",
        "lineage": f"{len(graph.nodes)} nodes, each hash recomputed",
    }


def show(report: dict[str, Any], *, as_json: bool) -> None:
    """The last screen, or one JSON object."""
    if as_json:
        print(json.dumps(report, indent=2))
        return
    console = Console(highlight=False)
    table = Table(title="The desk's books beside the broker's", title_justify="left")
    for heading in ("", "desk", "broker"):
        table.add_column(heading)
    for name in ("orders", "executions", "positions", "equity"):
        table.add_row(name, _cell(report[name]), _cell(report["broker"][name]))
    console.print(table)
    signals = "  ".join(f"{action} {count}" for action, count in report["signals"].items())
    console.print(f"{report['runs']} runs: {signals}")
    console.print(
        f"lineage complete: {report['lineage_complete']}   audit verified: {report['audit_verified']}\n"
    )
    _show_trade(console, report["explained"])
    for problem in report["problems"]:
        console.print(f"[bold red]PROBLEM[/bold red] {problem}", soft_wrap=True)
    console.print(_road(report))


def _cell(value: object) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{name} {quantity}" for name, quantity in value.items()) or "none"
    return str(value)


def _show_trade(console: Console, trade: dict[str, Any] | None) -> None:
    if trade is None:
        return
    console.print("[bold]One trade, completely[/bold]")
    for name, value in trade.items():
        console.print(f"  {name:9} {value}", soft_wrap=True)
    console.print(f"  see       .venv/bin/glassdesk lineage {short(trade['order'])} --verify\n")


def _road(report: dict[str, Any]) -> str:
    verdict = "[bold red]The books do not agree.[/bold red]" if report["problems"] else "The books agree."
    return (
        f"{verdict} Nothing here promises a profit.\n\n"
        "Look around:      make demo SERVE=1\n"
        "Your own paper account, with IBKR's Client Portal Gateway unpacked or running on this machine:\n"
        "  export GLASSDESK_HOME=~/.glassdesk GLASSDESK_BROKER_URL=https://localhost:5000\n"
        "  export GLASSDESK_ACCOUNT=DU… GLASSDESK_ACCOUNT_KIND=paper\n"
        "  .venv/bin/glassdesk up               # leave it running; then in another terminal:\n"
        "  .venv/bin/glassdesk session trust    # accept the gateway's certificate\n"
        "  .venv/bin/glassdesk session login    # step by step until the session is ready"
    )
