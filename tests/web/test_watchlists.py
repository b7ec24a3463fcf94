"""Watchlists in the browser's words: pasted, asked about, kept, used."""

from __future__ import annotations

from tests.web.visitor import Visitor


def test_what_is_clear_is_shown_and_what_is_not_is_asked(owner: Visitor) -> None:
    page = owner.post("/watchlists/match", name="few", text="AAPL\nDUO\nNONE", version="0").text
    assert "APPLE INC" in page
    assert 'name="pick.DUO"' in page
    assert "DUO FUND, ARCA" in page
    assert "no stock or ETF is called NONE" in page
    assert 'action="/watchlists/match"' in page


def test_nothing_is_lost_where_a_ticker_is_open(owner: Visitor) -> None:
    answer = owner.post("/watchlists", name="few", text="AAPL\nDUO", version="0")
    assert answer.status_code == 422
    assert "DUO is ambiguous" in answer.text
    assert ">\nAAPL\nDUO</textarea>" in answer.text.replace("\r\n", "\n")


def test_a_list_is_kept_changed_used_and_removed(owner: Visitor) -> None:
    typed = {"name": "mixed", "text": "AAPL, DUO", "pick.DUO": "9000003"}
    assert "DUO FUND" in owner.post("/watchlists", version="0", **typed).text
    assert "mixed" in owner.get("/watchlists").text
    assert "DUO=9000003" in owner.get("/watchlists/new?base=mixed").text
    assert owner.post("/watchlists", version="0", **typed | {"text": "AAPL"}).status_code == 409
    form = owner.get("/strategies/new?watchlist=mixed").text
    assert '<option value="mixed" selected>' in form
    assert "is removed" in owner.post("/watchlists/mixed/remove").text


def test_a_made_up_contract_is_not_taken(owner: Visitor) -> None:
    answer = owner.post("/watchlists", name="x", text="DUO", version="0", **{"pick.DUO": "265598"})
    assert answer.status_code == 422
    assert "ambiguous" in answer.text
