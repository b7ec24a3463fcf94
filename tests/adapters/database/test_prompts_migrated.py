"""Prompts and labels of a desk from before labels had a history are there after the upgrade."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import text

from glassdesk.adapters.database import open_database, upgrade
from glassdesk.adapters.database.engine import open_engine
from glassdesk.workflow.prompts.model import Kind
from glassdesk.workflow.prompts.pointers import pointers
from tests.servers import postgres

COLUMNS = "name, number, language, system, body, sha256, message, author, created_at"
MADE = "2024-05-06T12:00:00.000000Z"


def migrated_with_labels(url: str) -> None:
    upgrade(url, target="0015")
    engine = open_engine(url)
    with engine.begin() as connection:
        for number in (1, 2):
            values = f"'mine', {number}, 'en', 'S', 'body {number}', 'h{number}', 'why', 'ada', '{MADE}'"
            statement = f"INSERT INTO prompt_versions ({COLUMNS}) VALUES ({values})"  # noqa: S608
            connection.execute(text(statement))
        for label, number in (("draft", 2), ("live", 1)):
            found = text("INSERT INTO prompt_labels (name, label, number) VALUES ('mine', :label, :number)")
            connection.execute(found, {"label": label, "number": number})
    engine.dispose()
    upgrade(url)
    stores = open_database(url)
    with stores.transactions.read() as t:
        versions, [prompt] = stores.prompts.versions(t, "mine"), stores.prompts.prompts(t)
        moves = stores.prompts.moves(t, "mine")
    stores.close()
    assert [(one.number, one.body, one.sha256, one.author) for one in versions] == [
        (1, "body 1", "h1", "ada"),
        (2, "body 2", "h2", "ada"),
    ]
    assert (prompt.name, prompt.kind, prompt.edition) == ("mine", Kind.COMBINED, 1)
    assert pointers(moves) == {("", "draft"): 2, ("", "live"): 1}
    assert {one.at for one in moves} == {versions[0].created_at}


def test_labels_are_first_moves_on_sqlite(tmp_path: Path) -> None:
    migrated_with_labels(f"sqlite:///{tmp_path / 'desk.db'}")


@pytest.mark.services
def test_labels_are_first_moves_on_postgresql() -> None:
    migrated_with_labels(postgres.server().empty_database())
