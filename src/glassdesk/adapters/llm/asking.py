"""One HTTP exchange with a model, whatever protocol it speaks.

Plain HTTP instead of a model library (decision 26): the record holds word for word what was sent and what
came back; one deadline covers the whole call; an answer has a size limit; nothing is sent twice unasked.
"""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from glassdesk.adapters.llm.reading import Answered, Wire, read
from glassdesk.workflow.signals.calls import Prompt, Reply

if TYPE_CHECKING:
    import httpx2

_LARGEST_ANSWER = 1024 * 1024
_HIDDEN = "[key]"


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """Where a model is, and how it is asked. The key is no part of it."""

    engine: str
    base: str
    model: str
    name: str
    """What the endpoint is called in records: `openai:gpt-5.4-mini`."""
    temperature: float | None = None

    @property
    def parameters(self) -> tuple[tuple[str, str], ...]:
        """What enters the cache key beside the prompt, where it was chosen."""
        return () if self.temperature is None else (("temperature", f"{self.temperature:g}"),)


class ModelServer:
    """The `Model` port over HTTP: one attempt per `ask`, never raises.

    Runs its own event loop, so the calling thread must not be inside one.
    """

    def __init__(self, wire: Wire, address: Address, *, key: str = "", lacks: str = "") -> None:
        # Imported here: 100 ms that a desk without a model should not pay.
        import httpx2

        # Its debug lines hold whole headers, and a server may send the key back in one.
        logging.getLogger("httpcore2").setLevel(logging.INFO)
        self._httpx2 = httpx2
        self._wire = wire
        self._address = address
        self._key = key
        self._lacks = lacks
        # Made once: reading the authorities takes longer than a short answer. Redirects are not followed, so
        # an address without TLS needs none.
        self._verify = httpx2.create_ssl_context() if address.base.startswith("https:") else False
        self.engine = address.engine
        self.model = address.model
        self.endpoint = address.name
        self.parameters = address.parameters

    def __repr__(self) -> str:
        return f"ModelServer({self._address.base!r}, {self.endpoint!r})"

    def ask(self, prompt: Prompt, seconds: float) -> Reply:
        """One attempt within `seconds` of machine time; what went wrong stands in `failure`, the key
        nowhere. Without a key that it needs nothing is sent."""
        if self._lacks:
            return Reply(failure=self._lacks, billed=False)
        return self._without_key(asyncio.run(self._once(prompt, seconds)))

    async def _once(self, prompt: Prompt, seconds: float) -> Reply:
        try:
            async with asyncio.timeout(seconds):
                return await self._exchange(prompt)
        except TimeoutError:
            return Reply(failure=f"no answer within {seconds:g} s", again=True)
        except (
            self._httpx2.HTTPError,
            self._httpx2.StreamError,
            self._httpx2.InvalidURL,
            OSError,
        ) as failure:
            return Reply(failure=f"the connection failed: {type(failure).__name__}: {str(failure)[:200]}")

    async def _exchange(self, prompt: Prompt) -> Reply:
        address = self._address
        async with (
            # Proxies of the environment have no business here; a redirect would carry the key along.
            self._httpx2.AsyncClient(
                timeout=None, trust_env=False, follow_redirects=False, verify=self._verify
            ) as client,
            client.stream(
                "POST",
                address.base + self._wire.path(address.model),
                json=self._wire.request(prompt, address.model, address.temperature),
                headers=self._wire.headers(self._key),
            ) as response,
        ):
            body = await self._body(response)
        if body is None:
            return Reply(failure=f"HTTP {response.status_code}: more than {_LARGEST_ANSWER:,} bytes")
        return read(self._wire, self._answered(response, body))

    async def _body(self, response: httpx2.Response) -> bytes | None:
        body = bytearray()
        async for chunk in response.aiter_bytes():
            body += chunk
            if len(body) > _LARGEST_ANSWER:
                return None
        return bytes(body)

    def _answered(self, response: httpx2.Response, body: bytes) -> Answered:
        content_type = response.headers.get("content-type", "")
        if self._key:
            body = body.replace(self._key.encode(), _HIDDEN.encode())
            content_type = content_type.replace(self._key, _HIDDEN)
        return Answered(
            status=response.status_code,
            content_type=content_type,
            body=body,
            retry_after=response.headers.get("retry-after", ""),
        )

    def _without_key(self, reply: Reply) -> Reply:
        """Once more after reading: until then an escape sequence may have hidden the key."""
        reply = replace(reply, model=reply.model or self.model)
        if not self._key:
            return reply
        return replace(
            reply,
            text=reply.text.replace(self._key, _HIDDEN),
            failure=reply.failure.replace(self._key, _HIDDEN),
            model=reply.model.replace(self._key, _HIDDEN),
            finish=reply.finish.replace(self._key, _HIDDEN),
        )
