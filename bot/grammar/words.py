"""A line of text -> words: quotes, `key=value`, dashes, final punctuation, politeness."""

import re
from collections.abc import Collection, Iterator, Sequence
from typing import NamedTuple

from bot.grammar.repair import fold, plain

POLITE = frozenset({"please", "pls", "plz", "kindly", "thanks", "thx", "cheers"})
_GREETING = POLITE | {"hey", "hi", "hello", "ok", "shipmate"}
SLASH = "/ship"
"""As it is written where Slack has no slash commands, in threads: a message like any other."""
_REQUEST = frozenset({("can", "you"), ("could", "you"), ("would", "you"), ("will", "you"), ("thank", "you")})
_THANKS = re.compile(
    rf"(?:[\s.!,;:…)]|\b(?:{'|'.join(sorted(POLITE))}|thank you)\b|谢谢|多谢)+$", re.IGNORECASE
)
_CLOSING = " \"'“”’`*_~)]」』"

# A straight quote closes with a straight one, and a backslash keeps one inside; else any pair of double
# quotes. An em dash inside a word is a phone's `--`: it starts the next word. Possessive, so that nothing
# backtracks.
_TOKEN = re.compile(
    r"""
    (?P<key> [-–—]*+ [A-Za-z] [\w-]*+ = )?+
    (?: "(?P<straight> (?: [^"\\] | \\. )*+ )"
      | ["“](?P<curly> [^"“]*+ )["“]
      | ['’](?P<single> (?: [^'’] | ['’](?=\w) )++ )['’]
      | `++(?P<code> [^`]++ )`++
    )
    [.,;:!?…]*+ (?=\s|$)
    | (?: [-–—]++ [^\s—]*+ | [^\s—]++ )
    """,
    re.VERBOSE,
)
_KEY = re.compile(r"[-–—]*+([A-Za-z][\w-]*+)=")
_DASHES = re.compile(r"[-–—]+(?=[^\W\d_])")
_ESCAPED = re.compile(r'\\(["\\])')


class Word(NamedTuple):
    """One word, or one quoted passage."""

    text: str
    """For comparing: repaired and lower case."""
    raw: str
    """For values: repaired, in the case it was typed."""
    start: int = 0
    end: int = 0
    quoted: str = ""
    """How: straight, curly, single, code; empty when it was not quoted."""
    key: str = ""
    value: "Word | None" = None
    """`since=15m` has the key `since` and the value `15m`."""


def named(text: str) -> Word:
    """A word that nobody typed, for trying a correction; quoted, so that it is read as a value only."""
    return Word(fold(text), text, quoted="straight")


def split(line: str, polite: Collection[str] = POLITE) -> tuple[Word, ...]:
    """The words of a repaired `line`, without greeting, politeness, mention and final punctuation.

    Backticks around the whole command are taken off.
    """
    easy = plain(line)
    words = list(_words(line, easy))
    _drop_tail(words, easy, polite)
    del words[: _lead(words)]
    if len(words) == 1 and words[0].quoted == "code":
        return split(words[0].raw, polite)
    return tuple(words)


def asks(line: str, words: Sequence[Word]) -> bool:
    """Whether `line` ends as a question, thanks and all. One in a quotation at its end is a text of the order."""
    end = _THANKS.sub("", fold(plain(line)))
    whole = len(words) == 1 or not words or not words[-1].quoted
    return end.endswith("?") or (whole and end.rstrip(_CLOSING).endswith("?"))


def _words(line: str, easy: str) -> Iterator[Word]:
    for match in _TOKEN.finditer(easy):
        kind = match.lastgroup
        if kind is None or kind == "key":
            end = match.start() + len(match[0].rstrip(",;:"))
            if end > match.start():
                yield _word(easy, match.start(), end)
            continue
        raw = line[slice(*match.span(kind))]
        if kind == "straight":
            raw = _ESCAPED.sub(r"\1", raw)
        inner = Word(fold(plain(raw)), raw, match.start(), match.end(), kind)
        if key := match["key"]:
            yield Word(fold(match[0]), match[0], match.start(), match.end(), "", _key_name(key), inner)
        else:
            yield inner


def _word(easy: str, start: int, end: int) -> Word:
    chunk = easy[start:end]
    raw = _dashes(chunk)
    if "=" in chunk and (match := _KEY.match(chunk)):
        value = _dashes(chunk[match.end() :])
        inner = Word(fold(value), value, start + match.end(), end)
        return Word(fold(raw), raw, start, end, "", _key_name(match[0]), inner)
    return Word(fold(raw), raw, start, end)


def _key_name(key: str) -> str:
    return fold(key.strip("-–—="))


def _dashes(chunk: str) -> str:
    """Dashes before a letter are `--`, elsewhere a hyphen or a minus; quotes and ellipsis straight."""
    if chunk[:1] in "-–—":
        chunk = _DASHES.sub("--", chunk, count=1) if _DASHES.match(chunk) else chunk
    if chunk.isascii():
        return chunk
    for odd, key in (("–", "-"), ("—", "-"), ("…", "..."), ("’", "'"), ("“", '"')):
        chunk = chunk.replace(odd, key)
    return chunk


def _drop_tail(words: list[Word], easy: str, polite: Collection[str]) -> None:
    """The end of a sentence: full stop, question mark, thanks."""
    while words and not (last := words[-1]).quoted and not (last.value and last.value.quoted):
        end = last.start + len(easy[last.start : last.end].rstrip(".?!…,;:"))
        words.pop()
        if end == last.start:
            continue
        last = _word(easy, last.start, end)
        if words and (words[-1].text, last.text) == ("thank", "you"):
            words.pop()
        elif last.text not in polite:
            words.append(last)
            return


def _lead(words: list[Word]) -> int:
    """How many words of greeting there are. One mention only: a second one is somebody else."""
    i = mentions = 0
    while i < len(words) and not words[i].quoted:
        if words[i].text in _GREETING or (i == 0 and words[i].text == SLASH):
            i += 1
        elif words[i].text[0] == "@" and not mentions:
            i, mentions = i + 1, 1
        elif i + 1 < len(words) and (words[i].text, words[i + 1].text) in _REQUEST:
            i += 2
        else:
            break
    return i
