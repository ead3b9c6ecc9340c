"""Neutral replies -> lines for a terminal. Pure.

What `bot.reply` writes in Slack's mrkdwn is undone: markers go, mentions become names, dates are drawn in the
machine's zone, escapes are resolved. Control characters of whatever came from outside never reach the
terminal, as they would steer it.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator

from bot.redact import redact
from bot.redact.replies import without_secrets
from bot.reply import Block, Button, Buttons, Code, Context, Fields, Heading, Reply, Text

Names = Callable[[str], str]
"""Slack id -> what people call it."""

SIGNS = {
    "white_check_mark": "✔", "heavy_check_mark": "✓", "x": "✗", "warning": "!", "no_entry_sign": "⊘",
    "hourglass_flowing_sand": "…", "arrows_counterclockwise": "↻", "raised_hand": "?", "grey_question": "?",
    "large_green_circle": "●", "red_circle": "◌", "white_circle": "○", "lock": "[locked]", "unlock": "[unlocked]",
    "snowflake": "[frozen]", "sunny": "[thawed]", "alarm_clock": "◷", "bell": "!", "rewind": "«", "new": "new:",
    "bust_in_silhouette": "◇", "double_vertical_bar": "[paused]", "ballot_box_with_check": "✓", "zzz": "○",
}  # fmt: skip
_MENTION = re.compile(r"<(?:@|!subteam\^)([A-Z0-9]+|hook:[^>|]*)(?:\|[^>]*)?>")
_DATE = re.compile(r"<!date\^(\d+)\^[^|>]*\|([^>]*)>")
_LINK = re.compile(r"<(https?://[^|>]+)(?:\|([^>]*))?>")
_EMOJI = re.compile(r":([a-z0-9_]+):")
_STEERS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2060-\u2069]")
_MARKERS = re.compile(r"(?<![^\W_])[*_](?=\S)|(?<=\S)[*_](?![^\W_])|`")


def lines(reply: Reply, name: Names) -> list[str]:
    """The reply as a person at a terminal reads it; what buttons do is written out as what to type."""
    drawn = [line for block in reply.blocks for line in _draw(without_secrets(block), name)]
    return drawn or [_flat(redact(reply.summary).text, name)]


def with_signs(text: str) -> str:
    """Emoji as a terminal can show them."""
    return _EMOJI.sub(lambda found: SIGNS.get(found[1], found[0]), text)


def _draw(block: Block, name: Names) -> Iterator[str]:
    match block:
        case Text(text) | Heading(text) | Context(text):
            yield from _flat(text, name).split("\n")
        case Fields(pairs):
            yield from (f"{_flat(label, name)}: {_flat(value, name)}" for label, value in pairs)
        case Code(rows):
            yield from (f"    {_STEERS.sub('', row)}" for row in rows)
        case Buttons(buttons):
            yield from (_choice(button) for button in buttons)


def _choice(button: Button) -> str:
    return f"  {button.label}: {button.url or button.command}"


def _flat(text: str, name: Names) -> str:
    text = _MENTION.sub(lambda found: f"@{name(found[1])}", text)
    text = _DATE.sub(lambda found: time.strftime("%H:%M", time.localtime(int(found[1]))), text)
    text = _LINK.sub(lambda found: f"{found[2]} ({found[1]})" if found[2] else found[1], text)
    text = with_signs(text)
    text = _MARKERS.sub("", _STEERS.sub("", text))
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
