"""Envelopes on their way to the app: sent, acknowledged within three seconds, or sent again.

Events are sent again almost at once, after a minute and after five
(https://docs.slack.dev/apis/events-api/#retries); commands and interactions never
(https://docs.slack.dev/interactivity/handling-user-interaction/#acknowledgment_response).
"""

from __future__ import annotations

import asyncio
import itertools
import time
import uuid
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

from sandbox.slack.records import Json

Kind = Literal["events_api", "slash_commands", "interactive"]
RETRY_SECONDS = (1.0, 60.0, 300.0)
"""Pauses before an event is sent again, in seconds; multiplied by the sandbox's pace."""

_ANSWERABLE = {"view_submission", "block_suggestion"}


@dataclass(eq=False)
class Envelope:
    """Times are seconds of `time.monotonic()`."""

    kind: Kind
    payload: Json
    answer: asyncio.Future[Any]
    """What the app put into its acknowledgement (None: nothing)."""
    id: str = field(default_factory=lambda: str(uuid.uuid4()))
    made: float = field(default_factory=time.monotonic)
    sent: list[float] = field(default_factory=list)
    acked: float | None = None
    error: str | None = None
    """Why the latest attempt failed: http_timeout, http_error, connection_failed."""

    @property
    def accepts_response_payload(self) -> bool:
        return self.kind == "slash_commands" or self.payload.get("type") in _ANSWERABLE

    def acknowledge(self, answer: Any) -> None:
        if self.acked is None:
            self.acked = time.monotonic()
        if not self.answer.done():
            self.answer.set_result(answer)


class Transport(Protocol):
    """Socket Mode or HTTP."""

    async def send(self, envelope: Envelope, attempt: int, reason: str) -> str | None:
        """Hand it over; None, or why that failed at once. The app acknowledges through the envelope."""


Done = Callable[[Envelope], None]


class Delivery:
    """Carries every envelope with the transport in use, and remembers it."""

    def __init__(
        self,
        transport: Callable[[], Transport],
        spawn: Callable[[Awaitable[None]], object],
        pace: float = 1.0,
    ) -> None:
        self._transport = transport
        self._spawn = spawn
        self.ack_seconds = 3.0
        """Slack's limit. A constant of the contract with the app, so the pace does not change it."""
        self.retry_seconds: tuple[float, ...] = tuple(pause * pace for pause in RETRY_SECONDS)
        self.envelopes: list[Envelope] = []

    def send(self, kind: Kind, payload: Json, done: Done | None = None) -> Envelope:
        """Start carrying a payload. `done` is called once: when it was acknowledged (`error` is None) or
        given up."""
        envelope = Envelope(kind, payload, asyncio.get_running_loop().create_future())
        self.envelopes.append(envelope)
        self._spawn(self._carry(envelope, done))
        return envelope

    def send_again(self, envelope: Envelope) -> None:
        """Deliver an event once more although it was acknowledged, as Slack does when the ack got lost."""
        self._spawn(self._repeat(envelope))

    async def _repeat(self, envelope: Envelope) -> None:
        await self._transport().send(envelope, len(envelope.sent), "http_timeout")

    async def _carry(self, envelope: Envelope, done: Done | None) -> None:
        pauses = self.retry_seconds if envelope.kind == "events_api" else ()
        for attempt in itertools.count():
            envelope.error = await self._attempt(envelope, attempt)
            if envelope.error is None or attempt >= len(pauses):
                break
            # An acknowledgement that comes late still ends the retries.
            await asyncio.wait({envelope.answer}, timeout=pauses[attempt])
            if envelope.answer.done():
                envelope.error = None
                break
        if done:
            done(envelope)

    async def _attempt(self, envelope: Envelope, attempt: int) -> str | None:
        try:
            async with asyncio.timeout(self.ack_seconds):
                failed = await self._transport().send(envelope, attempt, envelope.error or "")
                if failed is None:
                    # Shielded: the answer outlives this attempt, it may still come late.
                    await asyncio.shield(envelope.answer)
                return failed
        except TimeoutError:
            return "http_timeout"
