"""How a change ended, as a mail: text and HTML, in the language spoken. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from html import escape

from bot.changelogs import Kept
from bot.grammar.times import zone_of
from bot.language import N_, YEAR, _, counted, spoken
from bot.lifecycle import State
from bot.operation import Operation
from bot.ports import Letter
from bot.redact import redact, redact_lines
from bot.spoken import in_words
from bot.words import duration, headline, written

ENDED = {
    State.SUCCEEDED: N_("done"),
    State.FAILED: N_("FAILED"),
    State.CANCELLED: N_("cancelled"),
    State.DENIED: N_("denied"),
    State.EXPIRED: N_("expired"),
    State.REFUSED: N_("refused"),
}
STOP = N_(
    "You get this as you asked for the change, or as a member of the project's list. "
    "Write `mail off` to Shipmate to get none for what you ask for."
)
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
    return Letter(
        id=f"<{operation.id}.{int(operation.opened)}.result.{spoken()}@{domain}>",
        thread=f"<{operation.id}.{int(operation.opened)}@{domain}>",
        sender=sender,
        to=to,
        subject=" ".join(_subject(operation).split())[:200],
        text="\n".join([*_plain(operation, facts), "", "-- ", _(STOP), ""]),
        html=_html(operation, facts),
    )


def _subject(operation: Operation) -> str:
    return _(
        "{text}: {ended}",
        text=redact(in_words(headline(operation.text))).text,
        ended=_(ENDED[operation.state]),
    )


def _plain(operation: Operation, facts: Facts) -> Iterator[str]:
    yield _subject(operation)
    yield ""
    yield from _summary(operation)
    yield _asked(operation)
    if facts.changes is not None and facts.changes.commits:
        yield ""
        yield _headline(facts.changes)
        yield from (f"  {commit}" for commit in _commits(facts.changes))
    log = _log(operation)
    if log:
        yield from ("", _("Log:"), *(f"  {line}" for line in log))
    links = list(_links(operation, facts))
    if links:
        yield ""
        yield from (f"{label}: {url}" for label, url in links)


def _html(operation: Operation, facts: Facts) -> str:
    """Inline styles only: mail programs know no others."""
    colour = COLOURS.get(operation.state, NEITHER)
    parts = [
        f'<p style="font-size:17px;margin:0 0 8px"><b>{escape(redact(in_words(operation.text)).text)}</b>: '
        f'<b style="color:{colour}">{escape(_(ENDED[operation.state]))}</b></p>',
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
            '<pre style="background:#f6f8fa;padding:8px;white-space:pre-wrap;word-break:break-word;'
            f'font-size:12px">{lines}</pre>'
        )
    for label, url in _links(operation, facts):
        parts.append(f'<p><a href="{escape(url, quote=True)}">{escape(label)}</a></p>')
    parts.append(f'<hr><p style="color:{NEITHER};font-size:12px">{escape(_(STOP))}</p>')
    body = "\n".join(parts)
    return (
        f'<!doctype html><html lang="{spoken()}"><meta name="viewport" content="width=device-width">'
        '<body style="font-family:sans-serif;max-width:640px;margin:16px;overflow-wrap:anywhere">\n'
        f"{body}\n</body></html>\n"
    )


def _summary(operation: Operation) -> Iterator[str]:
    if operation.outcome is None:
        return
    yield redact(operation.outcome.summary).text
    if operation.outcome.reference:
        yield _("Tell operations this reference: {reference}", reference=operation.outcome.reference)


def _asked(operation: Operation) -> str:
    zone = zone_of(operation.actor.tz)
    at = datetime.fromtimestamp(operation.opened, zone)
    took = duration((operation.finished or operation.opened) - operation.opened)
    return _(
        "Asked by {who}, {when}; took {took}.",
        who=operation.actor.name,
        when=written(at, YEAR),
        took=took,
    )


def _headline(changes: Kept) -> str:
    if changes.back:
        return counted("Takes back {n} change:", "Takes back {n} changes:", changes.count)
    return counted("{n} change, newest first:", "{n} changes, newest first:", changes.count)


def _commits(changes: Kept) -> Iterator[str]:
    for commit in changes.commits:
        short = commit.id if commit.id.startswith("r") else commit.id[:7]
        yield f"{short} {redact(commit.message).text} ({commit.author})"
    left = changes.count - len(changes.commits)
    if left > 0:
        yield _("and {n} more", n=left)


def _log(operation: Operation) -> list[str]:
    outcome = operation.outcome
    lines = (*outcome.excerpt, *outcome.events) if outcome else ()
    return list(redact_lines(lines)[0]) if lines else []


def _links(operation: Operation, facts: Facts) -> Iterator[tuple[str, str]]:
    """What each shows, and its address."""
    if facts.changes is not None:
        yield _("Build {number}", number=facts.changes.build), facts.changes.url
    if facts.chat_url:
        yield _("Message in chat"), facts.chat_url
    if operation.outcome and operation.outcome.link:
        yield _("More"), operation.outcome.link
