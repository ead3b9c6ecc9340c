"""Making text from people, logs and backends inert in Slack's mrkdwn. Pure.

Rules: https://docs.slack.dev/messaging/formatting-message-text (three characters are escaped; `<...>` is the
only syntax of mentions and links; markers act at the edges of words; a leading > quotes).
Markers become look-alikes rather than get an invisible neighbour, because clients differ in which
invisible characters they count as a word's edge. Mentions and addresses get an invisible word joiner:
they stay readable, and are no longer found by clients and servers that look for them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

JOINER = "\u2060"
"""U+2060 WORD JOINER: no width, no line break."""

_LOOK_ALIKES = str.maketrans({"*": "∗", "_": "ˍ", "~": "∼", "`": "ˋ"})
_MARKERS = re.compile(r"`|(?<![A-Za-z0-9])[*_~]|[*_~](?![A-Za-z0-9])")
_FENCE = re.compile(r"`{3,}")
_QUOTE = re.compile(r"^([^\S\n]*)>", re.MULTILINE)
_MENTION = re.compile(r"@(?=\w)|#(?=\d{0,80}[^\W\d])")  # not #42, which is no channel
_SHOUT = re.compile(r"@(?=(?:channel|here|everyone)\b)", re.IGNORECASE)
_ADDRESS = re.compile(r"(?<=\w):(?=//)|mailto:|(?<![A-Za-z0-9])(?:tel:|www(?=\.))", re.IGNORECASE)
_EMOJI = re.compile(r"(?<![A-Za-z0-9:]):(?=[a-z0-9_+'-]{1,100}:)")
# Control characters, and those that turn the direction of writing around.
_UNSEEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def escape(text: str) -> str:
    """The three characters that Slack gives a meaning; nothing else changes."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def inert(text: str) -> str:
    """`text` as mrkdwn that shows it and does nothing: no mention, link, channel, formatting, quote or emoji.

    To be used once, where the text is put into a message: what it returns is not to be escaped again.
    """
    shown = _UNSEEN.sub("", text)
    shown = _QUOTE.sub(r"\1›", shown)
    shown = _MARKERS.sub(lambda found: found[0].translate(_LOOK_ALIKES), shown)
    for pattern in (_MENTION, _ADDRESS, _EMOJI):
        shown = pattern.sub(_joined, shown)
    return escape(shown)


def marked(text: str) -> str:
    """Like `inert`, but what stands between backticks is drawn as code."""
    parts = text.split("`")
    if len(parts) % 2 == 0:  # an odd backtick is no markup
        return inert(text)
    return "".join(
        f"`{inert(part)}`" if place % 2 and part.strip() else inert(part) for place, part in enumerate(parts)
    )


def code_block(lines: Iterable[str]) -> str:
    """The lines in a code block that nothing in them can end, and that nobody is called from."""
    text = _UNSEEN.sub("", "\n".join(lines))
    text = _FENCE.sub(lambda found: "ˋ" * len(found[0]), text)
    return f"```\n{escape(_SHOUT.sub(_joined, text))}\n```"


def link(url: str, text: str) -> str:
    """A link that shows `text`; nothing in the address can end it early."""
    return f"<{escape(url).replace('|', '%7C')}|{inert(text)}>"


def _joined(found: re.Match[str]) -> str:
    return found[0] + JOINER
