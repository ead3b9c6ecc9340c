"""logs: the newest lines that match, as an excerpt; or what stands out in them; or as they come."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from bot.backends import Backends
from bot.command import Query
from bot.faults import Refused
from bot.grammar import Between, Environment, Instant, Length, Level, Project, Since, Text
from bot.grammar.times import zone_of
from bot.language import _
from bot.ports import LogQuery, Person
from bot.reply import Reply
from bot.settings import LogSource
from bot.story import Story
from commands.logs_answer import Asked, lines
from commands.logs_follow import follow
from commands.logs_from import from_build, from_pods
from commands.logs_kinds import compare, top
from commands.logs_values import Container, Lines, Lucene, Pod, Source, Trace, View
from commands.logs_window import Window, window_of

LIMIT = Lines(40)
"""A message holds about so many lines; more come with *Older*, or as a file."""


@dataclass(frozen=True)
class Logs(Query):
    """Show the newest log lines that match, or what stands out in them."""

    reads = True
    usage = (
        "logs <project> in <environment> [<view>] [since <since>] [between <between>] [around <around>] "
        "[for <length>] [level <level>] [grep <text>] [pod <pod>] [trace <trace>] [query <query>] "
        "[from <source>] [container <container>] [limit <limit>]"
    )
    examples = (
        "logs web in trunk",
        'logs web in product since 1h level error grep "order 4711" limit 200',
        "logs web in product between 14:00 and 14:10",
        "logs web in product around 14:05 pod web-7f3",
        "logs web in product trace 4bf92f3577b34da6",
        "logs web in product query 'log.level:error AND order'",
        "logs web in product top since 1d",
        "logs web in product compare",
        "logs web in product follow for 10m",
        "logs web in product from build 42",
        "logs web in product from pod",
        "logs web in product from pod container web",
    )
    aliases = ("log",)

    project: Project
    environment: Environment
    view: View | None = None
    since: Since | None = None
    between: Between | None = None
    around: Instant | None = None
    length: Length | None = None
    level: Level | None = None
    text: Text | None = None
    pod: Pod | None = None
    container: Container | None = None
    trace: Trace | None = None
    query: Lucene | None = None
    source: Source | None = None
    limit: Lines | None = None

    def answer(self, asker: Person, on: Backends) -> Reply:
        now = datetime.now(zone_of(asker.tz))
        if self.source is not None:
            return (from_pods if self.source.build is None else from_build)(self, now, on)
        return VIEWS[self.view](self.asked(now, on), on)

    def run(self, story: Story, on: Backends) -> Reply:
        if self.view != "follow":
            return super().run(story, on)
        return follow(self, story, on)

    def asked(self, now: datetime, on: Backends) -> Asked:
        """The question with all that configuration and the time of day say about it."""
        target = on.settings.target(self.project, self.environment)
        where = f"logs {self.project} in {self.environment}"  # not said: a command
        if target.logs is None:
            raise Refused(
                _("No log store is configured for {target}.", target=str(self.target)),
                _(
                    "Operations add it in shipmate.yaml; until then: `{command}`.",
                    command=f"{where} from pod",
                ),
            )
        if self.container:
            raise Refused(
                _("Only a pod's own log is read by container."),
                _("For example `{command}`.", command=f"{where} from pod container {self.container}"),
            )
        if self.text and not re.search(r"\w", self.text):
            raise Refused(
                _("The log store finds words, and there is no letter or digit in that text."),
                _(
                    "Look for a word beside it, or in the pod's own log: `{command}`.",
                    command=f"{where} from pod",
                ),
            )
        window = window_of(self, now)
        return Asked(self, window, target.logs, self._query(target.logs, window))

    def _query(self, source: LogSource, window: Window) -> LogQuery:
        return LogQuery(
            index=source.index,
            since=window.since,
            until=None if window.reaches_now else window.until,
            level=self.level,
            text=self.text,
            pod=self.pod,
            trace=self.trace,
            lucene=self.query,
            limit=self.limit or LIMIT,
            filters=source.filters,
        )


VIEWS: dict[str | None, Callable[[Asked, Backends], Reply]] = {None: lines, "top": top, "compare": compare}
