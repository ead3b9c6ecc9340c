"""HTTP mode, Slack's side: signed requests to the app's request URL.

https://docs.slack.dev/authentication/verifying-requests-from-slack
"""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from typing import Any
from urllib.parse import urlencode

import aiohttp

from sandbox.slack.delivery import Envelope

_JSON = "application/json"
_FORM = "application/x-www-form-urlencoded"


class HttpMode:
    """Posts every envelope to `url`; a 2xx answer acknowledges it."""

    def __init__(self, signing_secret: str) -> None:
        self.url: str | None = None
        self.signing_secret = signing_secret
        self._session: aiohttp.ClientSession | None = None

    async def send(self, envelope: Envelope, attempt: int, reason: str) -> str | None:
        content_type, body = _encoded(envelope)
        headers = {"Content-Type": content_type, **self.signature(body)}
        if attempt:
            headers |= {"X-Slack-Retry-Num": str(attempt), "X-Slack-Retry-Reason": reason}
        self._session = self._session or aiohttp.ClientSession()
        envelope.sent.append(time.monotonic())
        assert self.url is not None
        try:
            async with self._session.post(self.url, data=body.encode(), headers=headers) as answer:
                if answer.status // 100 != 2:
                    return "http_error"
                envelope.acknowledge(_decoded(answer.content_type, await answer.text()))
                return None
        except aiohttp.ClientError:
            return "connection_failed"
        except ValueError:  # the body says it is JSON and is not
            return "http_error"

    def signature(self, body: str) -> dict[str, str]:
        """The two headers by which the app knows that Slack sent `body`."""
        stamp = str(int(time.time()))
        digest = hmac.new(self.signing_secret.encode(), f"v0:{stamp}:{body}".encode(), hashlib.sha256)
        return {"X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": f"v0={digest.hexdigest()}"}

    async def close(self) -> None:
        if self._session:
            await self._session.close()


def _encoded(envelope: Envelope) -> tuple[str, str]:
    match envelope.kind:
        case "events_api":
            return _JSON, json.dumps(envelope.payload)
        case "slash_commands":
            return _FORM, urlencode(envelope.payload)
        case "interactive":
            return _FORM, urlencode({"payload": json.dumps(envelope.payload)})


def _decoded(content_type: str, body: str) -> Any:
    """An acknowledgement's payload: a JSON object, or plain text that a command shows."""
    if content_type == _JSON and body:
        return json.loads(body)
    return {"text": body} if body else None
