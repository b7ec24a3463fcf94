"""Commands that change something: each leaves its row in the audit, by the owner."""

import json
import sqlite3
import tarfile
from pathlib import Path

import pytest

from tests.cli.conftest import Answer, Typed
from tests.cli.world import ALL_DAY, SETTINGS, STRATEGY


def acts(type_in: Typed) -> list[tuple[str, str]]:
    rows = type_in("audit", "list", "--limit", "10000", "--json").json
    return [(row["actor"], row["kind"]) for row in rows]


def fine(told: Answer) -> Answer:
    assert (told.code, told.err) == (0, "")
    return told


def test_halt_cancels_entries_by_default_and_resume_wants_a_reason(type_in: Typed) -> None:
    assert fine(type_in("halt", "--json")).json["level"] == 4
    assert type_in("resume").code == 2
    unsure = type_in("resume", "--reason", "looked at it")
    assert (unsure.code, unsure.err) == (
        2,
        "error: --yes: not confirmed (add --yes where nobody can be asked)\n",
    )
    assert fine(type_in("resume", "--reason", "looked at it", "--yes", "--json")).json["level"] == 0
    assert [act for act in acts(type_in) if act[1] in ("halt", "resume")] == [
        ("owner", "halt"),
        ("owner", "resume"),
    ]


@pytest.mark.parametrize("level", ["FLATTEN", "FREEZE"])
def test_the_last_two_levels_want_their_name_typed(type_in: Typed, level: str) -> None:
    assert type_in("halt", "--level", level).code == 2
    fine(type_in("halt", "--level", level, "--confirm", level))


def test_an_order_that_is_not_sent_is_cancelled_as_a_decision(type_in: Typed) -> None:
    waiting = next(
        o
        for o in type_in("orders", "list", "--json").json
        if o["role"] == "entry" and o["state"] == "reserved"
    )
    wish = fine(type_in("orders", "cancel", waiting["order"], "--json")).json
    assert wish["kind"] == "cancel_intent"
    assert ("owner", "asked.cancel_intent") in acts(type_in)


def test_an_order_at_the_broker_is_cancelled_by_the_dealer(type_in: Typed) -> None:
    working = next(o for o in type_in("orders", "list", "--json").json if o["state"] == "working")
    assert fine(type_in("orders", "cancel", working["order"], "--json")).json["kind"] == "cancel_order"


def test_an_order_that_is_done_cannot_be_cancelled(type_in: Typed) -> None:
    filled = next(o for o in type_in("orders", "list", "--json").json if o["state"] == "filled")
    told = type_in("orders", "cancel", filled["order"])
    assert (told.code, told.err) == (1, "error: order: the order is filled (there is nothing to cancel)\n")


@pytest.mark.parametrize(("wish", "state"), [("approve", "queued"), ("decline", "cancelled")])
def test_what_waits_for_a_person_is_approved_or_declined_once(
    type_in: Typed, home: Path, wish: str, state: str
) -> None:
    (home / "settings.toml").write_text(SETTINGS.format(start="2012-10-01"))
    waiting = type_in("approvals", "list", "--json").json[0]["intent"]["intent"]
    fine(type_in("approvals", wish, waiting[:8]))
    shown = type_in("approvals", "show", waiting, "--json").json
    assert {leg["state"] for leg in shown["legs"]} == {state}
    assert type_in("approvals", wish, waiting).code == 1
    assert type_in("approvals", "list").out == "nothing waits for you\n"


def test_session_wishes_are_rows_for_the_dealer(type_in: Typed) -> None:
    asked = ("session", "login", "--no-wait", "--json")
    assert json.loads(type_in(*asked).out)["asked"]["kind"] == "session_login"
    assert json.loads(type_in(*asked, "--take-over").out)["asked"]["argument"] == "take-over"
    assert fine(type_in("session", "logout", "--json")).json["kind"] == "session_logout"


def test_a_schedule_is_paused_and_resumed(type_in: Typed) -> None:
    fine(type_in("schedules", "pause", "rising"))
    assert "the schedule is paused by owner" in type_in("schedules", "show", "rising").out
    assert {due["strategy"] for due in type_in("schedules", "next", "-n", "20", "--json").json} == {
        "asking",
        "falling",
    }
    fine(type_in("schedules", "resume", "rising"))
    assert "rising" in type_in("schedules", "next").out


def test_a_notification_is_acknowledged(type_in: Typed) -> None:
    fine(type_in("notifications", "ack", "test:hello"))
    told = {one["key"]: one["acknowledged_at"] for one in type_in("notifications", "list", "--json").json}
    assert told["test:hello"] is not None
    assert ("owner", "notification.acknowledge") in acts(type_in)


def test_all_notifications_are_acknowledged_at_once(type_in: Typed) -> None:
    assert fine(type_in("notifications", "ack", "--all", "--json")).json["acknowledged"] is True
    assert type_in("notifications", "list", "--unseen", "--json").json == []
    assert type_in("notifications", "ack").code == 2
    assert type_in("notifications", "ack", "test:hello", "--all").code == 2


def test_a_test_goes_through_every_channel(type_in: Typed) -> None:
    assert fine(type_in("notifications", "test", "--json")).json == {"delivered": ["log"]}
    assert [row["name"] for row in type_in("notifications", "channels", "--json").json] == ["log"]
    assert acts(type_in)[-1] == ("owner", "notification.test")


def test_a_strategy_is_written_checked_kept_and_versioned_from_a_file(type_in: Typed, tmp_path: Path) -> None:
    file = tmp_path / "other.yaml"
    file.write_text(STRATEGY.format(name="other", symbol="MSFT", approval="off", window=ALL_DAY))
    fine(type_in("strategies", "validate", str(file)))
    assert fine(type_in("strategies", "apply", str(file), "--json")).json[0]["strategy"]["version"] == 1
    assert fine(type_in("strategies", "apply", str(file), "--json")).json[0]["strategy"]["version"] == 1
    file.write_text(file.read_text().replace("stop_atr: 2", "stop_atr: 3"))
    assert fine(type_in("strategies", "apply", str(file), "--json")).json[0]["strategy"]["version"] == 2
    changes = fine(type_in("strategies", "diff", "other", "1", "2")).out
    assert "-exits: {stop_atr: 2," in changes
    assert "+exits: {stop_atr: 3," in changes


def test_an_exported_strategy_is_imported_again_as_what_it_is(type_in: Typed, tmp_path: Path) -> None:
    file = tmp_path / "rising.yaml"
    fine(type_in("strategies", "export", "rising", "-o", str(file)))
    assert fine(type_in("strategies", "import", str(file), "--json")).json[0]["strategy"]["version"] == 1
    file.write_text(file.read_text().replace("stop_atr: 2", "stop_atr: 3"))
    told = type_in("strategies", "import", str(file))
    assert told.code == 1
    assert "rising is another strategy here" in told.err
    assert len(type_in("strategies", "list", "--json").json) == 3


def test_a_strategy_is_cloned_disabled_enabled_only_where_its_symbol_is_free(type_in: Typed) -> None:
    assert fine(type_in("strategies", "clone", "falling", "copy", "--json")).json["state"] == "disabled"
    told = type_in("strategies", "enable", "copy")
    assert told.code == 1
    assert "MSFT belongs to the strategy falling" in told.err
    fine(type_in("strategies", "disable", "falling"))
    assert fine(type_in("strategies", "enable", "copy", "--json")).json["state"] == "enabled"
    assert type_in("strategies", "clone", "falling", "copy").code == 1


def test_a_files_conditions_are_explained_before_it_is_kept(type_in: Typed, tmp_path: Path) -> None:
    file = tmp_path / "stated.yaml"
    text = STRATEGY.format(name="stated", symbol="MSFT", approval="off", window=ALL_DAY)
    file.write_text(
        f"{text}conditions: {{buy: [rsi(14) < 30, close above sma_20], sell: {{not: close above 1}}}}\n"
    )
    told = fine(type_in("strategies", "validate", str(file))).out
    assert "stated asks only when it is true that\n" in told
    assert "  buy: rsi_14 below 30 and close above sma_20\n  sell: not close above 1\n  MSFT: " in told
    one = fine(type_in("strategies", "validate", str(file), "--json")).json[0]
    assert one["conditions"]["sell"] == "not close above 1"
    assert list(one["last_year"]) == ["MSFT"]
    file.write_text(file.read_text().replace("sma_20]", "smaa_20]"))
    wrong = type_in("strategies", "validate", str(file))
    assert wrong.code == 2
    assert "conditions.buy.all[1]: there is no value 'smaa_20' here (did you mean sma_20" in wrong.err


def test_a_strategy_that_holds_shares_closes_and_is_not_archived(type_in: Typed) -> None:
    assert fine(type_in("strategies", "disable", "rising", "--json")).json["state"] == "closing"
    assert type_in("strategies", "archive", "rising").code == 1
    fine(type_in("strategies", "disable", "falling"))
    assert fine(type_in("strategies", "archive", "falling", "--json")).json["state"] == "archived"


def test_a_new_strategys_file_can_be_kept_as_it_is(type_in: Typed, tmp_path: Path) -> None:
    file = tmp_path / "first.yaml"
    fine(type_in("strategies", "new", "first", "--symbol", "AAPL", "-o", str(file)))
    fine(type_in("strategies", "validate", str(file)))


def test_a_prompt_is_exported_changed_taken_in_labelled_and_compared(type_in: Typed, tmp_path: Path) -> None:
    file = tmp_path / "prompt.md"
    fine(type_in("prompts", "export", "chart-analyst", "-o", str(file)))
    file.write_text(
        "".join(line for line in file.read_text().splitlines(keepends=True) if not line.startswith("sha256"))
        + "One more sentence.\n"
    )
    assert fine(type_in("prompts", "import", str(file), "--json")).json[0]["number"] == 2
    assert "+One more sentence." in fine(type_in("prompts", "diff", "chart-analyst@1", "2")).out
    assert fine(type_in("prompts", "label", "chart-analyst@2", "live", "--json")).json["live"] == 2
    assert "SAMP" in fine(type_in("prompts", "preview", "chart-analyst")).out
    fine(type_in("prompts", "rollback", "chart-analyst", "live", "--reason", "worse"))
    assert "rolled back. worse" in fine(type_in("prompts", "history", "chart-analyst")).out
    assert fine(type_in("prompts", "show", "chart-analyst@live", "--json")).json["number"] == 1


def a_run(type_in: Typed) -> str:
    return str(next(r["run"] for r in type_in("runs", "list", "--json").json if r["symbol"] == "AAPL"))


def test_a_past_decision_is_previewed_and_replayed_with_another_prompt(
    type_in: Typed, tmp_path: Path
) -> None:
    """R-38, R-42: nothing is traded, both answers are shown."""
    run, body = a_run(type_in), tmp_path / "body.txt"
    body.write_text("{{ symbol }} at {{ close }}\n")
    fine(type_in("prompts", "edit", "chart-analyst", "--body", str(body)))
    told = fine(type_in("prompts", "preview", "--run", run[:8], "--pictures", str(tmp_path / "p"))).out
    assert "nothing, against what was sent then" in told
    assert (tmp_path / "p" / "AAPL-1.png").read_bytes()[1:4] == b"PNG"
    assert "+AAPL at " in fine(type_in("prompts", "preview", "chart-analyst@2", "--run", run)).out
    sent = fine(type_in("prompts", "diff", "chart-analyst@1", "2", "--run", run)).out
    assert "+AAPL at " in sent
    assert "-Symbol: AAPL" in sent
    shown = fine(type_in("replay", run, "--prompt", "chart-analyst@2")).out
    assert "chart-analyst@1" in shown
    assert "chart-analyst@2" in shown
    assert "RULES, not AI" in shown
    json = fine(type_in("prompts", "test", "chart-analyst@2", "--run", run, "--json")).json
    assert json["then"]["signal"]["action"] == json["now"]["signal"]["action"] == "BUY"


def test_lint_tells_all_at_once_of_versions_and_files(type_in: Typed, tmp_path: Path) -> None:
    file = tmp_path / "bad.md"
    file.write_text("---\nname: bad\nlanguage: en\n---\nRead.\n--- body ---\n{{ next_close }} {{ simbol }}\n")
    assert fine(type_in("prompts", "lint", "chart-analyst", "--json")).json == []
    told = type_in("prompts", "lint", "chart-analyst", str(file))
    assert told.code == 2
    assert "looks ahead" in told.out
    assert "did you mean symbol" in told.out
    assert "nothing is said about action" in told.out
    assert "prompts lint: 2 error(s)" in told.err


def test_all_prompts_go_into_a_folder_and_come_back_exactly(type_in: Typed, tmp_path: Path) -> None:
    """R-41."""
    folder = tmp_path / "prompts"
    fine(type_in("prompts", "describe", "chart-analyst", "--tags", "b, a", "--notes", "Two\nlines."))
    fine(type_in("prompts", "export", "--all", "-o", str(folder)))
    assert "tags: a, b" in (folder / "chart-analyst.md").read_text()
    assert "change nothing" in fine(type_in("prompts", "import", str(folder), "--dry-run")).out
    taken = fine(type_in("prompts", "import", str(folder), "--json")).json
    assert {one["number"] for one in taken} == {1}


def test_prompts_are_found_archived_and_brought_back(type_in: Typed) -> None:
    """R-10, R-11, R-35."""
    fine(type_in("prompts", "clone", "chart-analyst", "copy"))
    fine(type_in("prompts", "describe", "copy", "--tags", "test"))
    names = [one["name"] for one in fine(type_in("prompts", "list", "--tag", "test", "--json")).json]
    assert names == ["copy"]
    assert "used by asking, falling, rising" in type_in("prompts", "archive", "chart-analyst").err
    fine(type_in("prompts", "archive", "copy"))
    assert fine(type_in("prompts", "list", "copy", "--json")).json == []
    assert "archived" in type_in("prompts", "label", "copy", "live").err
    fine(type_in("prompts", "unarchive", "copy"))
    fine(type_in("prompts", "label", "copy", "live", "--scope", "strategy:rising"))
    assert "live of strategy rising → 1" in fine(type_in("prompts", "list", "copy")).out


def test_a_prompt_is_written_edited_and_cloned_from_files(type_in: Typed, tmp_path: Path) -> None:
    system, body = tmp_path / "system.txt", tmp_path / "body.txt"
    system.write_text("You read charts.\n")
    body.write_text("{{ symbol }}\n")
    fine(type_in("prompts", "new", "short", "--system", str(system), "--body", str(body), "-m", "first"))
    body.write_text("{{ symbol }} now\n")
    assert fine(type_in("prompts", "edit", "short", "--body", str(body), "--json")).json["number"] == 2
    assert fine(type_in("prompts", "clone", "short", "shorter", "--json")).json["name"] == "shorter"
    assert "You read charts." in fine(type_in("prompts", "show", "short@1")).out


def test_a_backup_holds_database_artifacts_and_deployment_and_opens_as_the_same_desk(
    type_in: Typed, tmp_path: Path, home: Path
) -> None:
    file = tmp_path / "kept.tar.gz"
    fine(type_in("db", "backup", "-o", str(file)))
    with tarfile.open(file) as archive:
        archive.extractall(tmp_path / "again", filter="data")
    assert (tmp_path / "again/deployment").read_text() == (home / "deployment").read_text()
    assert not (tmp_path / "again/web.secret").exists()
    before = type_in("audit", "verify", "--json").json
    assert type_in("audit", "verify", "--json", at=tmp_path / "again").json == before
    orders = [order["order"] for order in type_in("orders", "list", "--json", at=tmp_path / "again").json]
    fine(type_in("lineage", orders[0], "--verify", at=tmp_path / "again"))


def test_an_upgrade_makes_a_new_home_ready(type_in: Typed, tmp_path: Path) -> None:
    fresh = tmp_path / "fresh"
    fine(type_in("db", "upgrade", at=fresh))
    assert (fresh / "deployment").exists()
    (fresh / "settings.toml").write_text('clock_url = "memory:"\nbroker_url = "memory:"\n')
    assert fine(type_in("orders", "list", at=fresh)).out == "no order\n"


@pytest.mark.parametrize(
    ("words", "kind", "argument"),
    [
        (("exit", "AAPL"), "exit_position", "AAPL"),
        (("release", "aapl", "--reason", "mine now"), "release_position", "AAPL mine now"),
        (("adopt", "AAPL"), "adopt_position", "AAPL"),
        (("adopt", "AAPL", "--split"), "adopt_split", "AAPL"),
        (("protect", "AAPL", "--at", "150.50"), "protect_position", "AAPL@150.5"),
        (("acknowledge", "AAPL", "--reason", "my own"), "acknowledge_break", "AAPL my own"),
        (("apply", "AAPL", "--reason", "calmer"), "apply_exits", "AAPL calmer"),
    ],
)
def test_T_16_what_a_person_wants_of_a_position_is_a_wish_to_the_dealer(
    type_in: Typed, words: tuple[str, ...], kind: str, argument: str
) -> None:
    wish = fine(type_in("positions", *words, "--json")).json
    assert (wish["kind"], wish["argument"]) == (kind, argument)
    assert ("owner", f"asked.{kind}") in acts(type_in)


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        (("exit",), "exit what?"),
        (("exit", "NOPE"), "nothing is held of 'NOPE'"),
        (("sell", "AAPL"), "is nothing one does with a position"),
        (("protect", "AAPL", "--at", "cheap"), "'cheap' is no price"),
        (("release", "AAPL", "--split"), "--split goes with adopt"),
        (("acknowledge", "AAPL"), "give a reason"),
        (("exit", "AAPL", "--at", "1"), "a price is given only to protect"),
    ],
)
def test_a_wish_about_a_position_that_cannot_be_is_refused_in_one_line(
    type_in: Typed, words: tuple[str, ...], problem: str
) -> None:
    told = type_in("positions", *words)
    assert told.code in (1, 2)
    assert problem in told.err
    assert told.err.count("\n") == 1


def test_audit_verify_names_the_row_after_one_byte_was_changed_by_hand(type_in: Typed, home: Path) -> None:
    assert fine(type_in("audit", "verify", "--json")).json["verified"] is True
    file = home / "glassdesk.sqlite"
    with sqlite3.connect(file) as link:
        link.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        row = link.execute("SELECT seq, previous || hash, kind, ref FROM audit WHERE body LIKE '%{%' LIMIT 1")
        seq, hashes, kind, ref = row.fetchone()
    link.close()
    data = bytearray(file.read_bytes())
    data[data.index(b"{", data.index(hashes.encode())) + 1] ^= 0x01
    file.write_bytes(bytes(data))
    told = type_in("audit", "verify")
    assert told.code == 1
    assert f"row {seq} ({kind} {ref}) was changed" in told.err


def test_acts_are_found_by_who_did_what_to_which(type_in: Typed) -> None:
    fine(type_in("halt"))
    found = fine(
        type_in("audit", "list", "--actor", "owner", "--kind", "hal", "--ref", "halt", "--json")
    ).json
    assert [row["kind"] for row in found] == ["halt"]
    assert "nothing like that" in fine(type_in("audit", "list", "--actor", "nobody")).out
    assert "none yet" in fine(type_in("audit", "anchors")).out


def test_a_set_is_made_from_another_one_changed_in_versions_and_told_with_its_history(type_in: Typed) -> None:
    fine(type_in("indicators", "sets", "create", "mine", "--from", "ichimoku", "-i", "vwap:anchor=week"))
    fine(type_in("indicators", "sets", "edit", "mine", "-i", "rsi:length=2", "-i", "obv", "-m", "shorter"))
    told = fine(type_in("indicators", "sets", "show", "mine")).out
    assert "mine version 2" in told
    assert "-i rsi:length=2 -i obv" in told
    assert "owner: shorter" in told
    first = fine(type_in("indicators", "sets", "show", "mine", "--version", "1")).out
    assert "-i rsi:length=14 -i atr:length=14 -i vwap:anchor=week" in first
    assert [act for act in acts(type_in) if act[1].startswith("indicators")] == [
        ("owner", "indicators.create"),
        ("owner", "indicators.edit"),
    ]


def test_what_comes_with_the_program_is_not_edited(type_in: Typed) -> None:
    told = type_in("indicators", "sets", "edit", "momentum", "-i", "rsi")
    assert (told.code, told.out) == (1, "")
    assert "comes with the program (choose another name)" in told.err


def test_a_set_says_which_strategies_use_it(type_in: Typed) -> None:
    used = type_in("strategies", "list", "--json").json[0]["strategy"]
    specs = used["indicators"]["indicators"]
    wanted = [f"{one['kind']}:" + ",".join(f"{n}={v:g}" for n, v in one["params"]) for one in specs]
    name = used["indicators"]["name"]
    fine(type_in("indicators", "sets", "create", name, *(word for one in wanted for word in ("-i", one))))
    told = type_in("indicators", "sets", "show", name, "--json").json
    assert told["used_by"] == [f"{used['name']} (version 1)"]
