"""Any server that speaks chat completions with pictures and a JSON schema.

Plain HTTP instead of a model library: the record holds word for word what was sent and what came back, which
a library that edits messages on the way cannot promise; one deadline covers the whole call; and an answer
has a size limit. Hosted models with protocols of their own are other adapters.
"""

from __future__ import annotations

import asyncio
import logging
import random
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from glassdesk.adapters.llm.completions import Outcome, read, request
from glassdesk.workflow.signals.model import Question, RawAnswer

if TYPE_CHECKING:
    import httpx2

ENGINE = "openai-compatible"

BUDGETS = (60.0, 45.0)
"""Seconds of machine time for the call and for its one retry (`design.md` §5)."""

_PAUSE = (0.5, 1.5)
_LARGEST_ANSWER = 1024 * 1024
_HIDDEN = "[key]"


class OpenAICompatible:
    """The `Analyst` port. Asks once, and once more after 429, 5xx or a timeout; never raises.

    Runs its own event loop, so the calling thread must not be inside one.
    """

    engine = ENGINE

    def __init__(
        self,
        base_url: str,
        model: str,
        *,
        key: str = "",
        temperature: float | None = None,
        budgets: tuple[float, float] = BUDGETS,
        pause: tuple[float, float] = _PAUSE,
    ) -> None:
        # Imported here: 100 ms that a desk without a model should not pay.
        import httpx2

        # Its debug lines hold whole headers, and a server may send the key back in one.
        logging.getLogger("httpcore2").setLevel(logging.INFO)
        self._httpx2 = httpx2
        self._url = f"{base_url}/chat/completions"
        self._model = model
        self._key = key
        self._temperature = temperature
        self._budgets = budgets
        self._pause = pause

    def __repr__(self) -> str:
        return f"OpenAICompatible({self._url!r}, {self._model!r})"

    def ask(self, question: Question) -> RawAnswer:
        """One decision's answer; what went wrong stands in `failure`, and the key nowhere."""
        payload = request(question, self._model, self._temperature)
        first = asyncio.run(self._once(payload, self._budgets[0]))
        if not first.again:
            return self._answer(first, 1)
        second = asyncio.run(self._once(payload, self._budgets[1], random.uniform(*self._pause)))
        return self._answer(second, 2)

    async def _once(self, payload: dict[str, Any], seconds: float, pause: float = 0.0) -> Outcome:
        try:
            async with asyncio.timeout(seconds):
                await asyncio.sleep(pause)
                return await self._exchange(payload)
        except TimeoutError:
            return Outcome(failure=f"no answer within {seconds:g} s", again=True)
        except (
            self._httpx2.HTTPError,
            self._httpx2.StreamError,
            self._httpx2.InvalidURL,
            OSError,
        ) as failure:
            return Outcome(failure=f"the connection failed: {type(failure).__name__}: {str(failure)[:200]}")

    async def _exchange(self, payload: dict[str, Any]) -> Outcome:
        headers = {"Authorization": f"Bearer {self._key}"} if self._key else {}
        async with (
            # Proxies of the environment have no business here; a redirect would carry the key along.
            self._httpx2.AsyncClient(timeout=None, trust_env=False, follow_redirects=False) as client,
            client.stream("POST", self._url, json=payload, headers=headers) as response,
        ):
            body = await self._body(response)
        if body is None:
            return Outcome(failure=f"HTTP {response.status_code}: more than {_LARGEST_ANSWER:,} bytes")
        content_type = response.headers.get("content-type", "")
        if self._key:
            body = body.replace(self._key.encode(), _HIDDEN.encode())
            content_type = content_type.replace(self._key, _HIDDEN)
        return read(response.status_code, content_type, body)

    async def _body(self, response: httpx2.Response) -> bytes | None:
        body = bytearray()
        async for chunk in response.aiter_bytes():
            body += chunk
            if len(body) > _LARGEST_ANSWER:
                return None
        return bytes(body)

    def _answer(self, outcome: Outcome, attempts: int) -> RawAnswer:
        outcome = self._without_key(outcome)
        return RawAnswer(
            text="" if outcome.failure else outcome.text,
            engine=ENGINE,
            model=outcome.model or self._model,
            input_tokens=outcome.input_tokens,
            output_tokens=outcome.output_tokens,
            attempts=attempts,
            failure=outcome.failure,
        )

    def _without_key(self, outcome: Outcome) -> Outcome:
        """Once more after reading: until then an escape sequence may have hidden the key."""
        if not self._key:
            return outcome
        return replace(
            outcome,
            text=outcome.text.replace(self._key, _HIDDEN),
            failure=outcome.failure.replace(self._key, _HIDDEN),
            model=outcome.model.replace(self._key, _HIDDEN),
        )
