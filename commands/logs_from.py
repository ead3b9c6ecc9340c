"""Logs from elsewhere than the log store: what Kubernetes kept of the pods, or Jenkins of a build."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from bot.backends import Backends
from bot.excerpt import console_excerpt
from bot.faults import Refused
from bot.grammar import write
from bot.mrkdwn import inert
from bot.ports import Cluster, Place
from bot.reply import Block, Button, Buttons, Code, Context, File, Reply, Text
from commands import logs_lines
from commands.logs_window import window_of

if TYPE_CHECKING:
    from commands.logs import Logs

MOST_PODS = 3
LINES = 50
SEARCHED = 5_000
"""Lines of each pod that are gone through for a text."""


def from_pods(command: Logs, now: datetime, on: Backends) -> Reply:
    """The last lines of each pod, those in trouble first. They do not pass the log pipeline."""
    _only_text(command, "A pod's own log")
    target = on.settings.target(command.project, command.environment)
    cluster = on.cluster(target.cluster)
    names = [pod.name for pod in cluster.pods(target.place) if pod.name.startswith(command.pod or "")]
    if not names:
        named = f" whose name begins with {command.pod}" if command.pod else ""
        raise Refused(f"{command.target} has no pod{named}.", "`status` shows what runs.")
    count = SEARCHED if command.text else command.limit or LINES
    since = round((now - window_of(command, now).since).total_seconds()) if command.since else None
    read = {pod: _lines(cluster, target.place, pod, count, since) for pod in names[:MOST_PODS]}
    found = {pod: _with(lines, command.text) for pod, lines in read.items()}
    whole = tuple(line for pod, lines in found.items() for line in (f"== {pod}", *lines))
    text = f' with "{inert(command.text)}"' if command.text else ""
    of = f"{len(read)} of {len(names)} pods" if len(names) > len(read) else "its pods"
    summary = f"{command.target}: the last lines{text} of {of}, as Kubernetes kept them"
    return _told(command, summary, found, whole, on)


def _lines(cluster: Cluster, place: Place, pod: str, count: int, since: int | None) -> tuple[str, ...]:
    """Nothing of a pod that has no log yet, or has gone meanwhile: the others are still of use."""
    try:
        return cluster.pod_log(place, pod, count, since=since)
    except Refused:
        return ()


def from_build(command: Logs, _now: datetime, on: Backends) -> Reply:
    """A build's console: around the first error, and its end; all that was read as a file."""
    _only_text(command, "A console")
    job = on.settings.job(command.project, command.environment)
    number = command.source.build if command.source else None
    assert number is not None
    lines = on.builder(job.jenkins).console(job.path, number).splitlines()
    excerpt = () if command.text else tuple(console_excerpt("\n".join(lines)))
    parts = {"Around the error": excerpt} if _tells_more(excerpt, lines) else {}
    parts["The end"] = _with(tuple(lines), command.text)[-(command.limit or LINES) :]
    text = f' with "{inert(command.text)}"' if command.text else ""
    found = f": {len(parts['The end'])} lines{text}" if command.text else f", {len(lines):,} lines"
    return _told(command, f"{inert(job.path)} #{number}{found}", parts, tuple(lines), on)


def _tells_more(excerpt: tuple[str, ...], lines: list[str]) -> bool:
    """Whether an excerpt stands before what is shown anyway."""
    return bool(excerpt) and excerpt[-1] not in lines[-len(excerpt) :]


def _told(
    command: Logs, summary: str, parts: dict[str, tuple[str, ...]], whole: tuple[str, ...], on: Backends
) -> Reply:
    """Parts with their headings; what did not fit is in a file."""
    blocks: list[Block] = []
    hidden, cut = 0, 0
    for name, lines in parts.items():
        shown = logs_lines.show_plain(lines, command.text or "", logs_lines.ROOM // len(parts))
        blocks.append(Text(f"*{inert(name)}*{'' if shown.lines else ': nothing'}"))
        blocks += [Code(shown.lines)] if shown.lines else []
        hidden, cut = hidden + shown.hidden, cut + shown.left_out
    notes = [f"{hidden} value{'s' if hidden > 1 else ''} hidden."] if hidden else []
    file = None
    if cut or len(whole) > sum(len(lines) + 1 for lines in parts.values()):
        notes.append("All of it is in the file in the thread.")
        key = on.files.keep("\n".join(logs_lines.show_plain(whole, "").all) + "\n")
        name = f"{command.project}-{command.environment}-{'-'.join((command.source or '').split())}-{key[:4]}.log"
        file = File(name, summary, key)
    again = Button("Refresh", write(command))
    store = Button("From the log store", f"logs {command.project} in {command.environment}")
    foot: list[Block] = [Context(" ".join(notes))] if notes else []
    return Reply(summary, (Text(f"*{summary}*"), *blocks, *foot, Buttons((again, store))), file=file)


def _with(lines: tuple[str, ...], text: str | None) -> tuple[str, ...]:
    return tuple(line for line in lines if text.lower() in line.lower()) if text else lines


def _only_text(command: Logs, what: str) -> None:
    """Raises Refused for what only the log store can answer."""
    if command.view or command.query or command.trace or command.level or command.between or command.around:
        raise Refused(f"{what} can only be searched with `grep`.", "Leave the rest out.")
