"""Query strings: the classic Lucene syntax and the simple one, turned into queries of the JSON language.

`{"any": {...}}` in the result stands for "in any of the default fields". Left out: fuzzy (`~`) and
regular expressions (`/.../`), which are refused; boosts (`^2`) are read and have no effect on matching.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

Tree = dict[str, Any]

_TOKEN = re.compile(
    r"""
    (?P<space>\s+)
  | (?P<quoted>"(?:[^"\\]|\\.)*")
  | (?P<range>[\[{][^\]}]*[\]}])
  | (?P<open>\() | (?P<close>\))
  | (?P<op>&&|\|\||(?:AND|OR|NOT)(?=[\s()]|$))
  | (?P<sign>[+\-!](?=[^\s)]))
  | (?P<field>(?:[^\s:()"\\\[\]{}^~/+\-!]|\\.)(?:[^\s:()"\\\[\]{}^~/]|\\.)*:(?!$))
  | (?P<boost>\^\d+(?:\.\d+)?)
  | (?P<compare>[<>]=?[^\s()]+)
  | (?P<word>(?:[^\s:()"\\\[\]{}^~/]|\\.|(?<=\w):(?=\w))+)
    """,
    re.VERBOSE | re.DOTALL,
)


@dataclass
class _Clauses:
    """One bracket's clauses, joined by the rules of Lucene's classic parser."""

    and_: bool
    items: list[tuple[str, Tree]] = field(default_factory=list)

    def add(self, conjunction: str, sign: str, tree: Tree) -> None:
        if self.items and conjunction == "and" and self.items[-1][0] == "should":
            self.items[-1] = ("must", self.items[-1][1])
        if self.items and conjunction == "or" and self.and_ and self.items[-1][0] == "must":
            self.items[-1] = ("should", self.items[-1][1])
        required = sign == "+" or conjunction == "and" or (self.and_ and conjunction != "or")
        self.items.append(("must_not" if sign == "-" else "must" if required else "should", tree))

    def tree(self) -> Tree:
        if len(self.items) == 1 and self.items[0][0] != "must_not":
            return self.items[0][1]
        groups: dict[str, list[Tree]] = {}
        for occur, tree in self.items:
            groups.setdefault(occur, []).append(tree)
        return {"bool": groups}


def lucene(text: str, and_: bool = False, leading_wildcard: bool = True) -> Tree:
    """`query_string`. Raises ValueError for what is not in the syntax, or not allowed."""
    if not text.strip():
        return {"match_none": {}}
    tokens = _tokens(text)
    for kind, value in tokens:
        if kind == "word" and not leading_wildcard and re.match(r"\?|\*.", value):
            raise ValueError("'*' or '?' not allowed as first character in WildcardQuery")
    tree, left = _group(tokens, and_, None)
    if left:
        raise ValueError(f"unexpected {left[0][1]!r}")
    return tree


def _tokens(text: str) -> list[tuple[str, str]]:
    found, at = [], 0
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None:
            raise ValueError(f"unexpected {text[at]!r} at {at}")
        at = match.end()
        if match.lastgroup not in ("space", "boost"):
            found.append((str(match.lastgroup), match[0]))
    return found


def _group(tokens: list[tuple[str, str]], and_: bool, name: str | None) -> tuple[Tree, list[tuple[str, str]]]:
    """Clauses up to the closing bracket, and the tokens after it."""
    clauses = _Clauses(and_)
    conjunction = sign = ""
    while tokens and tokens[0][0] != "close":
        kind, value = tokens[0]
        if kind == "op" and value in ("AND", "&&", "OR", "||"):
            if not clauses.items or conjunction:
                raise ValueError(f"unexpected {value}")
            conjunction = "and" if value in ("AND", "&&") else "or"
            tokens = tokens[1:]
        elif kind == "sign" or (kind == "op" and value == "NOT"):
            sign = "+" if value == "+" else "-"
            tokens = tokens[1:]
        else:
            tree, tokens = _clause(tokens, and_, name)
            clauses.add(conjunction, sign, tree)
            conjunction = sign = ""
    if not clauses.items or conjunction or sign:
        raise ValueError("a clause is missing")
    return clauses.tree(), tokens


def _clause(
    tokens: list[tuple[str, str]], and_: bool, name: str | None
) -> tuple[Tree, list[tuple[str, str]]]:
    (kind, value), rest = tokens[0], tokens[1:]
    if kind == "open":
        tree, rest = _group(rest, and_, name)
        if not rest:
            raise ValueError("a bracket is not closed")
        return tree, rest[1:]
    if kind == "field":
        if not rest:
            raise ValueError("a field without a value")
        return _clause(rest, and_, _unescape(value[:-1]))
    return _leaf(kind, value, name), rest


def _leaf(kind: str, value: str, name: str | None) -> Tree:
    if name == "_exists_":
        return {"exists": {"field": _unescape(value)}}
    if kind == "range":
        return _on("range", name, _range(value))
    if kind == "compare":
        operator, limit = re.fullmatch(r"([<>]=?)(.+)", value, re.DOTALL).groups()  # type: ignore[union-attr]
        return _on("range", name, {{">": "gt", ">=": "gte", "<": "lt", "<=": "lte"}[operator]: limit})
    if kind == "quoted":
        return _on("match_phrase", name, {"query": _unescape(value[1:-1])})
    return _word(value, name)


def _word(value: str, name: str | None) -> Tree:
    if value == "*":
        return {"exists": {"field": name}} if name else {"match_all": {}}
    if re.search(r"(?<!\\)[*?]", value):
        return _on("wildcard", name, {"value": value, "case_insensitive": True})
    return _on("match", name, {"query": _unescape(value)})


def _on(kind: str, name: str | None, value: Tree) -> Tree:
    return {kind: {name: value}} if name else {"any": {kind: value}}


def _range(value: str) -> Tree:
    ends = value[1:-1].split(" TO ")
    if len(ends) != 2:
        raise ValueError(f"not a range: {value}")
    low, high = (end.strip().strip('"') for end in ends)
    lower = "gte" if value[0] == "[" else "gt"
    upper = "lte" if value[-1] == "]" else "lt"
    return {bound: limit for bound, limit in ((lower, low), (upper, high)) if limit != "*"}


def _unescape(value: str) -> str:
    return re.sub(r"\\(.)", r"\1", value, flags=re.DOTALL)


_SIMPLE = re.compile(r'(?P<sign>[+\-|])|"(?P<quoted>[^"]*)"?|(?P<word>[^\s"+|]+)|\s+')


def simple(text: str, and_: bool = False) -> Tree:
    """`simple_query_string`: words, "phrases", prefix*, + | -; never an error."""
    clauses = _Clauses(and_)
    conjunction = sign = ""
    for match in _SIMPLE.finditer(text):
        if match["sign"] in ("+", "|"):
            conjunction = "and" if match["sign"] == "+" else "or"
            continue
        if match["sign"]:
            sign = "-"
            continue
        tree = _simple_leaf(match)
        if tree is not None:
            # Unlike the classic syntax: `a -b` means a, or not b, unless the operator is AND.
            clauses.add(conjunction, "", {"bool": {"must_not": [tree]}} if sign else tree)
            conjunction = sign = ""
    return clauses.tree() if clauses.items else {"match_none": {}}


def _simple_leaf(match: re.Match[str]) -> Tree | None:
    if match["quoted"] is not None:
        return {"any": {"match_phrase": {"query": match["quoted"]}}}
    word = match["word"]
    if word is None:
        return None
    if len(word) > 1 and word.endswith("*"):
        return {"any": {"prefix": {"value": word[:-1], "case_insensitive": True}}}
    return {"any": {"match": {"query": word}}}
