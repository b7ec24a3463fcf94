"""The pages in the order a person needs them; a page's route is the name of its step."""

from __future__ import annotations

SECTIONS: tuple[tuple[str, tuple[tuple[str, str], ...]], ...] = (
    ("Watch", (("/", "Home"), ("/runs", "Runs"), ("/signals", "Signals"))),
    (
        "Money",
        (
            ("/approvals", "Approvals"),
            ("/orders", "Orders"),
            ("/positions", "Positions"),
            ("/portfolio", "Portfolio"),
        ),
    ),
    (
        "Decide",
        (
            ("/strategies", "Strategies"),
            ("/schedules", "Schedules"),
            ("/prompts", "Prompts"),
            ("/models", "Models"),
            ("/scoreboard", "Scoreboard"),
            ("/indicators", "Indicators"),
            ("/contracts", "Symbols"),
            ("/watchlists", "Watchlists"),
        ),
    ),
    (
        "Safety",
        (
            ("/risk", "Risk"),
            ("/session", "Session"),
            ("/processes", "Processes"),
            ("/notifications", "Notifications"),
            ("/audit", "Audit"),
            ("/lineage", "Lineage"),
            ("/api", "API"),
        ),
    ),
)
