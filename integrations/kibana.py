"""Links into Kibana's Discover that show what a log query found. Pure.

A link is `/app/discover#/?_g=(...)&_a=(...)` with the state in rison (https://github.com/Nanonid/rison): the
global part holds the time range, the app part the data view, the query in KQL, columns and order.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from urllib.parse import quote

from bot.ports import LogQuery
from bot.severity import at_least
from integrations.elasticsearch_query import matching
from integrations.log_fields import Fields, moment

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.]*")
Rison = str | bool | int | list["Rison"] | dict[str, "Rison"]


def discover_url(base: str, data_view: str, query: LogQuery, fields: Fields) -> str:
    """`base` is Kibana's address, with its space or path if it has one (`https://kibana.shop.example/s/ops`)."""
    until = moment(query.until) if query.until else "now"
    where: Rison = {"time": {"from": moment(query.since), "to": until}}
    what: Rison = {
        "columns": [fields.level[0], fields.pod[0], fields.message],
        "index": data_view,
        "interval": "auto",
        "sort": [[fields.time, "desc"]],
        **_asked(query, data_view, fields),
    }
    return f"{base.rstrip('/')}/app/discover#/?_g={_in_url(where)}&_a={_in_url(what)}"


def _asked(query: LogQuery, data_view: str, fields: Fields) -> dict[str, Rison]:
    """The query in KQL, which people go on writing. A Lucene query stays one: the rest is a filter beside it."""
    if not query.lucene:
        return {"query": {"language": "kuery", "query": kql(query, fields)}}
    asked: dict[str, Rison] = {"query": {"language": "lucene", "query": query.lucene}}
    rest = kql(query, fields)
    if not rest:
        return asked
    conditions = matching(replace(query, lucene=None), fields, 1)["query"]["bool"]["filter"][1:]
    meta: dict[str, Rison] = {"alias": rest, "disabled": False, "index": data_view, "negate": False}
    pill: Rison = {
        "$state": {"store": "appState"},
        "meta": meta | {"key": "query", "type": "custom"},
        "query": {"bool": {"filter": conditions}},
    }
    return asked | {"filters": [pill]}


def kql(query: LogQuery, fields: Fields) -> str:
    """The query in Kibana's query language; values are always quoted, so nothing in them is syntax."""
    parts = [f"{_field(name)}: {_quoted(value)}" for name, value in query.filters]
    if query.level:
        levels = " or ".join(_quoted(level) for level in at_least(query.level))
        parts.append(_either(f"{_field(name)}: ({levels})" for name in fields.level))
    if query.pod:
        parts.append(_either(f"{_field(name)}: {_bare(query.pod)}*" for name in fields.pod))
    if query.trace:
        names = (*fields.trace, fields.message)
        parts.append(_either(f"{_field(name)}: {_quoted(query.trace)}" for name in names))
    if query.text:
        parts.append(f"{_field(fields.message)}: {_quoted(query.text)}")
    return " and ".join(parts)


def _either(parts: Iterable[str]) -> str:
    found = list(parts)
    return found[0] if len(found) == 1 else f"({' or '.join(found)})"


def _bare(value: str) -> str:
    """A value that stands beside a `*`, so that it cannot be quoted."""
    return "".join(f"\\{char}" if char in '\\():<>"*{} ' else char for char in value)


def _field(name: str) -> str:
    return _bare(name)


def _quoted(value: str) -> str:
    """A KQL string: the backslash and the quote are escaped, and blanks that are not spaces."""
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    for char, name in (("\t", "\\t"), ("\r", "\\r"), ("\n", "\\n")):
        escaped = escaped.replace(char, name)
    return f'"{escaped}"'


def rison(value: Rison) -> str:
    """Strings are always quoted, which is never wrong; `!` and `'` are escaped by `!`."""
    if isinstance(value, bool):
        return "!t" if value else "!f"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, dict):
        pairs = ((name if _NAME.fullmatch(name) else rison(name), inner) for name, inner in value.items())
        return "(" + ",".join(f"{name}:{rison(inner)}" for name, inner in pairs) + ")"
    if isinstance(value, list):
        return "!(" + ",".join(map(rison, value)) + ")"
    return "'" + value.replace("!", "!!").replace("'", "!'") + "'"


def _in_url(value: Rison) -> str:
    """Rison's punctuation may stand in a fragment (RFC 3986, section 3.5); the rest is percent-encoded."""
    return quote(rison(value), safe="!'(),:*@/")
