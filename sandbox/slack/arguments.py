"""The arguments of one Web API call, whichever way they came."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from aiohttp import web

from sandbox.slack.records import Json, SlackError


@dataclass(frozen=True)
class Arguments:
    given: Json

    def text(self, name: str) -> str | None:
        value = self.given.get(name)
        return None if value is None or value == "" else str(value)

    def need(self, name: str) -> str:
        """Raises SlackError `invalid_arguments` that names what is missing."""
        value = self.text(name)
        if value is None:
            raise SlackError("invalid_arguments", f"[ERROR] missing required field: {name}")
        return value

    def json(self, name: str) -> Any:
        """An object or array, which forms carry as JSON text. Raises SlackError `invalid_arguments`
        (blocks: `invalid_blocks_format`)."""
        value = self.given.get(name)
        if not isinstance(value, str):
            return value
        try:
            return json.loads(value) if value else None
        except ValueError:
            code = "invalid_blocks_format" if name == "blocks" else "invalid_arguments"
            raise SlackError(code, f"[ERROR] {name} is not JSON") from None

    def flag(self, name: str) -> bool:
        return str(self.given.get(name, "")).lower() in ("true", "1")

    def number(self, name: str, default: int) -> int:
        try:
            return int(self.given.get(name) or default)
        except ValueError:
            raise SlackError("invalid_arguments", f"[ERROR] {name} is not a number") from None

    def __contains__(self, name: str) -> bool:
        return self.given.get(name) is not None


async def read(request: web.Request) -> Arguments:
    """From the query, a form or a JSON body. Raises SlackError `invalid_json`, `json_not_object`."""
    given: Json = dict(request.query)
    if request.content_type == "multipart/form-data":
        form = await request.post()
        given |= {name: value for name, value in form.items() if isinstance(value, str)}
        return Arguments(given)
    body = await request.text()
    if request.content_type == "application/json":
        return Arguments(given | (_object(body) if body else {}))
    return Arguments(given | dict(parse_qsl(body)))


def _object(body: str) -> Json:
    try:
        value = json.loads(body)
    except ValueError:
        raise SlackError("invalid_json") from None
    if not isinstance(value, dict):
        raise SlackError("json_not_object")
    return value


def one_page(items: list[Json], given: Arguments, name: str, most: int = 1000) -> Json:
    """One page of a list, with the cursor of the next (https://docs.slack.dev/apis/web-api/pagination)."""
    start = _cursor(given.text("cursor"))
    limit = min(max(given.number("limit", 100), 1), most)
    shown = items[start : start + limit]
    more = start + limit < len(items)
    following = base64.b64encode(f"next:{start + limit}".encode()).decode() if more else ""
    return {name: shown, "response_metadata": {"next_cursor": following}}


def _cursor(cursor: str | None) -> int:
    if not cursor:
        return 0
    try:
        return int(base64.b64decode(cursor, validate=True).decode().removeprefix("next:"))
    except ValueError:
        raise SlackError("invalid_cursor") from None
