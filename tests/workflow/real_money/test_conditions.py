"""Each condition of `T-61` at its limit and one short of it; bundles that are none."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from glassdesk.kernel.errors import InvalidInput
from glassdesk.kernel.ids import AccountKind
from glassdesk.workflow.real_money import bundle, conditions
from glassdesk.workflow.real_money.model import Bundle, Evidence, LiveHome, ProbeShown, Sealed

NOW = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)
DAY = timedelta(days=1)
PROBE = ProbeShown(
    probe="p", ended_at=NOW - 30 * DAY, report_sha256="a" * 64, switches=(("children", "full"),)
)
EVIDENCE = Evidence(
    account="DU1234567",
    kind=AccountKind.PAPER,
    broker="gateway",
    deployment="paper",
    version="0",
    made_at=NOW,
    proved=True,
    probe=PROBE,
    days=tuple(date(2026, 1, 1) + n * DAY for n in range(20)),
    trades=tuple(f"order-{n}" for n in range(20)),
    trades_sha256="b" * 64,
    open_breaks=(),
    audit_rows=100,
    audit_head="c" * 64,
)
HOME = LiveHome(
    account="U7654321",
    kind=AccountKind.LIVE,
    broker="gateway",
    deployment="live",
    proved=True,
    others=(),
    unset=(),
    delayed=False,
    quotes={"AAPL": conditions.REAL_TIME},
)


def a_bundle(evidence: Evidence = EVIDENCE) -> Bundle:
    return Bundle(
        evidence=evidence,
        contracts=(),
        strategies=(),
        prompts=(),
        labels=(),
        indicator_sets=(),
        watchlists=(),
    )


def lacking(evidence: Evidence) -> list[str]:
    return [one.code for one in conditions.unmet(conditions.of_evidence(evidence, NOW))]


def test_at_every_limit_the_evidence_holds() -> None:
    assert lacking(EVIDENCE) == []
    assert all(one.remedy == "" for one in conditions.of_evidence(EVIDENCE, NOW))


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"kind": AccountKind.SIMULATED}, "PAPER_ACCOUNT"),
        ({"kind": AccountKind.LIVE}, "PAPER_ACCOUNT"),
        ({"proved": False}, "PAPER_ACCOUNT"),
        ({"probe": None}, "PROBE"),
        ({"probe": replace(PROBE, ended_at=NOW - 30 * DAY - timedelta(seconds=1))}, "PROBE"),
        ({"probe": replace(PROBE, ended_at=NOW + DAY)}, "PROBE"),
        ({"days": EVIDENCE.days[:19]}, "PAPER_DAYS"),
        ({"days": (*EVIDENCE.days[:19], EVIDENCE.days[0])}, "PAPER_DAYS"),
        ({"trades": EVIDENCE.trades[:19]}, "CLOSED_TRADES"),
        ({"trades": (*EVIDENCE.trades[:19], EVIDENCE.trades[0])}, "CLOSED_TRADES"),
        ({"open_breaks": ("cash",)}, "OPEN_BREAKS"),
        ({"audit_problem": "row 7 does not fit"}, "AUDIT"),
        ({"audit_rows": 0}, "AUDIT"),
    ],
)
def test_T_61_one_short_of_a_limit_that_condition_alone_is_missing_and_says_what_would_do_it(
    change: dict[str, object], code: str
) -> None:
    short = replace(EVIDENCE, **change)  # type: ignore[arg-type]  # by name
    assert lacking(short) == [code]
    [one] = conditions.unmet(conditions.of_evidence(short, NOW))
    assert one.remedy


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"kind": AccountKind.PAPER}, "LIVE_ACCOUNT"),
        ({"proved": False}, "LIVE_ACCOUNT"),
        ({"others": ("DU1234567",)}, "OWN_DATABASE"),
        ({"unset": ("max_drawdown",)}, "LIMITS"),
        ({"quotes": {"AAPL": conditions.REAL_TIME, "IBM": "delayed"}}, "REAL_TIME"),
        ({"quotes": {}}, "REAL_TIME"),
        ({"unread": "no quote: the session is not ready"}, "REAL_TIME"),
        ({"delayed": True}, "REAL_TIME"),
    ],
)
def test_T_61_the_live_home_must_show_its_own(change: dict[str, object], code: str) -> None:
    def missing(home: LiveHome) -> list[str]:
        found = (*conditions.of_home(home), conditions.real_time(home))
        return [one.code for one in conditions.unmet(found)]

    assert missing(HOME) == []
    assert missing(replace(HOME, **change)) == [code]  # type: ignore[arg-type]  # by name


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"deployment": "live"}, "this home itself"),
        ({"account": "U7654321"}, "the same account"),
        ({"broker": "simulator"}, "made at the simulator"),
        ({"made_at": NOW + DAY}, "made in the future"),
    ],
)
def test_T_61_a_bundle_of_another_world_is_refused(change: dict[str, object], word: str) -> None:
    sealed = Sealed(bundle=a_bundle(replace(EVIDENCE, **change)), sha256="d" * 64)  # type: ignore[arg-type]
    [origin] = [one for one in conditions.of_bundle(sealed, HOME, NOW) if one.code == "BUNDLE"]
    assert (origin.met, origin.observed) == (False, word)


def test_a_bundle_comes_back_as_it_was_written() -> None:
    sealed = bundle.read(bundle.written(a_bundle()), "x.json")
    assert sealed.bundle == a_bundle()


def test_T_61_a_bundle_that_was_changed_or_is_none_is_refused() -> None:
    whole = json.loads(bundle.written(a_bundle()))
    changed = json.loads(json.dumps(whole))
    changed["content"]["evidence"]["trades"].append("one-more")
    for text, problem in (
        (json.dumps(changed), "its hash does not fit"),
        (json.dumps(whole | {"glassdesk_live_bundle": 2}), "of form '2'"),
        (json.dumps(whole | {"extra": 1}), "no live bundle"),
        (json.dumps([1]), "no live bundle"),
        ("{", "no live bundle"),
        ('{"glassdesk_live_bundle": 1, "sha256": "", "content": NaN}', "hash does not fit|no live bundle"),
    ):
        with pytest.raises(InvalidInput, match=problem):
            bundle.read(text, "x.json")
