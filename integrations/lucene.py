"""Queries in Lucene's syntax that people type: what would read the whole index is refused. Pure.

https://www.elastic.co/docs/reference/query-languages/query-dsl/query-dsl-query-string-query#query-string-syntax
"""

from __future__ import annotations

import re

from bot.faults import Refused
from bot.language import _

_LITERAL = re.compile(r'\\.|"(?:[^"\\]|\\.)*"', re.DOTALL)
_START = r"(?:^|(?<=[\s(:+!{\[\")-]))"
"""Where a term may begin: also right after a phrase, a group or a range, without a blank."""
_EVERYTHING = re.compile(r"^\s*(?:\*(?::\*)?|_exists_:\s*\*)\s*$")
_REGEX = re.compile("/")
"""Wherever it stands: in Lucene's grammar a `/` ends the term before it."""
_LEADING = re.compile(rf"{_START}[*?](?=[^\s)\]}}])|{_START}\?|(?<=[\")])\*")
_SHORT = re.compile(rf"{_START}[^\s\"():+!*?/-][*?]")
_RANGE_OR_WEIGHT = re.compile(r"[\[{][^\]}]*[\]}]|[~^][\d.]*")
"""`[* TO 5]` is an open end; `~2` and `^2` end a term."""
_PHRASE = '""'


def check(text: str) -> None:
    """Raises Refused for a query that makes Elasticsearch go through every word it knows."""
    bare = _LITERAL.sub(lambda found: "x" if found[0][0] == "\\" else _PHRASE, text)
    bare = _RANGE_OR_WEIGHT.sub(_PHRASE, bare)
    if _EVERYTHING.match(bare):
        raise Refused(_("That query matches every line."), _("Leave it out, or say `level error`."))
    if _REGEX.search(bare):
        hint = _('Put text that holds a / in quotes, or look for its words with `grep "..."`.')
        raise Refused(_("A regular expression (`/.../`) reads every word of the index."), hint)
    if _LEADING.search(bare):
        hint = _("Begin with letters, such as `Timeout*`, or look for a word with `grep Timeout`.")
        raise Refused(_("A word that begins with `*` or `?` reads every word of the index."), hint)
    if _SHORT.search(bare):
        hint = _("Put at least two letters before it, such as `ti*`.")
        raise Refused(_("A single letter before `*` or `?` matches too much of the index."), hint)
