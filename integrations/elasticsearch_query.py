"""Log queries -> bodies of Elasticsearch requests. Pure.

What people type becomes a value in a body and never a part of its structure. Searches are filters (nothing is
scored) within a range of time.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, replace
from datetime import UTC, datetime
from typing import Any

from bot.ports import MOST_COUNTED, LogQuery
from bot.severity import ERROR, at_least, is_grave
from integrations.log_fields import Fields, moment

Json = dict[str, Any]

OPEN_POINT: Json = {}
"""A point in time is opened with nothing but its index and how long it is kept, which stand in the address."""
FORMAT = "strict_date_optional_time"
SOON = "now+1m"
"""Clocks differ a little; what is dated later than this, by the server's clock, is of no use for "since"."""


def lines(query: LogQuery, fields: Fields, timeout: float) -> Json:
    """The newest lines that match. `timeout` in seconds.

    Nothing else is asked for in the same search: an aggregation would have it look at every line that matches.
    Lines of one millisecond stay in the order they were indexed in.
    """
    return {
        "size": query.limit,
        **matching(query, fields, timeout),
        "sort": newest_first(fields.time),
        **shown(fields),
        "track_total_hits": MOST_COUNTED,
    }


def errors(query: LogQuery, fields: Fields, timeout: float) -> Json:
    """How many of the lines that match are errors or worse."""
    grave = query if is_grave(query.level) else replace(query, level=ERROR)
    return {"size": 0, **matching(grave, fields, timeout), "track_total_hits": MOST_COUNTED}


def before(query: LogQuery, fields: Fields, timeout: float, now: datetime) -> Json:
    """How many errors matched in as much time right before."""
    until = query.until or now
    earlier = replace(query, since=query.since - (until - query.since), until=query.since)
    return errors(earlier, fields, timeout)


def newest(query: LogQuery, fields: Fields, timeout: float) -> Json:
    """When the newest line was written that the target has at all, of those that are not of the future."""
    conditions = [{"term": {name: {"value": value}}} for name, value in query.filters]
    return {
        "size": 1,
        "query": {"bool": {"filter": [_range(fields, lt=SOON), *conditions]}},
        "sort": newest_first(fields.time),
        "_source": False,
        "fields": [{"field": fields.time, "format": FORMAT}],
        "track_total_hits": False,
        "timeout": _milliseconds(timeout),
    }


def ahead(query: LogQuery, fields: Fields, timeout: float) -> Json:
    """How many lines match but for their time, which is still to come: a clock is wrong, or a zone."""
    body = {"size": 0, **matching(query, fields, timeout), "track_total_hits": MOST_COUNTED}
    body["query"]["bool"]["filter"][0] = _range(fields, gte=SOON)
    return body


def mark(query: LogQuery, fields: Fields, timeout: float) -> Json:
    """Just enough to know whether there is more than a moment ago."""
    body = newest(query, fields, timeout) | {"track_total_hits": MOST_COUNTED}
    return body | matching(query, fields, timeout)


def several(searches: Sequence[tuple[str, Json]]) -> list[Json]:
    """The lines of `_msearch`: before each body, where it is to be searched."""
    return [line for index, body in searches for line in ({"index": index.split(",")}, body)]


def close_point(point: str) -> Json:
    return {"id": point}


def page(
    query: LogQuery,
    fields: Fields,
    timeout: float,
    point: str,
    after: list[Any] | None,
    wordless: bool = False,
) -> Json:
    """A part of a long read: within a point in time, after the sort values of the hit before.

    `wordless`: all of the lines but what they say.
    """
    body = {
        "size": query.limit,
        **matching(query, fields, timeout),
        "sort": [{fields.time: {"order": "desc", "format": f"{FORMAT}_nanos"}}, {"_shard_doc": "desc"}],
        **shown(fields, wordless),
        "track_total_hits": False,
        "pit": {"id": point, "keep_alive": "1m"},
    }
    return body if after is None else {**body, "search_after": after}


def signatures(
    query: LogQuery, fields: Fields, timeout: float, most: int, split: datetime, wordless: bool = False
) -> Json:
    """Kinds of lines, with when each was first seen, how often before `split`, and an example.

    All that match are read for it anyway, so they are counted exactly. `wordless`: without what examples say.
    """
    early = {"filter": {"range": {fields.time: {"lt": moment(split), "format": FORMAT}}}}
    example = {"size": 1, "sort": newest_first(fields.time), **shown(fields, wordless)}
    return {
        "size": 0,
        **matching(query, fields, timeout),
        "track_total_hits": True,
        "aggs": {
            "early": early,
            "signatures": {
                "categorize_text": {"field": fields.message, "size": most},
                "aggs": {
                    "first": {"min": {"field": fields.time}},
                    "early": early,
                    "example": {"top_hits": example},
                },
            },
        },
    }


def first_seen(query: LogQuery, fields: Fields, timeout: float, text: str) -> Json:
    """The earliest line that has all the words of a signature."""
    words = {"match": {fields.message: {"query": text, "operator": "and"}}}
    body = newest(query, fields, timeout)
    found = matching(query, fields, timeout)
    found["query"]["bool"]["filter"].append(words)
    return {**body, **found, "sort": [{fields.time: {"order": "asc", "unmapped_type": "date"}}]}


def matching(query: LogQuery, fields: Fields, timeout: float) -> Json:
    """`query` and `timeout`: an answer in part beats none."""
    return {
        "query": {"bool": {"filter": _conditions(query, fields)}},
        "timeout": _milliseconds(timeout),
    }


def shown(fields: Fields, wordless: bool = False) -> Json:
    names = [*(() if wordless else (fields.message,)), *fields.level, *fields.pod]
    return {"_source": False, "fields": [{"field": fields.time, "format": FORMAT}, *names]}


def newest_first(time: str) -> list[Json]:
    return [{time: {"order": "desc", "unmapped_type": "date"}}, {"_doc": {"order": "desc"}}]


def _conditions(query: LogQuery, fields: Fields) -> list[Json]:
    until = moment(query.until) if query.until else SOON
    conditions: list[Json] = [_range(fields, gte=moment(query.since), lt=until)]
    conditions += [{"term": {name: {"value": value}}} for name, value in query.filters]
    if query.level:
        conditions.append(_level(query.level, fields))
    if query.pod:
        named = [name for field in fields.pod for name in (field, f"{field}.keyword")]
        conditions.append(_either([{"prefix": {name: {"value": query.pod}}} for name in named]))
    if query.trace:
        ids = [{"term": {name: {"value": query.trace}}} for name in fields.trace]
        conditions.append(_either([*ids, _phrase(query.trace, fields)]))
    if query.text:
        conditions.append(_phrase(query.text, fields))
    if query.lucene:
        conditions.append(_lucene(query.lucene, fields))
    return conditions


def _range(fields: Fields, **bounds: str) -> Json:
    return {"range": {fields.time: {**bounds, "format": FORMAT}}}


def _level(level: str, fields: Fields) -> Json:
    return _either([{"terms": {name: at_least(level)}} for name in fields.level])


def _phrase(text: str, fields: Fields) -> Json:
    return {"match_phrase": {fields.message: {"query": text}}}


def _lucene(text: str, fields: Fields) -> Json:
    """Every option that makes a query string slow is off (integrations/lucene.py refuses the rest)."""
    return {
        "query_string": {
            "query": text,
            "default_field": fields.message,
            "default_operator": "and",
            "allow_leading_wildcard": False,
            "analyze_wildcard": False,
            "lenient": True,
            "max_determinized_states": 1000,
        }
    }


def _either(queries: Sequence[Json]) -> Json:
    return queries[0] if len(queries) == 1 else {"bool": {"should": list(queries), "minimum_should_match": 1}}


def _milliseconds(timeout: float) -> str:
    return f"{max(1, round(timeout * 800))}ms"


def to_text(query: LogQuery) -> str:
    """As JSON, to travel in a topic."""
    plain = {name: value for name, value in asdict(query).items() if value not in (None, (), False)}
    return json.dumps({**plain, "since": moment(query.since), "until": query.until and moment(query.until)})


def from_text(text: str) -> LogQuery:
    plain = json.loads(text)
    until = plain.pop("until")
    return LogQuery(
        **{
            **plain,
            "since": datetime.fromisoformat(plain["since"]).astimezone(UTC),
            "until": datetime.fromisoformat(until).astimezone(UTC) if until else None,
            "filters": tuple((name, value) for name, value in plain.get("filters", ())),
        }
    )
