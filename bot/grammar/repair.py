"""What phones and Slack do to text, undone.

`repair` works on the whole line and gives back what the person meant to send; `plain` then reads typographic
characters as the keys they stand for, one for one, so that places in the line stay valid.
Slack's markup: https://api.slack.com/reference/surfaces/formatting#retrieving-messages
"""

import re

_SPACE = re.compile(r"[\s\u180e\u2800\u3164]")
# What nobody types: controls, soft hyphen, zero-width and direction marks, tags, lone surrogates.
_INVISIBLE = re.compile(
    r"[\x00-\x1f\x7f-\x9f\u00ad\u061c\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    r"\ud800-\udfff\U000e0001\U000e0020-\U000e007f]"
)
_LINK = re.compile(r"<((?:https?|mailto|tel):[^<>|]*|[@#!][^<>|]*)(?:\|([^<>]*))?>")
_ENTITY = re.compile(r"&(amp|lt|gt);")
_ENTITIES = {"amp": "&", "lt": "<", "gt": ">"}
_READ_AS_MARKUP = re.compile(r"&(?=(?:amp|lt|gt);)|<(?=https?:|mailto:|tel:|[@#!])")

# Only the full-width forms of ASCII are folded: the whole of NFKC would turn `1²` into `12`.
_PLAIN = {0xFF01 + i: 0x21 + i for i in range(94)} | {
    ord(odd): ord(key)
    for key, odds in {
        ".": "。｡",
        ",": "、",
        "-": "‐‑−﹣⁃",
        "–": "‒",
        "—": "―⸺⸻",
        "“": "”„‟«»「」『』",
        "’": "‘‚‛",
    }.items()
    for odd in odds
}


def clean(text: str) -> str:
    """Every kind of space as a plain one, and nothing that cannot be seen."""
    if text.isascii() and text.isprintable():
        return text
    return _INVISIBLE.sub("", _SPACE.sub(" ", text))


def repair(text: str) -> str:
    """The line as it was typed: Slack's links as their label, its escapes undone, see `clean`."""
    text = clean(text)
    if "<" in text:
        text = _LINK.sub(_typed, text)
    if "&" in text:
        text = _ENTITY.sub(lambda match: _ENTITIES[match[1]], text)
    return text.strip()


def escape(text: str) -> str:
    """The least escaping after which `repair` gives `text` again."""
    return _READ_AS_MARKUP.sub(lambda match: "&amp;" if match[0] == "&" else "&lt;", text)


def plain(line: str) -> str:
    """`line` with full-width characters as ASCII, and one character for each family of dashes and quotes.

    As long as `line`, so that a place in one is the same place in the other.
    """
    return line if line.isascii() else line.translate(_PLAIN)


def fold(word: str) -> str:
    """Case ignored, in ASCII only: elsewhere it joins letters that differ (the Kelvin sign and k)."""
    return word.lower() if word.isascii() else word


def _typed(match: re.Match[str]) -> str:
    target, label = match[1], match[2]
    if target[0] in "@#!":
        return f"{'#' if target[0] == '#' else '@'}{(label or target[1:]).lstrip('@#')}"
    return label or target.removeprefix("mailto:").removeprefix("tel:")
