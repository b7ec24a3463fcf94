"""The owner's own working orders on Orders, on Positions and over the API: in their own lane, without a
button."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.adapters.laws.test_tracking import a_strangers_row
from tests.web.broker import ACCOUNT
from tests.web.visitor import Visitor
from tests.web.world import furnish

ROW = replace(a_strangers_row("4711"), account=ACCOUNT, symbol="", conid=38708077)
NAMED = replace(a_strangers_row("4712"), account=ACCOUNT, symbol="<b>GOOG</b>", conid=2)


@pytest.mark.parametrize("path", ["/orders", "/positions"])
def test_T_11_they_stand_in_a_lane_of_their_own_and_offer_no_act(owner: Visitor, path: str) -> None:
    assert "Your own working orders" not in owner.get(path).text
    owner.world.broker.strangers = [ROW, NAMED]
    furnish(owner.world)
    lane = owner.get(path).text.split("Your own working orders")[1].split("</section>")[0]
    for words in ("4711", "38708077", "&lt;b&gt;GOOG&lt;/b&gt;", "SELL", "LMT GTC", "210.50", "Submitted"):
        assert words in lane
    assert not any(tag in lane for tag in ("<form", "<button", "<b>"))
    found = owner.get("/api/v1/orders/owner").json()
    assert [one["order"]["broker_order_id"] for one in found] == ["4712", "4711"]
    assert found[0]["since"] == "2012-10-01T12:00:00Z"
