"""Every command with its file and its line in `glassdesk --help`."""

from __future__ import annotations

from dataclasses import dataclass

LOOK, DECIDE, TRADE, RUN, KEEP = "Look", "Decide", "Trade", "Start", "Keep"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A command: `attribute` of `glassdesk.cli.<module>` is its Typer application."""

    name: str
    module: str
    line: str
    panel: str
    attribute: str = "app"


def _of(panel: str, *rows: tuple[str, str, str] | tuple[str, str, str, str]) -> tuple[Entry, ...]:
    return tuple(
        Entry(
            name=row[0], module=row[1], line=row[2], panel=panel, attribute=row[3] if len(row) == 4 else "app"
        )
        for row in rows
    )


TABLE: tuple[Entry, ...] = (
    *_of(
        LOOK,
        ("why", "why", "Why nothing was bought: per symbol the first thing that stopped it."),
        ("runs", "runs", "Decisions: one per contract and slot."),
        ("signals", "signals", "What the analyst answered, checked."),
        ("scoreboard", "scoreboard", "What became of every signal, by prompt, model and strategy."),
        ("orders", "orders", "Orders, and to cancel one."),
        ("positions", "positions", "What is held, protected by what, and where the broker disagrees."),
        ("portfolio", "portfolio", "Cash, equity, profit, closed trades."),
        ("lineage", "lineage", "From an order back to its bars."),
        ("charts", "charts", "The picture a decision was made on."),
        ("notifications", "notifications", "What the desk has told you."),
        ("audit", "audit", "The chain of every act."),
    ),
    *_of(
        DECIDE,
        ("strategies", "strategies", "Strategies: write, check, enable, disable."),
        ("prompts", "prompts", "Prompts: versions and labels."),
        ("models", "models", "Models: what they can do, may cost, were asked."),
        ("replay", "replay", "A past decision with another prompt: both answers, side by side."),
        ("indicators", "indicators", "Indicators and named sets of them."),
        ("contracts", "contracts", "Find a ticker."),
        ("watchlists", "watchlists", "Lists of symbols, from tickers or a CSV file."),
        ("schedules", "schedules", "What is due next."),
        ("risk", "risk", "Risk rules, limits, verdicts."),
    ),
    *_of(
        TRADE,
        ("run", "run", "Decide now, for one strategy."),
        ("approvals", "approvals", "Orders that wait for your yes or no."),
        ("halt", "risk", "Stop: the kill switch.", "halt_app"),
        ("resume", "risk", "Trade again after a halt.", "resume_app"),
        ("session", "session", "The brokerage session."),
        ("live", "real_money", "The road to real money: check, unlock, lock."),
    ),
    *_of(
        RUN,
        ("demo", "demo", "The whole job on historical prices, checked against the simulator."),
        ("up", "up", "Everything in one process."),
        ("web", "roles", "Pages and API only.", "web_app"),
        ("worker", "roles", "A worker only.", "worker_app"),
        ("dealer", "roles", "The dealer only.", "dealer_app"),
        ("service", "service", "A systemd user unit, for machines without containers."),
    ),
    *_of(
        KEEP,
        ("probe", "probe", "Ask your paper account what the broker's papers leave open."),
        ("doctor", "doctor", "What is missing or wrong, and what to do."),
        ("db", "database", "The database: upgrade, backup."),
    ),
)
