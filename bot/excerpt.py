"""The part of a failing build's console that explains it. Pure; what errors look like is data.

The tail of a console tells that a build failed. Why stands earlier: at the first line that a tool prints
as the cause, else the first that reports a consequence, else the first that mentions an error at all.
"""

from __future__ import annotations

import re

MOST_COLUMNS = 300
"""Longer lines are cut."""
_LOOKED_AT = 500
"""Columns that are searched: an error says so early in its line, and lines can be megabytes long."""
_BEFORE = 3
"""Lines of context above the error."""

_UNSEEN = re.compile(
    r"\x1b\[8mha:[A-Za-z0-9+/=]*\x1b\[0m"  # annotations that Jenkins hides in its consoles
    r"|\x1b\[[0-?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)?|\x1b[@-Z\\-_]|\x1b[()][0-9A-Za-z]"
    r"|[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]"
)
_PREFIX = re.compile(
    r"(?:\[?\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d[\d.,]*(?:Z|[+-]\d\d:?\d\d)?\]?\s+"  # a time
    r"|\[?\d\d:\d\d:\d\d(?:[.,]\d+)?\]?\s+"
    r"|\#\d+ \d+\.\d+ )"  # BuildKit: step and seconds
)

NOISE = (
    r"\[Pipeline\] ",
    r"(?:\[INFO\] )?(?:Downloading|Downloaded)(?: from \w+)?: ",
    r"Progress \(\d+\): ",
    r"npm http fetch ",
    r"npm (?:ERR!|error)\s*$",
    r"remote: (?:Counting|Compressing|Enumerating) objects",
    r"(?:Receiving objects|Resolving deltas|Updating files): ",
    r"\[INFO\]\s*$",
)
"""Lines that say nothing about a failure and fill an excerpt."""

CAUSES = {
    "javac": r"\S+\.(?:java|groovy|scala):\d+: error: ",
    "maven": r"\[ERROR\] (?:COMPILATION ERROR|\S+\.(?:java|kt):\[\d+,\d+\]|.*<<< (?:FAILURE|ERROR)!"
    r"|Non-resolvable|Non-parseable|The project .* has \d+ error)"
    r"|.*Could not (?:resolve dependencies|find artifact)",
    "gradle": r"\* What went wrong:|e: \S+\.kts?:|> Could not resolve ",
    "webpack": r"ERROR in |Module not found: |.*Module parse failed|.*\bModuleNotFoundError: ",
    "javascript": r"(?:Uncaught )?(?:SyntaxError|ReferenceError|TypeError|RangeError): |.*\berror TS\d+: "
    r"|\s*\d+:\d+\s+error\s|Parse error: |.*\bUnexpected token: ",
    "npm": r"npm (?:ERR!|error) (?:code E(?!LIFECYCLE)|404|notarget|missing script|Missing script|peer )",
    "pip": r"ERROR: (?:Could not|No matching|Cannot|Failed building|Package )"
    r"|error: subprocess-exited-with-error|\s*error: (?:command|metadata)",
    "pytest": r"E {3,}\S|(?:FAILED|ERROR) \S+\.py(?:::| )",
    "python": r"Traceback \(most recent call last\)|(?:\w+\.)*\w*(?:Error|Exception): |\s*SyntaxError: ",
    "docker": r"(?:ERROR: )?failed to (?:solve|build|fetch|compute cache key)|Error response from daemon"
    r"|.*(?:manifest|pull access|repository) .*(?:unknown|denied)|(?:denied|unauthorized): "
    r"|Dockerfile:\d+|COPY failed|ADD failed|(?:Error: )?Cannot connect to the Docker daemon",
    "git": r"fatal: |error: (?:pathspec|failed to push|Your local changes|could not|unable to)|CONFLICT \("
    r"|.*hudson\.plugins\.git\.GitException",
    "svn": r"svn: E\d{6}: |svn: warning: W160013|.*org\.tmatesoft\.svn\S*Exception",
    "go": r"\S+\.go:\d+(?::\d+)?: |--- FAIL: |panic: |go: .*(?:not found|unknown revision|cannot find)",
    "compilers": r"\S+:\d+(?::\d+)?: (?:fatal )?error: |error\[E\d+\]: |ld: |.*undefined reference to ",
    "jvm": r"Exception in thread |(?:[\w$]+\.)+\w*(?:Exception|Error)(?:: |$)|.*java\.lang\.OutOfMemoryError",
    "machine": r".*No space left on device|.*Cannot allocate memory|.*\bOOMKilled\b|Killed$"
    r"|.*: command not found|.*: not found$|.*: Permission denied|.*Connection (?:refused|reset|timed out)"
    r"|.*Could not resolve host|.*certificate (?:has expired|verify failed)",
}
"""What each tool prints where things go wrong; matched from the start of a line."""

CONSEQUENCES = {
    "maven": r"\[ERROR\] \S",
    "gradle": r"FAILURE: Build failed|.*> Task \S+ FAILED|Execution failed for task",
    "npm": r"npm (?:ERR!|error) ",
    "yarn": r"error Command failed|error An unexpected error",
    "docker": r"The command '.*' returned a non-zero code|.*did not complete successfully: exit code"
    r"|.*executor failed running",
    "make": r"g?make(?:\[\d+\])?: \*\*\* ",
    "tests": r"FAILED? |FAILURES!|.*\b[1-9]\d* (?:tests? )?failed|Tests run: .*(?:Failures|Errors): [1-9]",
    "jenkins": r"ERROR: |hudson\.AbortException|Build step .* marked build as failure",
}
MENTIONS = {
    "an error": r".*(?<![\w./-])(?:error|fatal|exception|failed|failure|cannot|unable to|denied)"
    r"(?![\w/-]|\.\w)",
}
_HARMLESS = re.compile(
    r"\b(?:0|no|without) (?:error|failure|failed|exception)s?|(?:errors?|failures?|failed)[:=] ?0\b"
    r"|\[(?:INFO|DEBUG|WARN|WARNING)\]|\bwarning\b|\|\| true|continue-on-error|finished: failure|fail-?fast",
    re.IGNORECASE,
)


def _any(table: dict[str, str], flags: int = 0) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{pattern})" for pattern in table.values()), flags)


_NOISE = re.compile("|".join(NOISE))
_RANKS = (_any(CAUSES), _any(CONSEQUENCES), _any(MENTIONS, re.IGNORECASE))


def console_excerpt(text: str, most: int = 20) -> list[str]:
    """At most `most` lines around the first real error; the last lines when nothing looks like one."""
    lines = _readable(text)
    at = _first_error(lines)
    if at is None:
        return [_cut(line) for line in lines[-most:]]
    start = max(0, min(at - min(_BEFORE, most // 4), len(lines) - most))
    return [_cut(line) for line in lines[start : start + most]]


def _readable(text: str) -> list[str]:
    """Lines as a terminal shows them: no escape codes, no overwritten progress, no runs of blank lines."""
    kept: list[str] = []
    for raw in _UNSEEN.sub("", text).split("\n"):
        line = raw.rstrip().rsplit("\r", 1)[-1].rstrip()
        if _NOISE.match(line) or (not line and (not kept or not kept[-1])):
            continue
        kept.append(line)
    while kept and not kept[-1]:
        kept.pop()
    return kept


def _first_error(lines: list[str]) -> int | None:
    heads = [_head(line) for line in lines]
    for rank in _RANKS:
        for at, head in enumerate(heads):
            if head and rank.match(head) and not _HARMLESS.search(head):
                return at
    return None


def _head(line: str) -> str:
    head = line[:_LOOKED_AT]
    while prefix := _PREFIX.match(head):
        head = head[prefix.end() :]
    return head


def _cut(line: str) -> str:
    return line if len(line) <= MOST_COLUMNS else line[: MOST_COLUMNS - 1] + "…"
