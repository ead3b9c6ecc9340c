"""logs: the newest lines that match, as an excerpt with a link to all of them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime

from bot.backends import Backends
from bot.command import Query
from bot.faults import Refused
from bot.grammar import write
from bot.grammar.values import Duration, Environment, Level, Limit, Project, Text
from bot.mrkdwn import inert
from bot.ports import LogLine, LogPage, LogQuery, Person
from bot.redact import redact_lines
from bot.reply import Block, Button, Buttons, Code, Context, Reply
from bot.reply import Text as Paragraph
from bot.settings import LogSource

SINCE = Duration(15 * 60)
LIMIT = Limit(50)


@dataclass(frozen=True)
class Logs(Query):
    """Show the newest log lines that match."""

    usage = "logs <project> in <environment> [since <since>] [level <level>] [grep <text>] [limit <limit>]"
    examples = (
        "logs web in trunk",
        "logs web in product since 1h level error",
        'logs api in dev grep "order 4711"',
    )
    aliases = ("log",)

    project: Project
    environment: Environment
    since: Duration | None = None
    level: Level | None = None
    text: Text | None = None
    limit: Limit | None = None

    def answer(self, asker: Person, on: Backends) -> Reply:  # noqa: ARG002  # every query is asked by somebody
        source = on.settings.target(self.project, self.environment).logs
        if source is None:
            raise Refused(
                f"No log store is configured for {self.target}.", "Operations add it in shipmate.yaml."
            )
        store = on.logs(source.elasticsearch)
        query = self._query(source)
        return self._reply(store.search(query), store.link(query, source.data_view))

    def _query(self, source: LogSource) -> LogQuery:
        return LogQuery(
            index=source.index,
            since=datetime.now(UTC) - (self.since or SINCE).delta,
            level=self.level,
            text=self.text,
            limit=self.limit or LIMIT,
            filters=source.filters,
        )

    def _reply(self, page: LogPage, link: str) -> Reply:
        summary = self._summary(page)
        shown, hidden = redact_lines([_line(line) for line in page.lines]) if page.lines else ((), 0)
        blocks: list[Block] = [Paragraph(f"*{summary}*")]
        if shown:
            blocks.append(Code(tuple(shown)))
        notes = _notes(page, hidden)
        if notes:
            blocks.append(Context(notes))
        blocks.append(Buttons(self._buttons(link)))
        return Reply(summary, tuple(blocks))

    def _summary(self, page: LogPage) -> str:
        level = f" at {self.level} or worse" if self.level else ""
        text = f' with "{inert(self.text)}"' if self.text else ""
        number = f"{page.total:,}" if page.total_is_exact else f"over {page.total:,}"
        found = f"{number} lines" if page.total != 1 else "1 line"
        if not page.lines:
            found = "no lines"
        more = f", the newest {len(page.lines)}" if page.total > len(page.lines) > 0 else ""
        return f"{self.target}: {found}{level}{text} in the last {self.since or SINCE}{more}"

    def _buttons(self, link: str) -> tuple[Button, ...]:
        """The same question again, asked a little differently."""
        wider = Duration(min((self.since or SINCE) * 4, 7 * 86_400))
        buttons = [
            Button("Only errors", write(replace(self, level=Level("error")))),
            Button("Wider", write(replace(self, since=wider))),
        ]
        if link:
            buttons.append(Button("Open in Kibana", "", url=link))
        return tuple(buttons)


def _line(line: LogLine) -> str:
    return f"{line.at:%H:%M:%S} {line.level.upper():<5} {line.pod} {line.message}"


def _notes(page: LogPage, hidden: int) -> str:
    notes = ["Times are UTC."] if page.lines else []
    if hidden:
        notes.append(f"{hidden} secret value{'s' if hidden > 1 else ''} hidden.")
    if page.partial:
        notes.append(f"Part of the log store did not answer: {inert(page.partial)}.")
    return " ".join(notes)
