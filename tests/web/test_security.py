"""Who may talk to the pages, from where, and what a page is allowed to do in a browser."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from fastapi.testclient import TestClient

from glassdesk.kernel.errors import InvalidInput
from glassdesk.web import pages
from glassdesk.web.pages.access import inside
from glassdesk.web.security.sessions import COOKIE, Sessions
from glassdesk.web.settings import WebSettings
from tests.web.visitor import BASE, Visitor
from tests.web.world import HOSTILE, PASSWORD, SECRET, World

OPEN_TO_ALL = {"/sign-in", "/sign-in/link/{token}"}


def routes(world: World, method: str) -> list[str]:
    """Addresses that answer to a method: the pages' own tables, and the API's own description."""
    described = world.app().openapi()["paths"]
    found = {path for path, methods in described.items() if method.lower() in methods}
    for module in (pages.access, *pages.BEHIND_SIGN_IN):
        found |= {route.path for route in module.router.routes if method in (route.methods or ())}
    return sorted(found)


def filled(path: str) -> str:
    return re.sub(r"{[^}]+}", "12345678", path)


def test_there_are_routes_to_test(world: World) -> None:
    assert len(routes(world, "GET")) > 60
    assert len(routes(world, "POST")) > 15


def test_no_page_and_no_call_answers_without_sign_in(visitor: Visitor) -> None:
    for path in routes(visitor.world, "GET"):
        if path in OPEN_TO_ALL:
            continue
        answer = visitor.get(filled(path), follow_redirects=False)
        if path.startswith("/api/"):
            assert answer.status_code == 401, path
            assert answer.headers["content-type"] == "application/problem+json"
        else:
            assert answer.status_code == 303, path
            assert answer.headers["location"].startswith("/sign-in?next="), path


def test_every_post_without_the_token_is_refused_even_when_signed_in(owner: Visitor) -> None:
    for path in routes(owner.world, "POST"):
        answer = owner.client.post(filled(path), data={"reason": "none"}, headers={"origin": BASE})
        assert answer.status_code == 403, path
    with owner.world.desk.transactions.read() as t:
        assert owner.world.desk.risk.halt(t).level.name == "ACTIVE"


def test_a_token_of_another_session_is_refused(bare: Visitor) -> None:
    foreign = Sessions(SECRET, 12)
    token = foreign.token(foreign.new())
    answer = bare.client.post("/risk/halt", data={"csrf": token, "level": "HALT", "reason": "x"})
    assert answer.status_code == 403


@pytest.mark.parametrize("host", ["evil.example", "evil.example:8420", "127.0.0.1.evil.example", "", "[::2]"])
def test_a_foreign_host_name_is_refused(bare: Visitor, host: str) -> None:
    assert bare.get("/sign-in", headers={"host": host}).status_code == 403


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost:8420", "[::1]:8420"])
def test_names_of_this_machine_are_served(bare: Visitor, host: str) -> None:
    assert bare.get("/sign-in", headers={"host": host}).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"origin": "http://127.0.0.1:9999"},
        {"origin": BASE, "sec-fetch-site": "cross-site"},
    ],
)
def test_a_form_of_another_site_is_refused(bare: Visitor, headers: dict[str, str]) -> None:
    data = {"csrf": bare.token(), "level": "HALT", "reason": "x"}
    assert bare.client.post("/risk/halt", data=data, headers=headers).status_code == 403


def test_every_answer_carries_the_protecting_headers(bare: Visitor) -> None:
    for path in ("/", "/sign-in", "/static/look.css", "/api/v1/status", "/nowhere"):
        headers = bare.get(path).headers
        policy = headers["content-security-policy"]
        assert "default-src 'self'" in policy
        assert "unsafe" not in policy
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["x-frame-options"] == "DENY"
        assert headers["referrer-policy"] == "same-origin"


def test_pages_are_not_kept_by_caches_and_marked_files_are(bare: Visitor) -> None:
    page = bare.get("/")
    assert page.headers["cache-control"] == "no-store"
    style = re.search(r'href="(/static/look\.css\?[0-9a-f]{10})"', page.text)
    assert style
    assert "immutable" in bare.get(style[1]).headers["cache-control"]


def test_the_session_cookie_is_strict_and_out_of_reach_of_scripts(visitor: Visitor) -> None:
    cookie = visitor.get("/sign-in").headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=strict" in cookie


def test_a_forged_cookie_signs_nobody_in(visitor: Visitor) -> None:
    forger = Sessions("x" * 48, 12)
    visitor.client.cookies.set(COOKIE, forger.write(forger.new(generation=1)))
    assert visitor.get("/", follow_redirects=False).status_code == 303


def test_a_link_asks_for_a_password_and_works_once(visitor: Visitor) -> None:
    link = visitor.world.link()
    assert visitor.get(f"/sign-in/link/{link}").status_code == 200
    first = visitor.post(f"/sign-in/link/{link}", password=PASSWORD, again=PASSWORD)
    assert first.status_code == 200
    assert "Your password is set" in first.text
    with TestClient(visitor.world.app(), base_url=BASE) as other:
        again = Visitor(visitor.world, other).post(
            f"/sign-in/link/{link}", password="another password", again="another password"
        )
    assert again.status_code == 422
    assert "used before" in again.text


def test_a_link_is_not_spent_by_a_password_that_will_not_do(visitor: Visitor) -> None:
    link = visitor.world.link()
    short = visitor.post(f"/sign-in/link/{link}", password="short", again="short")
    assert short.status_code == 422
    assert "too short" in short.text
    differ = visitor.post(f"/sign-in/link/{link}", password=PASSWORD, again="something else")
    assert "the two differ" in differ.text.lower()
    assert visitor.post(f"/sign-in/link/{link}", password=PASSWORD, again=PASSWORD).status_code == 200


def test_a_made_up_link_opens_nothing(visitor: Visitor) -> None:
    answer = visitor.post("/sign-in/link/made-up", password=PASSWORD, again=PASSWORD)
    assert answer.status_code == 422
    with visitor.world.desk.transactions.read() as t:
        assert visitor.world.desk.access.owner(t).password_hash is None


def test_the_password_signs_in_and_leads_to_where_one_wanted_to_go(owner: Visitor) -> None:
    owner.post("/sign-out")
    answer = owner.post("/sign-in", password=PASSWORD, next="/risk")
    assert answer.status_code == 200
    assert str(answer.url).endswith("/risk")


def test_a_wrong_password_is_told_beside_the_field(owner: Visitor) -> None:
    owner.post("/sign-out")
    answer = owner.post("/sign-in", password="wrong wrong wrong")
    assert answer.status_code == 401
    assert "That is not the password" in answer.text
    assert 'aria-invalid="true"' in answer.text


def test_after_five_failures_even_the_right_password_waits(owner: Visitor) -> None:
    owner.post("/sign-out")
    for _ in range(5):
        assert owner.post("/sign-in", password="wrong wrong wrong").status_code == 401
    answer = owner.post("/sign-in", password=PASSWORD)
    assert answer.status_code == 429
    assert "Too many failed sign-ins" in answer.text


def test_signing_out_ends_the_visit(owner: Visitor) -> None:
    assert owner.get("/", follow_redirects=False).status_code == 200
    owner.post("/sign-out")
    assert owner.get("/", follow_redirects=False).status_code == 303


def test_a_new_password_ends_older_visits(owner: Visitor) -> None:
    with owner.world.desk.transactions.begin() as t:
        owner.world.desk.access.set_password(t, "another long password")
    assert owner.get("/", follow_redirects=False).status_code == 303
    assert owner.get("/api/v1/status").status_code == 401


def test_sign_ins_and_failures_stand_in_the_audit(owner: Visitor) -> None:
    owner.post("/sign-out")
    owner.post("/sign-in", password="wrong wrong wrong")
    owner.post("/sign-in", password=PASSWORD)
    with owner.world.desk.transactions.read() as t:
        kinds = [row.kind for row in owner.world.desk.audit.entries(t)]
    assert kinds[-3:] == ["access.sign_out", "access.failure", "access.sign_in"]


def test_a_session_that_expired_while_polling_sends_the_whole_page_to_sign_in(visitor: Visitor) -> None:
    answer = visitor.get("/bar", headers={"hx-request": "true"}, follow_redirects=False)
    assert answer.status_code == 401
    assert answer.headers["hx-redirect"] == "/sign-in"


@pytest.mark.parametrize(
    "where", ["//evil.example", "https://evil.example", "/\\evil", "\\evil", "", "/a\nb"]
)
def test_a_sign_in_never_leads_to_another_site(where: str) -> None:
    assert inside(where) == "/"


@pytest.mark.parametrize("host", ["0.0.0.0", "192.168.1.5", "::", "desk.example.com"])
def test_another_address_than_this_machine_is_refused_with_the_reason(host: str) -> None:
    with pytest.raises(InvalidInput, match="TOTP"):
        WebSettings(secret=SECRET, host=host)


def test_a_short_secret_is_refused() -> None:
    with pytest.raises(InvalidInput, match="32 characters"):
        WebSettings(secret="short")


def test_a_failure_inside_shows_no_trace(owner: Visitor) -> None:
    object.__setattr__(owner.world.desk, "risk", None)
    for path, kind in (("/", "text/html"), ("/api/v1/status", "application/problem+json")):
        answer = owner.get(path)
        assert answer.status_code == 500
        assert answer.headers["content-type"].startswith(kind)
        assert "Traceback" not in answer.text
        assert "NoneType" not in answer.text


def test_names_from_outside_never_become_markup(reader: Visitor) -> None:
    for path in ("/strategies/trend", "/notifications", "/contracts?q=SONS", "/contracts/9000001"):
        page = reader.get(path).text
        assert "<script>alert" not in page
        assert HOSTILE not in page
        assert "&lt;" in page


def test_a_search_term_is_shown_as_text(bare: Visitor) -> None:
    page = bare.get("/contracts", params={"q": HOSTILE}).text
    assert HOSTILE not in page
    assert "onerror" in page


def test_the_sessions_clock_is_the_machines(owner: Visitor) -> None:
    owner.world.clock.advance(timedelta(days=30))
    assert owner.get("/", follow_redirects=False).status_code == 200
