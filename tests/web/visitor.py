"""A person with a browser that runs no scripts: follows links, sends forms with the page's own token."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.parser import HTMLParser

from fastapi.testclient import TestClient
from httpx2 import Response

from tests.web.world import PASSWORD, World

BASE = "http://127.0.0.1:8420"


class Links(HTMLParser):
    """Paths that a page links to."""

    def __init__(self) -> None:
        super().__init__()
        self.paths: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        href = dict(attrs).get("href" if tag == "a" else "src") or ""
        if tag in ("a", "img") and href.startswith("/"):
            self.paths.add(href.partition("#")[0])


class Visitor:
    """One browser at one desk."""

    def __init__(self, world: World, client: TestClient) -> None:
        self.world, self.client = world, client

    def get(self, path: str, **more: object) -> Response:
        """A page."""
        return self.client.get(path, **more)  # type: ignore[arg-type]

    def token(self, path: str = "/sign-in") -> str:
        """The CSRF token that a page carries."""
        found = re.search(r'<meta name="csrf" content="([0-9a-f]+)">', self.get(path).text)
        assert found, f"{path} carries no token"
        return found[1]

    def post(self, path: str, **fields: object) -> Response:
        """Send a form as the page would."""
        data = {name.replace("__", "."): value for name, value in fields.items()}
        return self.client.post(path, data={"csrf": self.token(), **data}, headers={"origin": BASE})

    def enter(self) -> Response:
        """Sign in, the first time by a fresh link."""
        return self.post(self.world.door(), password=PASSWORD, again=PASSWORD)

    def walk(self, start: str = "/", *, most: int = 400) -> Iterator[tuple[str, Response]]:
        """Every page that can be reached by links, each once."""
        seen, waiting = {start}, [start]
        while waiting and len(seen) <= most:
            path = waiting.pop(0)
            answer = self.get(path)
            yield path, answer
            if "text/html" in answer.headers.get("content-type", ""):
                parser = Links()
                parser.feed(answer.text)
                fresh = sorted(parser.paths - seen)
                seen.update(fresh)
                waiting += fresh
