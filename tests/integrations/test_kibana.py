"""Links into Kibana, read back as Kibana reads them: percent-decoding, rison, KQL."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.ports import LogQuery
from integrations.kibana import Rison, discover_url, kql, rison
from integrations.log_fields import ECS

SINCE = datetime(2026, 3, 14, 11, 0, tzinfo=UTC)
BASE = "https://kibana.shop.example"
QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"', re.DOTALL)
TEXT = st.text(st.characters(codec="utf-8"), min_size=1)


def read(text: str, at: int = 0) -> tuple[Any, int]:
    """A value of rison (the part of it that links use) and where it ends."""
    if text[at] == "'":
        value, at = "", at + 1
        while text[at] != "'":
            at += text[at] == "!"
            value, at = value + text[at], at + 1
        return value, at + 1
    items: list[Any] = []
    is_list = text.startswith("!(", at)
    if text.startswith(("!t", "!f"), at):
        return text[at + 1] == "t", at + 2
    if number := re.compile(r"-?[0-9]+").match(text, at):
        return int(number[0]), number.end()
    at += 2 if is_list else 1
    while text[at] != ")":
        at += text[at] == ","
        name = ""
        if not is_list and text[at] == "'":
            name, at = read(text, at)
            at += 1
        elif not is_list:
            name, at = text[at : text.index(":", at)], text.index(":", at) + 1
        value, at = read(text, at)
        items.append(value if is_list else (name, value))
    return (items if is_list else dict(items)), at + 1


def states(url: str) -> tuple[Any, Any]:
    """`_g` and `_a` of a link."""
    fragment = urlsplit(url).fragment
    found = re.fullmatch(r"/\?_g=([^&]*)&_a=([^&]*)", fragment)
    assert found is not None
    return read(unquote(found[1]))[0], read(unquote(found[2]))[0]


def test_a_link_carries_time_data_view_columns_and_query() -> None:
    until = datetime(2026, 3, 14, 13, 30, tzinfo=timezone(timedelta(hours=1)))
    query = LogQuery(
        "logs-web-trunk", SINCE, until, text="order 4711", filters=(("kubernetes.namespace", "trunk"),)
    )
    url = discover_url(f"{BASE}/s/ops/", "logs-*", query, ECS)
    where, what = states(url)
    assert url.startswith(f"{BASE}/s/ops/app/discover#/?")
    assert where == {"time": {"from": "2026-03-14T11:00:00.000Z", "to": "2026-03-14T12:30:00.000Z"}}
    assert what == {
        "columns": ["log.level", "kubernetes.pod.name", "message"],
        "index": "logs-*",
        "interval": "auto",
        "query": {"language": "kuery", "query": 'kubernetes.namespace: "trunk" and message: "order 4711"'},
        "sort": [["@timestamp", "desc"]],
    }


def test_a_level_and_a_word_mean_what_the_search_means() -> None:
    query = LogQuery("logs-*", SINCE, level="fatal", text="NullPointerException")
    words = ("fatal", "FATAL", "Fatal", "emergency", "EMERGENCY", "Emergency", "emerg", "EMERG", "Emerg")
    levels = " or ".join(f'"{word}"' for word in (*words, "panic", "PANIC", "Panic"))
    text = 'message: "NullPointerException"'
    assert kql(query, ECS) == f"log.level: ({levels}) and {text}"


@pytest.mark.parametrize(
    "text", ['log.level:error AND "order 4711"', "a:b'c!d(e)&_a=(f)#%20 日志", "size:[1 TO 9}"]
)
def test_a_query_of_lucenes_opens_as_one(text: str) -> None:
    """Discover's own form: https://www.elastic.co/docs/explore-analyze/query-filter/languages/lucene-query-syntax"""
    what = states(discover_url(BASE, "logs-*", LogQuery("logs-*", SINCE, lucene=text), ECS))[1]
    assert what["query"] == {"language": "lucene", "query": text}
    assert "filters" not in what


def test_what_else_was_asked_is_a_filter_beside_lucenes_query() -> None:
    query = LogQuery(
        "logs-*", SINCE, lucene="order:4711", pod="web-7f", filters=(("kubernetes.namespace", "trunk"),)
    )
    what = states(discover_url(BASE, "logs-view", query, ECS))[1]
    (pill,) = what["filters"]
    assert what["query"] == {"language": "lucene", "query": "order:4711"}
    assert pill["$state"] == {"store": "appState"}
    assert pill["meta"] == {
        "alias": 'kubernetes.namespace: "trunk" and (kubernetes.pod.name: web-7f* or host.name: web-7f*)',
        "disabled": False,
        "index": "logs-view",
        "key": "query",
        "negate": False,
        "type": "custom",
    }
    namespace, pod = pill["query"]["bool"]["filter"]
    assert namespace == {"term": {"kubernetes.namespace": {"value": "trunk"}}}
    assert {"prefix": {"kubernetes.pod.name": {"value": "web-7f"}}} in pod["bool"]["should"]
    assert pod["bool"]["minimum_should_match"] == 1


def test_without_an_end_the_range_reaches_to_now() -> None:
    where, what = states(discover_url(BASE, "logs-*", LogQuery("logs-*", SINCE), ECS))
    assert where["time"]["to"] == "now"
    assert what["query"]["query"] == ""


@given(TEXT)
def test_any_text_stays_inside_its_quotes_and_inside_the_link(text: str) -> None:
    url = discover_url(BASE, "logs-*", LogQuery("logs-*", SINCE, text=f"{text} ,"), ECS)
    query = states(url)[1]["query"]["query"]
    found = QUOTED.fullmatch(query.removeprefix("message: "))
    assert found is not None
    assert unescaped(found[1]) == f"{text} ,"
    assert re.fullmatch(r"[!-~]+", url)
    assert not set('<>|" ') & set(url)


def unescaped(value: str) -> str:
    names = {"t": "\t", "r": "\r", "n": "\n"}
    return re.sub(r"\\(.)", lambda match: names.get(match[1], match[1]), value, flags=re.DOTALL)


VALUES = st.recursive(
    TEXT,
    lambda inner: st.lists(inner) | st.dictionaries(st.from_regex(r"[a-z_]+", fullmatch=True), inner),
    max_leaves=8,
)


@given(VALUES)
def test_rison_reads_back(value: Rison) -> None:
    assert read(rison(value))[0] == value
