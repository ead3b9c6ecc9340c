"""Elasticsearch: log lines are searched, newest first. Versions 8 and 9 of the server.

What people type goes into requests as values, never as query structure. Connections, credentials and raw
errors stay in here: callers see `Unavailable`, `Refused` or an answer.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, NoReturn
from urllib.parse import quote, urlsplit

from bot.faults import Refused, Unavailable
from bot.ports import LogLine, LogPage, LogQuery
from integrations.kibana import discover_url
from integrations.log_fields import PRESETS, Fields, at_least, moment, part_of_word

if TYPE_CHECKING:
    from elasticsearch import ApiError
    from elasticsearch import Elasticsearch as Client

COUNTED = 10_000
"""Matches are counted exactly up to here: counting more costs the server and tells nobody anything."""
MOST_LINES = 10_000
"""`index.max_result_window`: what one search may return."""
_MEDIA = "application/vnd.elasticsearch+json; compatible-with=8"
"""Version 9 of the server speaks 8 as well, version 8 does not speak 9."""
_FORMAT = "strict_date_optional_time"
_PORTS = {"http": 80, "https": 443}


class Elasticsearch:
    """`timeout` in seconds for one search, `fields` one of "ecs", "logstash", "rsyslog".

    `api_key` in its encoded form; `ca` the path of a PEM file. Raises Refused for an address that is none.
    """

    def __init__(
        self,
        name: str,
        urls: Sequence[str],
        api_key: str | None = None,
        user: str | None = None,
        password: str | None = None,
        ca: str | None = None,
        timeout: float = 10.0,
        fields: str = "ecs",
        kibana: str | None = None,
    ) -> None:
        from elasticsearch import Elasticsearch as Client  # 0.3 s, which only those who search should pay

        self._name = f"Elasticsearch ({name})"
        self._timeout = timeout
        self._fields = PRESETS[fields]
        self._kibana = kibana
        trust: dict[str, Any] = {"ca_certs": ca} if ca else {}
        self._client: Client = Client(
            [_with_port(name, url) for url in urls],
            api_key=api_key,
            basic_auth=(user, password or "") if user else None,
            request_timeout=timeout,
            max_retries=1,
            retry_on_timeout=False,
            **trust,
        )

    def search(self, query: LogQuery) -> LogPage:
        """The newest lines that match, oldest first."""
        answer = self._ask(query.index, body(query, self._fields, self._timeout))
        hits = answer["hits"]
        return LogPage(
            lines=[_line(hit, self._fields) for hit in reversed(hits["hits"])],
            total=hits["total"]["value"],
            total_is_exact=hits["total"]["relation"] == "eq",
            partial=_partial(answer),
        )

    def newest(self, index: str) -> datetime | None:
        """When the newest line of `index` was written; None: it has none."""
        time = self._fields.time
        request = {"size": 1, "sort": _newest_first(time), "_source": False, "track_total_hits": False}
        answer = self._ask(index, {**request, "fields": [{"field": time, "format": _FORMAT}]})
        hits = answer["hits"]["hits"]
        return _line(hits[0], self._fields).at if hits else None

    def link(self, query: LogQuery, data_view: str) -> str:
        """Kibana's page with the same lines, or "" without Kibana."""
        return discover_url(self._kibana, data_view, query, self._fields) if self._kibana else ""

    def _ask(self, index: str, request: dict[str, Any]) -> Mapping[str, Any]:
        """Search `index`. Raises Refused (no such index, not allowed, fields do not fit) or Unavailable."""
        from elasticsearch import ApiError, TransportError

        path = f"/{quote(index, safe=',*')}/_search"
        headers = {"accept": _MEDIA, "content-type": _MEDIA}
        try:
            answer = self._client.perform_request("POST", path, headers=headers, body=request)
        except ApiError as error:
            self._explain(error, index)
        except TransportError as error:
            raise Unavailable(self._name, _transport(error, self._timeout)) from error
        found = answer.body
        if not isinstance(found, dict) or "hits" not in found:
            raise Unavailable(self._name, "answered something that is not a search result")
        if found["_shards"]["total"] == 0:  # a pattern that matches nothing is no error to Elasticsearch
            raise _no_index(self._name, index)
        return found

    def _explain(self, error: ApiError, index: str) -> NoReturn:
        kind = _kind(error.body)
        status = error.meta.status
        if kind in ("index_not_found_exception", "index_closed_exception"):
            raise _no_index(self._name, index) from error
        if status == 403:
            hint = "Operations can give its API key or user the privilege `read` on it."
            raise Refused(f"{self._name} does not let me read {index}.", hint) from error
        if status == 400:
            hint = "Operations can check the log fields and filters in shipmate.yaml against the index."
            raise Refused(f"{self._name} cannot search {index} this way ({kind or status}).", hint) from error
        raise Unavailable(self._name, _STATUS.get(status, f"answered with status {status}")) from error


_STATUS = {
    200: "what answers there is not Elasticsearch",
    401: "did not accept the credentials it was given",
    429: "is overloaded and asked to try again later",
    503: "cannot search at the moment: no shard answered",
}


def body(query: LogQuery, fields: Fields, timeout: float = 10.0) -> dict[str, Any]:
    """The request of a search: a filter, sorted newest first. `timeout` in seconds.

    Lines of one millisecond stay in the order they were indexed in.
    """
    asked = [fields.level, fields.pod, fields.message]
    return {
        "size": min(query.limit, MOST_LINES),
        "query": {"bool": {"filter": _conditions(query, fields)}},
        "sort": _newest_first(fields.time),
        "_source": False,
        "fields": [{"field": fields.time, "format": _FORMAT}, *asked],
        "track_total_hits": COUNTED,
        "timeout": f"{max(1, round(timeout * 800))}ms",  # an answer in part beats none
    }


def _conditions(query: LogQuery, fields: Fields) -> list[dict[str, Any]]:
    bounds = {"gte": moment(query.since)} | ({"lt": moment(query.until)} if query.until else {})
    conditions: list[dict[str, Any]] = [{"range": {fields.time: {**bounds, "format": _FORMAT}}}]
    conditions += [{"term": {name: {"value": value}}} for name, value in query.filters]
    if query.level:
        conditions.append({"terms": {fields.level: at_least(query.level)}})
    if query.text:
        conditions.append(_text(query.text, fields.message))
    return conditions


def _text(text: str, field: str) -> dict[str, Any]:
    phrase = {"match_phrase": {field: {"query": text}}}
    word = part_of_word(text)
    if word is None:
        return phrase
    inside = {"wildcard": {field: {"value": f"*{word}*", "case_insensitive": True}}}
    return {"bool": {"should": [phrase, inside], "minimum_should_match": 1}}


def _newest_first(time: str) -> list[dict[str, Any]]:
    return [{time: {"order": "desc", "unmapped_type": "date"}}, {"_doc": {"order": "desc"}}]


def _line(hit: Mapping[str, Any], fields: Fields) -> LogLine:
    values = hit.get("fields", {})

    def first(name: str) -> str:
        return str(values.get(name, [""])[0])

    at = datetime.fromisoformat(first(fields.time)).astimezone(UTC)
    return LogLine(at, first(fields.level), first(fields.pod), first(fields.message))


def _partial(answer: Mapping[str, Any]) -> str | None:
    shards = answer["_shards"]
    if shards["failed"]:
        return f"{shards['failed']} of {shards['total']} shards did not answer"
    return "the search ran out of time" if answer["timed_out"] else None


def _no_index(name: str, index: str) -> Refused:
    hint = "Nothing was ever logged there, or the index has another name in shipmate.yaml."
    return Refused(f"{name} has no log index {index}.", hint)


def _kind(answer: Any) -> str:
    """The type of an Elasticsearch error; of a search that failed on every shard, the type of its cause."""
    error = answer.get("error") if isinstance(answer, dict) else None
    if not isinstance(error, dict):
        return ""
    roots = error.get("root_cause") or [error]
    return re.sub(r"[^a-z_]", "", str(roots[0].get("type", "")))


def _transport(error: Exception, timeout: float) -> str:
    """In plain words, and without the address or anything else the error carries."""
    from elasticsearch import ConnectionTimeout, SerializationError, SSLError

    if isinstance(error, ConnectionTimeout):
        return f"did not answer within {timeout:g} s"
    if isinstance(error, SSLError):
        return "showed a certificate that is not trusted"
    if isinstance(error, SerializationError):
        return "answered something that is not JSON"
    return "cannot be reached"


def _with_port(name: str, url: str) -> str:
    """The client insists on a port; an address without one means its scheme's."""
    try:
        parts = urlsplit(url)
        port = parts.port or _PORTS[parts.scheme]
    except (KeyError, ValueError):
        hint = "Operations can correct its urls in shipmate.yaml: https://host:9200."
        raise Refused(f"An address of {name} is not a URL.", hint) from None
    if parts.port:
        return url
    return parts._replace(netloc=f"{parts.netloc.rstrip(':')}:{port}").geturl()
