"""What Slack makes of the text a person types (https://docs.slack.dev/messaging/formatting-message-text).

`&`, `<` and `>` become entities; `@name`, `#channel` and web addresses become `<...>` references. Inside
code nothing becomes a reference.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from html import escape

_CODE = re.compile(r"(```.*?```|`[^`\n]+`)", re.DOTALL)
# Slack links a bare name when it ends in a top-level domain it knows; these are enough for a shop.
_DOMAINS = "com|net|org|io|dev|app|cn|de|fr|uk|eu|ai|co|us|info|biz|cloud|me|sh|tv|xyz"
_REFERENCE = re.compile(
    rf"""
    (?P<url>https?://[^\s<>|]+[^\s<>|.,;:!?'")\]}}])
    | (?P<mail>[\w.+-]+@[\w-]+(?:\.[\w-]+)+)
    | (?<![\w.@/-])(?P<bare>(?:[a-z0-9-]+\.)+(?:{_DOMAINS})(?:/[^\s<>|]*[^\s<>|.,;:!?'")\]}}])?)(?![\w/.-]*\w)
    | (?<![\w@])@(?P<name>[\w.-]*\w)
    | (?<![\w#&])\#(?P<channel>[\w-]+)
    """,
    re.VERBOSE | re.IGNORECASE,
)

Lookup = Callable[[str], str | None]
"""Name -> reference (`<@U0SHIPMATE>`), or None if there is no such name."""


def typed(text: str, mention: Lookup, channel: Lookup) -> str:
    """`text` as it stands in events: `deploy web.com & co` -> `deploy <http://web.com|web.com> &amp; co`."""
    parts = _CODE.split(text)
    return "".join(
        escape(part, quote=False) if index % 2 else _plain(part, mention, channel)
        for index, part in enumerate(parts)
    )


def _plain(text: str, mention: Lookup, channel: Lookup) -> str:
    made: list[str] = []
    end = 0
    for found in _REFERENCE.finditer(text):
        made += [escape(text[end : found.start()], quote=False), _reference(found, mention, channel)]
        end = found.end()
    return "".join([*made, escape(text[end:], quote=False)])


def _reference(found: re.Match[str], mention: Lookup, channel: Lookup) -> str:
    shown = escape(found.group(), quote=False)
    match found.lastgroup:
        case "url":
            return f"<{shown}>"
        case "mail":
            return f"<mailto:{shown}|{shown}>"
        case "bare":
            return f"<http://{shown}|{shown}>"
        case "name":
            return mention(found["name"]) or shown
        case _:
            return channel(found["channel"]) or shown
