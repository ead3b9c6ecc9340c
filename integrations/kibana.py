"""Links into Kibana's Discover that show what a log query found. Pure.

A link is `/app/discover#/?_g=(...)&_a=(...)` with the state in rison (https://github.com/Nanonid/rison): the
global part holds the time range, the app part the data view, the query in KQL, columns and order.
"""

from __future__ import annotations

from urllib.parse import quote

from bot.ports import LogQuery
from integrations.log_fields import Fields, at_least, moment, part_of_word

Rison = str | list["Rison"] | dict[str, "Rison"]


def discover_url(base: str, data_view: str, query: LogQuery, fields: Fields) -> str:
    """`base` is Kibana's address, with its space or path if it has one (`https://kibana.shop.example/s/ops`)."""
    until = moment(query.until) if query.until else "now"
    where: Rison = {"time": {"from": moment(query.since), "to": until}}
    what: Rison = {
        "columns": [fields.level, fields.pod, fields.message],
        "index": data_view,
        "interval": "auto",
        "query": {"language": "kuery", "query": kql(query, fields)},
        "sort": [[fields.time, "desc"]],
    }
    return f"{base.rstrip('/')}/app/discover#/?_g={_in_url(where)}&_a={_in_url(what)}"


def kql(query: LogQuery, fields: Fields) -> str:
    """The query in Kibana's query language; values are always quoted, so nothing in them is syntax."""
    parts = [f"{_field(name)}: {_quoted(value)}" for name, value in query.filters]
    if query.level:
        levels = " or ".join(_quoted(level) for level in at_least(query.level))
        parts.append(f"{_field(fields.level)}: ({levels})")
    if query.text:
        parts.append(_text(query.text, _field(fields.message)))
    return " and ".join(parts)


def _text(text: str, field: str) -> str:
    phrase = f"{field}: {_quoted(text)}"
    word = part_of_word(text)
    return f"({phrase} or {field}: *{word}*)" if word else phrase


def _field(name: str) -> str:
    return "".join(f"\\{char}" if char in '\\():<>"*{} ' else char for char in name)


def _quoted(value: str) -> str:
    """A KQL string: the backslash and the quote are escaped, and blanks that are not spaces."""
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    for char, name in (("\t", "\\t"), ("\r", "\\r"), ("\n", "\\n")):
        escaped = escaped.replace(char, name)
    return f'"{escaped}"'


def rison(value: Rison) -> str:
    """Strings are always quoted, which is never wrong; `!` and `'` are escaped by `!`."""
    if isinstance(value, dict):
        return "(" + ",".join(f"{name}:{rison(inner)}" for name, inner in value.items()) + ")"
    if isinstance(value, list):
        return "!(" + ",".join(map(rison, value)) + ")"
    return "'" + value.replace("!", "!!").replace("'", "!'") + "'"


def _in_url(value: Rison) -> str:
    """Rison's punctuation may stand in a fragment (RFC 3986, section 3.5); the rest is percent-encoded."""
    return quote(rison(value), safe="!'(),:*@/")
