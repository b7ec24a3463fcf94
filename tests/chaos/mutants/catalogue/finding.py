"""Damage to how orders of unknown fate are looked for."""

from tests.chaos.mutants.mutant import Mutant, one

UNKNOWN = "workflow/dealing/unknown.py"

MUTANTS = (
    Mutant(
        name="M5",
        what="one list without it means that it never arrived",
        changes=one(UNKNOWN, "WITH_CANARY = 4\n", "WITH_CANARY = 1\n")
        + one(UNKNOWN, "WITHOUT_CANARY = 8\n", "WITHOUT_CANARY = 1\n")
        + one(UNKNOWN, "QUIET = timedelta(seconds=60)\n", "QUIET = timedelta(0)\n"),
        seen_by=("I-05", "I-09"),
        stories=("never_arrived",),
    ),
    Mutant(
        name="M10",
        what="no quiet time: an absence counts while the request may still be on its way",
        changes=one(UNKNOWN, "QUIET = timedelta(seconds=60)\n", "QUIET = timedelta(0)\n")
        + one(UNKNOWN, "TRANSPORT = timedelta(seconds=15)\n", "TRANSPORT = timedelta(0)\n"),
        seen_by=("I-05", "I-09", "I-01"),
        stories=("never_arrived",),
    ),
    Mutant(
        name="M16",
        what="a verdict without canary, freshness and second channel",
        changes=one(
            UNKNOWN,
            "        if counted_now and quorum(negatives) and self._second_channel(reign, order):\n",
            "        if len(negatives) >= WITH_CANARY:\n",
        )
        + one(
            UNKNOWN,
            "        if reign.second_at is None or self._parts.now() - reign.second_at > FRESH:\n",
            "        if False:\n",
        ),
        seen_by=("I-05", "I-09"),
        stories=("never_arrived",),
    ),
    Mutant(
        name="epochs-mixed",
        what="what an earlier session did not show counts in this one",
        changes=one(
            UNKNOWN,
            'if fact.kind == "negative" and fact.epoch == reign.epoch and fact.observed_at >= since',
            'if fact.kind == "negative" and fact.observed_at >= since',
        ),
        seen_by=("I-09",),
        stories=("two_sessions",),
    ),
    Mutant(
        name="any-list-counts",
        what="a list that lacks what it showed before counts as complete",
        changes=one(
            UNKNOWN,
            "        return self._session_ready() and not self._misses_a_known_one(reign)\n",
            "        return True\n",
        ),
        seen_by=("I-05", "I-09"),
        stories=("frozen_list",),
    ),
    Mutant(
        name="spacing-gone",
        what="four looks of one second are four looks",
        changes=one(UNKNOWN, "SPACING = timedelta(seconds=6)\n", "SPACING = timedelta(seconds=1)\n"),
        seen_by=("I-09",),
        stories=("looked_often",),
    ),
    Mutant(
        name="patience-without-end",
        what="an order of unknown fate is nobody's business for ever",
        changes=one(UNKNOWN, "PATIENCE = timedelta(minutes=5)\n", "PATIENCE = timedelta(days=5)\n"),
        seen_by=("I-52",),
        stories=("frozen_list",),
    ),
    Mutant(
        name="resent-without-proof",
        what="sent again although nobody knows whether the broker refuses duplicates",
        changes=one(
            UNKNOWN,
            "            if again and not self._parts.may_send_again:\n",
            "            if False:\n",
        ),
        seen_by=("I-01", "I-02", "I-07"),
        where=("E2",),
        stories=("late_twice",),
    ),
)
