"""Laws of the store of probes (`T-60`)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from glassdesk.adapters.database import Stores
from glassdesk.kernel.errors import Conflict
from glassdesk.kernel.ids import AccountKind
from glassdesk.workflow.dealing.findings import Confidence, Exchange, Finding, Probe, ProbePlan, ProbeState
from tests.adapters.laws.makers import AAPL, ACCOUNT, HOUR, NOON, write

PROBE = Probe(
    probe="first",
    account=ACCOUNT,
    kind=AccountKind.PAPER,
    plan=ProbePlan(conid=AAPL, symbol="AAPL", exchange="XNYS", only=("P1",), trade=True),
    actor="owner",
    state=ProbeState.RUNNING,
    began_at=NOON,
    fence=3,
)
FINDING = Finding(
    code="P1",
    question="Is a client id refused the second time?",
    done="sent the same twice",
    conclusion="refused",
    confidence=Confidence.SHOWN,
    switch="duplicate_coid",
    setting="200",
    exchanges=(
        Exchange(method="POST", path="/orders", request="{}", status=200, response='{"error":"x"}', at=NOON),
    ),
)


def test_a_probe_changes_until_it_ends(stores: Stores) -> None:
    ended = replace(PROBE, state=ProbeState.DONE, ended_at=NOON + HOUR, findings=(FINDING,), kept=("order",))
    with stores.transactions.begin() as t:
        assert stores.probes.unfinished(t, ACCOUNT) is None
        for row in (PROBE, replace(PROBE, state=ProbeState.CLEANING, note="cancelling")):
            stores.probes.put(t, row)
            assert stores.probes.unfinished(t, ACCOUNT) == row
        stores.probes.put(t, ended)
        assert stores.probes.unfinished(t, ACCOUNT) is None
        assert stores.probes.probe(t, "first") == ended
    with pytest.raises(Conflict, match="stays as it is"):
        write(stores, lambda t: stores.probes.put(t, replace(ended, findings=())))


def test_probes_of_an_account_come_newest_first(stores: Stores) -> None:
    later = replace(PROBE, probe="second", began_at=NOON + HOUR)
    with stores.transactions.begin() as t:
        for row in (PROBE, later, replace(later, probe="third", account="DU2")):
            stores.probes.put(t, row)
        assert stores.probes.of_account(t, ACCOUNT) == [later, PROBE]
        assert stores.probes.of_account(t, ACCOUNT, since=NOON + HOUR) == [later]
        assert stores.probes.probe(t, "nobody") is None
