"""How a change ended, as a mail: text and HTML. Pure. Every word of it stands in `WORDS`, for translation."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from html import escape

from bot.changelogs import Kept
from bot.grammar.times import zone_of
from bot.lifecycle import State
from bot.operation import Operation
from bot.ports import Letter
from bot.redact import redact, redact_lines
from bot.words import duration, plural

WORDS = {
    State.SUCCEEDED: "done",
    State.FAILED: "FAILED",
    State.CANCELLED: "cancelled",
    State.DENIED: "denied",
    State.EXPIRED: "expired",
    "subject": "{text}: {ended}",
    "asked": "Asked by {who}, {when}; took {took}.",
    "changes": "{count}, newest first:",
    "back": "Takes back {count}:",
    "more": "and {count} more",
    "log": "Log:",
    "build": "Build {number}: {url}",
    "chat": "Message in chat: {url}",
    "open": "More: {url}",
    "reference": "Tell operations this reference: {reference}",
    "stop": "You get this as you asked for the change, or as a member of the project's list. "
    "Write `mail off` to Shipmate to get none for what you ask for.",
}
COLOURS = {State.SUCCEEDED: "#1a7f37", State.FAILED: "#b42318"}
NEITHER = "#57606a"


@dataclass(frozen=True)
class Facts:
    """What a mail says beside the operation itself."""

    changes: Kept | None = None
    chat_url: str = ""


def letter(operation: Operation, facts: Facts, sender: str, to: tuple[str, ...]) -> Letter:
    """The mail about an operation that has ended."""
    domain = sender.rpartition("@")[2]
    ended = WORDS[operation.state]
    subject = _say("subject", text=redact(operation.text).text, ended=ended)
    return Letter(
        id=f"<{operation.id}.{int(operation.opened)}.result@{domain}>",
        thread=f"<{operation.id}.{int(operation.opened)}@{domain}>",
        sender=sender,
        to=to,
        subject=" ".join(subject.split())[:200],
        text="\n".join([*_plain(operation, facts), "", "-- ", WORDS["stop"], ""]),
        html=_html(operation, facts),
    )


def _say(name: str, **values: str) -> str:
    return WORDS[name].format(**values)


def _plain(operation: Operation, facts: Facts) -> Iterator[str]:
    yield _say("subject", text=redact(operation.text).text, ended=WORDS[operation.state])
    yield ""
    yield from _summary(operation)
    yield _asked(operation)
    if facts.changes is not None and facts.changes.commits:
        yield ""
        yield _headline(facts.changes)
        yield from (f"  {commit}" for commit in _commits(facts.changes))
    log = _log(operation)
    if log:
        yield from ("", WORDS["log"], *(f"  {line}" for line in log))
    links = list(_links(operation, facts))
    if links:
        yield ""
        yield from (_say(name, **values) for name, values in links)


def _html(operation: Operation, facts: Facts) -> str:
    """Inline styles only: mail programs know no others."""
    colour = COLOURS.get(operation.state, NEITHER)
    parts = [
        f'<p style="font-size:17px;margin:0 0 8px"><b>{escape(redact(operation.text).text)}</b>: '
        f'<b style="color:{colour}">{escape(WORDS[operation.state])}</b></p>',
        *(f"<p>{escape(line)}</p>" for line in _summary(operation)),
        f'<p style="color:{NEITHER}">{escape(_asked(operation))}</p>',
    ]
    if facts.changes is not None and facts.changes.commits:
        rows = "".join(f"<li>{escape(commit)}</li>" for commit in _commits(facts.changes))
        parts.append(f"<p>{escape(_headline(facts.changes))}</p><ul>{rows}</ul>")
    log = _log(operation)
    if log:
        lines = escape("\n".join(log))
        parts.append(
            f'<pre style="background:#f6f8fa;padding:8px;white-space:pre-wrap;font-size:12px">{lines}</pre>'
        )
    for name, values in _links(operation, facts):
        url = escape(values["url"], quote=True)
        words = escape(_say(name, **{**values, "url": ""})).rstrip(": ")
        parts.append(f'<p><a href="{url}">{words}</a></p>')
    parts.append(f'<hr><p style="color:{NEITHER};font-size:12px">{escape(WORDS["stop"])}</p>')
    body = "\n".join(parts)
    return (
        '<!doctype html><html lang="en"><meta name="viewport" content="width=device-width">'
        f'<body style="font-family:sans-serif;max-width:640px;margin:16px">\n{body}\n</body></html>\n'
    )


def _summary(operation: Operation) -> Iterator[str]:
    if operation.outcome is None:
        return
    yield redact(operation.outcome.summary).text
    if operation.outcome.reference:
        yield _say("reference", reference=operation.outcome.reference)


def _asked(operation: Operation) -> str:
    zone = zone_of(operation.actor.tz)
    at = datetime.fromtimestamp(operation.opened, zone)
    took = duration((operation.finished or operation.opened) - operation.opened)
    return _say("asked", who=operation.actor.name, when=f"{at:%d %b %Y %H:%M %Z}", took=took)


def _headline(changes: Kept) -> str:
    return _say("back" if changes.back else "changes", count=plural(changes.count, "change"))


def _commits(changes: Kept) -> Iterator[str]:
    for commit in changes.commits:
        short = commit.id if commit.id.startswith("r") else commit.id[:7]
        yield f"{short} {redact(commit.message).text} ({commit.author})"
    left = changes.count - len(changes.commits)
    if left > 0:
        yield _say("more", count=str(left))


def _log(operation: Operation) -> list[str]:
    outcome = operation.outcome
    return list(redact_lines((*outcome.excerpt, *outcome.events))[0]) if outcome else []


def _links(operation: Operation, facts: Facts) -> Iterator[tuple[str, dict[str, str]]]:
    if facts.changes is not None:
        yield "build", {"number": str(facts.changes.build), "url": facts.changes.url}
    if facts.chat_url:
        yield "chat", {"url": facts.chat_url}
    if operation.outcome and operation.outcome.link:
        yield "open", {"url": operation.outcome.link}
