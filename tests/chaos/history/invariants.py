"""Every invariant of `reliability.md` §5 that applies, with its checker; and which do not, and why.

S: holds after every event, checked on the history. E: holds once everything has come to rest.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

from tests.chaos.history import at_broker, entries, gates, own_books, protection
from tests.chaos.history.books import Books
from tests.chaos.history.journal import Journal
from tests.chaos.history.truth import Truth
from tests.chaos.history.verdict import Checker, Verdict

INVARIANTS: Mapping[str, Checker] = {
    "I-01": at_broker.no_duplicate,
    "I-02": own_books.one_order_per_intent,
    "I-03": at_broker.no_orphan,
    "I-04": at_broker.write_ahead,
    "I-05": at_broker.no_false_terminal,
    "I-06": at_broker.fills_equal,
    "I-07": at_broker.positions_equal,
    "I-08": at_broker.cancelled_is_over,
    "I-09": own_books.absence_is_proven,
    "I-10": own_books.runs_once,
    "I-12": own_books.runs_end,
    "I-13": own_books.fences_hold,
    "I-14": own_books.steps_once,
    "I-17": own_books.as_the_signal_said,
    "I-18": own_books.no_signal_no_intent,
    "I-19": gates.in_its_window,
    "I-20": own_books.rules_all_passed,
    "I-21": protection.sells_fit,
    "I-22": gates.session_was_ready,
    "I-23": gates.in_regular_hours,
    "I-24": gates.right_account,
    "I-25": at_broker.right_contract,
    "I-26": gates.halted_is_halted,
    "I-27": gates.only_known_questions,
    "I-28": own_books.not_overfilled,
    "I-29": at_broker.orphans_told,
    "I-30": gates.database_is_whole,
    "I-32": gates.lineage_is_whole,
    "I-33": gates.breaks_are_told,
    "I-34": at_broker.cash_equal,
    "I-35": own_books.rows_stay,
    "I-36": gates.secrets_stay,
    "I-37": own_books.chain_verifies,
    "I-38": own_books.every_change_has_its_row,
    "I-40": gates.events_are_told,
    "I-41": at_broker.same_payload,
    "I-42": at_broker.never_short,
    "I-43": protection.one_decision,
    "I-45": gates.questions_alone,
    "I-46": gates.paced,
    "I-50": gates.comes_to_rest,
    "I-51": own_books.legal_only,
    "I-52": own_books.resolved_in_time,
    "I-53": protection.stops_fit,
    "FOLD": own_books.fills_fold,
    "NOT-AFTER": entries.begun_in_time,
    "T-21": entries.over_in_time,
    "T-23": entries.ends_with_its_child,
    "T-33": protection.protected_or_told,
}
"""I-21 is the no-short rule of `T-36` (what is promised is derived, decision 0005); I-43 counts decisions
and no legs (`T-20`); I-26 reads the levels of `T-50`,
I-19 the window of `T-03`; FOLD is §2.7, NOT-AFTER §2.5, T-21 and T-23 are ends of an entry, T-33
the alarm."""

ELSEWHERE: Mapping[str, str] = {
    "I-11": "no silent miss: an oracle of schedules, tests of schedules and the journeys",
    "I-15": "five lost claims quarantine a run: tests of runs",
    "I-16": "schema version at the start: tests of the database",
    "I-31": "artifacts keep their hash: laws of the artifact stores and `verify` on every kill point",
    "I-39": "no such invariant",
    "I-44": "Redis may be flushed: the kill campaign on Celery and Redis",
    "I-47": "service levels of a nominal day: the bench",
    "I-48": "the dead man's switch is outside of this version's scope (`T-76` names no such channel)",
    "I-49": "determinism: the runner plays 1 % of seeds twice in two processes and compares trace hashes",
}


def checked(
    books: Books, truth: Truth, journal: Journal, *, without: Collection[str] = ()
) -> dict[str, Verdict]:
    """Every invariant's verdict on one history; `without`: what a world has no domain for."""
    return {
        name: checker(books, truth, journal) for name, checker in INVARIANTS.items() if name not in without
    }


def violations(verdicts: Mapping[str, Verdict]) -> list[str]:
    """One line for each witness."""
    return [f"{name}: {witness}" for name, one in verdicts.items() for witness in one.witnesses]
