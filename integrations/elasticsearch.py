"""Elasticsearch: log lines are searched, newest first. Versions 8 and 9 of the server.

Implements `bot.ports.LogStore`. What people type goes into requests as values (integrations/
elasticsearch_query.py); what goes wrong becomes one of our faults (integrations/elasticsearch_http.py).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from threading import Event
from typing import Any

from bot.faults import Refused, Unavailable
from bot.ports import LogLine, LogPage, LogQuery, Seen, Signature, Signatures, Tell, Topic
from bot.severity import is_grave
from integrations import elasticsearch_query as bodies
from integrations import lucene
from integrations.elasticsearch_http import Connection, TooLarge, partial
from integrations.elasticsearch_lines import NEVER, line_of
from integrations.kibana import discover_url
from integrations.log_fields import PRESETS

Json = dict[str, Any]

FIRST_PAGE, PAGE = 250, 1_000
"""Lines in one answer; more are read page by page, within a point in time. The first shows how long they are."""
PAGE_CHARACTERS = 2_000_000
"""What a page is to hold, by those before it."""
MOST_LINES = 10_000
MOST_CHARACTERS, MOST_READ = 4_000_000, 32_000_000
"""A long read ends with so many characters of what is kept, or of what had to be read for it."""
FEWER = 10
"""Times fewer lines are asked for when an answer was too large."""
FIGURES_SECONDS = 1.0
"""What stands beside the lines may take the log store so long; without it the answer says less."""
LOOK_SECONDS = 2.0
"""Between two looks at what is followed: a message in Slack may change 50 times a minute, not more."""
NEWS = "more lines"  # not said: a kind of topic
"""The kind of topic that `growing` gives."""


class Elasticsearch:
    """`timeout` in seconds for one search, `fields` one of "ecs", "logstash", "rsyslog".

    `names`: fields that differ from the preset's, by role. `api_key` in its encoded form; `ca` the path of a
    PEM file. Raises Refused for an address that is none.
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
        names: Mapping[str, Sequence[str]] | None = None,
    ) -> None:
        self._short = name
        self._timeout = timeout
        self._fields = PRESETS[fields].but(names or {})
        self._kibana = kibana
        basic_auth = (user, password or "") if user else None
        self._http = Connection(name, urls, api_key, basic_auth, ca, timeout)

    def search(self, query: LogQuery) -> LogPage:
        """The newest lines that match, oldest first, and the figures around them, in one round trip.

        Lines that are very long are read a few at a time, as far as is reasonable.
        """
        query = _checked(query)
        now = datetime.now(UTC)
        few = query.limit <= FIRST_PAGE
        try:
            answers = self._figured(replace(query, limit=query.limit if few else 0), now)
        except TooLarge:
            few = False
            answers = self._figured(replace(query, limit=0), now)
        found, newest, ahead, before, *others = answers
        total = found["hits"]["total"]
        if few:
            lines, missing, cut = self._read(found["hits"]["hits"]), partial(found), False
        else:
            lines, missing, cut = self._long_read(query)
        return LogPage(
            lines=lines,
            total=total["value"],
            total_is_exact=total["relation"] == "eq",
            errors=_counted(others[0]) if others else total["value"],
            errors_before=_counted(before),
            newest=self._moment(newest) or (lines[-1].at if lines else None),
            ahead=_counted(ahead) or 0 if query.until is None else 0,
            partial=missing,
            cut=cut,
        )

    def _figured(self, query: LogQuery, now: datetime) -> list[Json]:
        """The lines; the newest; how many are of the future; the errors before, and now unless all of them are."""
        fields, figures = self._fields, min(self._timeout, FIGURES_SECONDS)
        asked = [
            bodies.lines(query, fields, self._timeout),
            bodies.newest(query, fields, figures),
            bodies.ahead(query, fields, figures),
            bodies.before(query, fields, figures, now),
        ]
        grave = is_grave(query.level)
        return self._all(query.index, *asked, *(() if grave else (bodies.errors(query, fields, figures),)))

    def signatures(self, query: LogQuery, most: int, split: datetime) -> Signatures:
        query = _checked(query)
        try:
            answer, newest = self._kinds(query, most, split)
        except TooLarge:
            answer, newest = self._kinds(query, most, split, wordless=True)
        found = answer["aggregations"]
        buckets = found["signatures"]["buckets"]
        return Signatures(
            all=[self._signature(bucket) for bucket in buckets],
            total=answer["hits"]["total"]["value"],
            early=found["early"]["doc_count"],
            cut=len(buckets) >= most,
            newest=self._moment(newest),
            partial=partial(answer),
        )

    def _kinds(self, query: LogQuery, most: int, split: datetime, wordless: bool = False) -> list[Json]:
        body = bodies.signatures(query, self._fields, self._timeout, most, split, wordless)
        return self._all(query.index, body, bodies.newest(query, self._fields, self._timeout))

    def _signature(self, bucket: Json) -> Signature:
        (example,) = bucket["example"]["hits"]["hits"]
        first = datetime.fromtimestamp(bucket["first"]["value"] / 1000, UTC)
        count, early = bucket["doc_count"], bucket["early"]["doc_count"]
        line = line_of(example, self._fields)
        return Signature(
            bucket["key"], count, early, first, line if line.message else replace(line, message=bucket["key"])
        )

    def first_seen(self, query: LogQuery, texts: Sequence[str]) -> list[datetime | None]:
        timeout = min(self._timeout, FIGURES_SECONDS)
        asked = [bodies.first_seen(query, self._fields, timeout, text) for text in texts]
        return [self._moment(answer) for answer in self._all(query.index, *asked)] if asked else []

    def newest(self, indices: Sequence[str]) -> dict[str, datetime | None]:
        body = bodies.newest(LogQuery("", datetime.now(UTC)), self._fields, self._timeout)
        answers = self._http.search_all([(index, body) for index in indices]) if indices else []
        return {
            index: self._moment(answer)
            for index, answer in zip(indices, answers, strict=True)
            if not isinstance(answer, Refused)
        }

    def link(self, query: LogQuery, data_view: str) -> str:
        return discover_url(self._kibana, data_view, query, self._fields) if self._kibana else ""

    # -- what is followed

    def growing(self, query: LogQuery) -> Topic:
        return Topic("elasticsearch", self._short, NEWS, (bodies.to_text(query),))

    def look(self, topic: Topic) -> Seen:
        (seen,) = self._look([topic])
        return seen

    def watch(self, topics: Callable[[], Collection[Topic]], tell: Tell, stop: Event) -> None:
        """Ask for everything that is followed at once."""
        while not stop.wait(LOOK_SECONDS):
            asked = list(topics())
            for topic, seen in zip(asked, self._look(asked), strict=True):
                tell(topic, seen)

    def _look(self, topics: Sequence[Topic]) -> list[Seen]:
        queries = [_checked(bodies.from_text(topic.args[0])) for topic in topics]
        asked = [(query.index, bodies.mark(query, self._fields, self._timeout)) for query in queries]
        try:
            answers = self._http.search_all(asked) if asked else []
        except (Refused, Unavailable) as trouble:
            return [Seen(False, trouble=trouble.words.rstrip(".")) for _topic in topics]
        return [_seen(answer) for answer in answers]

    # -- reading

    def _all(self, index: str, *asked: Json) -> list[Json]:
        """Several searches of one index, in one round trip."""
        answers = self._http.search_all([(index, body) for body in asked])
        for answer in answers:
            if isinstance(answer, Refused):
                raise answer
        return [answer for answer in answers if not isinstance(answer, Refused)]

    def _long_read(self, query: LogQuery) -> tuple[list[LogLine], str | None, bool]:
        """Up to MOST_LINES, oldest first; which part of the store did not answer; whether it ended before that."""
        lines: list[LogLine] = []
        kept, read, missing = 0, 0, None
        for answer in self._pages(query):
            found = [line_of(hit, self._fields) for hit in answer["hits"]["hits"]]
            lines += found
            kept += sum(len(line.message) for line in found)
            read += self._characters(answer)
            missing = missing or partial(answer)
            if kept >= MOST_CHARACTERS or read >= MOST_READ:
                return lines[::-1], missing, len(lines) < min(query.limit, MOST_LINES)
        return lines[::-1], missing, False

    def _characters(self, answer: Json) -> int:
        """How many were read, of whatever is kept of them."""
        name = self._fields.message
        return sum(
            len(text) for hit in answer["hits"]["hits"] for text in hit.get("fields", {}).get(name, ())
        )

    def _pages(self, query: LogQuery) -> Iterator[Json]:
        """One page after the other, all of the same moment (a point in time), newest first."""
        left, most = min(query.limit, MOST_LINES), FIRST_PAGE
        point, after = self._http.open_point(query.index), None
        try:
            while left > 0:
                size = min(most, left)
                try:
                    answer = self._page(replace(query, limit=size), point, after)
                except TooLarge:
                    if size > 1:
                        most = max(1, size // FEWER)
                        continue
                    answer = self._page(replace(query, limit=1), point, after, wordless=True)
                yield answer
                hits, point = answer["hits"]["hits"], answer["pit_id"]
                if len(hits) < size:
                    return
                after, left = hits[-1]["sort"], left - size
                most = _next_page(size, self._characters(answer))
        finally:
            self._http.close_point(point)

    def _page(self, query: LogQuery, point: str, after: list[Any] | None, wordless: bool = False) -> Json:
        body = bodies.page(query, self._fields, self._timeout, point, after, wordless)
        return self._http.ask("POST", "/_search", body, query.index)

    def _read(self, hits: Sequence[Json]) -> list[LogLine]:
        return [line_of(hit, self._fields) for hit in reversed(hits)]

    def _moment(self, answer: Json) -> datetime | None:
        hits = answer["hits"]["hits"]
        at = line_of(hits[0], self._fields).at if hits else NEVER
        return at if at > NEVER else None


def _checked(query: LogQuery) -> LogQuery:
    """Raises Refused for a query that would read everything."""
    if query.lucene:
        lucene.check(query.lucene)
    return query


def _next_page(size: int, characters: int) -> int:
    """How many lines to read next, if they are as long as the `size` before; never much more than those."""
    fitting = PAGE_CHARACTERS * size // max(1, characters)
    return max(1, min(PAGE, fitting, size * FEWER))


def _counted(answer: Json) -> int | None:
    """None: not of all of them."""
    return None if partial(answer) else int(answer["hits"]["total"]["value"])


def _seen(answer: Json | Refused) -> Seen:
    if isinstance(answer, Refused):
        return Seen(False, trouble=answer.message)
    hits = answer["hits"]["hits"]
    last = hits[0]["sort"] if hits else []
    return Seen(False, progress=f"{answer['hits']['total']['value']} {last}")
