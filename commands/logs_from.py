"""Logs from elsewhere than the log store: what Kubernetes kept of the pods, or Jenkins of a build."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from bot.backends import Backends
from bot.excerpt import console_excerpt
from bot.faults import Forbidden, Refused
from bot.grammar import write
from bot.language import N_, _, counted
from bot.mrkdwn import inert
from bot.ports import NOT_READ, Cluster, Place, Pod
from bot.reply import Block, Button, Buttons, Code, Context, File, Reply, Text
from bot.words import listed, sentences
from commands import logs_lines
from commands.logs_records import hidden
from commands.logs_window import window_of

if TYPE_CHECKING:
    from commands.logs import Logs

MOST_PODS = 3
LINES = 50
SEARCHED = 5_000
"""Lines of each pod that are gone through for a text."""


def from_pods(command: Logs, now: datetime, on: Backends) -> Reply:
    """The last lines of each pod, those in trouble first. They do not pass the log pipeline."""
    _only_text(command, _("A pod's own log can only be searched with `grep`."))
    target = on.settings.target(command.project, command.environment)
    cluster = on.cluster(target.cluster)
    pods = [pod for pod in cluster.pods(target.place) if pod.name.startswith(command.pod or "")]
    if not pods:
        raise _no_pod(command)
    if command.container and not any(command.container in pod.containers for pod in pods):
        raise _no_container(command, pods[0])
    count = SEARCHED if command.text else command.limit or LINES
    since = _seconds_back(command, now)
    read = dict(_read(command, cluster, target.place, pod, count, since) for pod in pods[:MOST_PODS])
    found = {pod: _with(lines, command.text) for pod, lines in read.items()}
    whole = tuple(line for pod, lines in found.items() for line in (f"== {pod}", *lines))
    return _told(command, _pods_summary(command, len(read), len(pods)), found, whole, on)


def _seconds_back(command: Logs, now: datetime) -> int | None:
    """`since 10m` and `for 10m` are the last ten minutes: Kubernetes knows no other end of a log."""
    if command.since and command.length:
        raise Refused(
            _("A pod's own log is read up to now: give one stretch of time."), _("`since 10m`, or `for 10m`.")
        )
    if not command.since and not command.length:
        return None
    return round((now - window_of(command, now).since).total_seconds())


def _no_pod(command: Logs) -> Refused:
    target, hint = str(command.target), _("`status` shows what runs.")
    if not command.pod:
        return Refused(_("{target} has no pod.", target=target), hint)
    return Refused(
        _("{target} has no pod whose name begins with {pod}.", target=target, pod=str(command.pod)), hint
    )


def _pods_summary(command: Logs, read: int, count: int) -> str:
    of = _("{read} of {count} pods", read=read, count=count) if count > read else _("its pods")
    target = str(command.target)
    if not command.text:
        return _("{target}: the last lines of {pods}, as Kubernetes kept them", target=target, pods=of)
    return _(
        '{target}: the last lines with "{text}" of {pods}, as Kubernetes kept them',
        target=target,
        text=inert(command.text),
        pods=of,
    )


def _no_container(command: Logs, pod: Pod) -> Refused:
    names = {"pod": pod.name, "container": str(command.container)}
    return Refused(
        _("{pod} has no container {container}.", **names),
        _("It has: {names}.", names=listed([f"`{name}`" for name in pod.containers])),
    )


def _read(
    command: Logs, cluster: Cluster, place: Place, pod: Pod, count: int, since: int | None
) -> tuple[str, tuple[str, ...]]:
    """A heading, and lines of the container that was named, or is in trouble, or is the target's own.

    One that was just started again has printed nothing yet: then those of the run before.
    """
    container = command.container or pod.wrong or place.container
    own, name = replace(place, container=container), pod.name
    if container != place.container:
        name = _("{pod}, container {container}", pod=pod.name, container=container)
    lines = _lines(cluster, own, pod.name, count, since)
    before = _lines(cluster, own, pod.name, count, since, True) if pod.restarts and not lines else ()
    return (_("{pod}, before its last restart", pod=name), before) if before else (name, lines)


def _lines(
    cluster: Cluster, place: Place, pod: str, count: int, since: int | None, previous: bool = False
) -> tuple[str, ...]:
    """Nothing of a pod that has no log yet, or has gone meanwhile: the others are still of use."""
    try:
        return cluster.pod_log(place, pod, count, previous=previous, since=since)
    except Forbidden:
        raise
    except Refused:
        return ()


def from_build(command: Logs, _now: datetime, on: Backends) -> Reply:
    """A build's console: around the first error, and its end; all that was read as a file."""
    _only_text(command, _("A console can only be searched with `grep`."))
    if command.since or command.length or command.pod or command.container:
        raise Refused(
            _("A build's console has no times and no pods."),
            _("Leave those words out; `grep` and `limit` narrow it."),
        )
    job = on.settings.job(command.project, command.environment)
    number = command.source.build if command.source else None
    assert number is not None
    lines = on.builder(job.jenkins).console(job.path, number).splitlines()
    excerpt = () if command.text else tuple(console_excerpt("\n".join(lines)))
    parts = {_("Around the error"): excerpt} if _tells_more(excerpt, lines) else {}
    matching = _with(tuple(lines), command.text)
    parts[_("The end")] = matching[-(command.limit or LINES) :]
    whole = _with(tuple(lines), None)
    summary = _console_summary(command, inert(job.path), matching)
    return _told(command, summary, parts, whole, on)


def _console_summary(command: Logs, job: str, matching: tuple[str, ...]) -> str:
    """How many lines there are; only of those that were read where that is not all of them."""
    number = command.source.build if command.source else None
    gaps = matching.count(_(NOT_READ))
    count = len(matching) - gaps
    if gaps:
        return _ends_summary(command.text, job, number, count)
    if not command.text:
        return counted(
            "{job} #{number}, {n:,} line", "{job} #{number}, {n:,} lines", count, job=job, number=number
        )
    text = inert(command.text)
    return counted(
        '{job} #{number}: {n:,} line with "{text}"',
        '{job} #{number}: {n:,} lines with "{text}"',
        count,
        job=job,
        number=number,
        text=text,
    )


def _ends_summary(text: str | None, job: str, number: int | None, count: int) -> str:
    if not text:
        return counted(
            "{job} #{number}, only its beginning and end were read: {n:,} line",
            "{job} #{number}, only its beginning and end were read: {n:,} lines",
            count,
            job=job,
            number=number,
        )
    return counted(
        '{job} #{number}: {n:,} line with "{text}" in its beginning and end; the middle was not read',
        '{job} #{number}: {n:,} lines with "{text}" in its beginning and end; the middle was not read',
        count,
        job=job,
        number=number,
        text=inert(text),
    )


def _tells_more(excerpt: tuple[str, ...], lines: list[str]) -> bool:
    """Whether an excerpt stands before what is shown anyway."""
    return bool(excerpt) and excerpt[-1] not in lines[-len(excerpt) :]


def _told(
    command: Logs, summary: str, parts: dict[str, tuple[str, ...]], whole: tuple[str, ...], on: Backends
) -> Reply:
    """Parts with their headings; what did not fit is in a file."""
    blocks: list[Block] = []
    gone, cut = 0, 0
    for name, lines in parts.items():
        shown = logs_lines.show_plain(lines, command.text or "", logs_lines.ROOM // len(parts))
        blocks.append(Text(_head(inert(name), shown)))
        blocks += [Code(shown.lines)] if shown.lines else []
        gone, cut = gone + shown.hidden, cut + shown.left_out
    partly = _(NOT_READ) in whole
    notes = [hidden(gone)] if gone else []
    if partly:
        notes.append(_("It is too long to be read whole: a line marks what was neither read nor searched."))
    file = None
    if cut or len(whole) > sum(len(lines) + 1 for lines in parts.values()):
        every, some = N_("All of it is in the file in the thread."), N_("What was read is in the file.")
        notes.append(_(some if partly else every))
        key = on.files.keep("\n".join(logs_lines.show_plain(whole, "").all) + "\n")
        name = f"{command.project}-{command.environment}-{'-'.join((command.source or '').split())}-{key[:4]}.log"
        file = File(name, summary, key)
    again = Button(_("Refresh"), write(command))
    store = Button(_("From the log store"), f"logs {command.project} in {command.environment}")
    foot: list[Block] = [Context(sentences(*notes))] if notes else []
    return Reply(summary, (Text(f"*{summary}*"), *blocks, *foot, Buttons((again, store))), file=file)


def _head(name: str, shown: logs_lines.Plain) -> str:
    """What a part is, and whether it is all of it."""
    if not shown.lines:
        return _("*{part}*: nothing", part=name)
    if not shown.left_out:
        return f"*{name}*"
    return _(
        "*{part}*: the newest {shown} of {n:,} lines", part=name, shown=len(shown.lines), n=len(shown.all)
    )


def _with(lines: tuple[str, ...], text: str | None) -> tuple[str, ...]:
    """Those with the text, and the marks of what was not read: it may stand there."""
    told = (_(NOT_READ) if line == NOT_READ else line for line in lines)
    return tuple(line for line in told if not text or line == _(NOT_READ) or text.lower() in line.lower())


def _only_text(command: Logs, why: str) -> None:
    """Raises Refused for what only the log store can answer."""
    if command.view or command.query or command.trace or command.level or command.between or command.around:
        raise Refused(why, _("Leave the rest out."))
