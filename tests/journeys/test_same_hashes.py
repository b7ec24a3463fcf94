"""A run that was killed and resumed is the same program as a straight one: equal lineage hashes.

Two deployments, one of them killed eighteen times, decide on the same days: other ids, equal hashes.
"""

from __future__ import annotations

from collections import Counter

import pytest

from tests.journeys import stage
from tests.journeys.campaign import STRATEGIES, Campaign

pytestmark = [pytest.mark.journey, pytest.mark.process, pytest.mark.slow]

OF_RUNS = """
    select nodes.kind, nodes.sha256, nodes.node from nodes join runs on nodes.run = runs.run
    where runs.strategy in (?, ?) and runs.slot <= ?
    and nodes.kind not in ('execution', 'send_verdicts', 'what_if', 'outcome')
"""
"""What follows the order tells of its own instant: the books at the send, the broker's answers. An outcome
comes days later, after the killed desk's end."""
ROOTS = "select kind, sha256, node from nodes where run is null"


def _hashes(home: stage.Home, until: str) -> Counter[tuple[str, str]]:
    rows = home.rows(OF_RUNS, *STRATEGIES, until)
    return Counter((row["kind"], row["sha256"]) for row in rows)


def _last_slot(home: stage.Home) -> str:
    last: str = home.rows("select max(slot) as last from runs")[0]["last"]
    return last


def test_every_node_up_to_the_order_has_the_same_hash(
    campaigns: tuple[Campaign, Campaign], forty_days: stage.Demo
) -> None:
    killed = campaigns[0].home
    until = _last_slot(killed)
    resumed, straight = _hashes(killed, until), _hashes(forty_days.home, until)
    kinds = {kind for kind, _ in straight}
    assert kinds >= {"run", "bars", "charts", "question", "answer", "signal", "verdicts", "intent", "order"}
    assert _by_kind(resumed) == _by_kind(straight)
    assert resumed - straight == Counter()
    assert straight - resumed == Counter()


def _by_kind(hashes: Counter[tuple[str, str]]) -> Counter[str]:
    counted: Counter[str] = Counter()
    for (kind, _), number in hashes.items():
        counted[kind] += number
    return counted


def test_roots_are_shared_and_ids_are_not(
    campaigns: tuple[Campaign, Campaign], forty_days: stage.Demo
) -> None:
    killed, straight = campaigns[0].home, forty_days.home
    assert killed.deployment != straight.deployment
    ours = {(row["kind"], row["sha256"]) for row in killed.rows(ROOTS)}
    theirs = {(row["kind"], row["sha256"]) for row in straight.rows(ROOTS)}
    assert ours <= theirs
    runs = {row["run"] for row in killed.rows("select run from runs")}
    assert runs.isdisjoint(row["run"] for row in straight.rows("select run from runs"))


def test_a_resumed_run_asked_its_model_once(campaigns: tuple[Campaign, Campaign]) -> None:
    """A stored answer is never asked for again; each step has one row."""
    twice = campaigns[0].home.rows("select run, name from run_steps group by run, name having count(*) > 1")
    assert twice == []
