"""What a phone shows of an operation before anybody opens it: its first 60 characters tell the story. Pure.

`FAILED web/product: crash loop, 2 of 6 up. Tap to roll back`: the state, the target, why, what to do. What a
screen reader gets is the same text, with all that was said after it.
"""

from __future__ import annotations

import re

from bot.language import N_, _
from bot.lifecycle import State
from bot.mrkdwn import inert
from bot.operation import STARTS, Operation
from bot.redact import redact
from bot.words import at_moment, sentences

SHOWN = 60
"""Characters that a push notification shows on a phone at least."""
MOST_TARGET = 34
MOST_ENVIRONMENT = 16
"""Of a long target the environment says what is at stake, so it keeps more of its name."""
MOST_WHY = 72

STATES = {
    State.SCHEDULED: N_("Scheduled"),
    State.AWAITING_APPROVAL: N_("To approve"),
    State.QUEUED: N_("Starting"),
    State.RUNNING: N_("Running"),
    State.ABORTING: N_("Stopping"),
    State.ASKING: N_("Question"),
    State.STUCK: N_("STUCK"),
    State.SUCCEEDED: N_("Done"),
    State.FAILED: N_("FAILED"),
    State.CANCELLED: N_("Cancelled"),
    State.DENIED: N_("Denied"),
    State.EXPIRED: N_("Expired"),
    State.REFUSED: N_("Refused"),
}
VERBS = {
    "deploy": "",  # what it mostly is, goes without saying
    "bounds": N_("bounds"),
    "build": N_("build"),
    "pause": N_("pause"),
    "promote": N_("promote"),
    "restart": N_("restart"),
    "resume": N_("resume"),
    "rollback": N_("rollback"),
    "scale": N_("scale"),
}
TAPS = {
    State.AWAITING_APPROVAL: N_("Tap to approve"),
    State.ASKING: N_("Tap to answer"),
    State.STUCK: N_("Tap to decide"),
}


def push(operation: Operation) -> str:
    """State, target, why, and what a tap leads to; then the rest of what is to be said."""
    why, rest = _told(operation)
    said = _head(operation)
    if why:
        said = _("{what}: {why}", what=said, why=why)
    tap = _tap(operation)
    if tap:
        cut = said.endswith("…")
        said = sentences(said, tap) if cut else _("{said}. {tap}", said=said, tap=tap)
    return f"{said}\n{rest}" if rest else said


def _head(operation: Operation) -> str:
    verb = VERBS.get(operation.verb, operation.verb)
    words = (_(STATES[operation.state]), _(verb) if verb else "", fitting(operation.target))
    return " ".join(filter(None, words))


def fitting(target: str) -> str:
    """A target in MOST_TARGET characters: names are cut in their middle, as their ends differ."""
    if len(target) <= MOST_TARGET:
        return target
    project, slash, environment = target.partition("/")
    environment = _middle(environment, MOST_ENVIRONMENT)
    return _middle(project, MOST_TARGET - len(slash + environment)) + slash + environment


def _middle(name: str, most: int) -> str:
    if len(name) <= most:
        return name
    ending = (most - 1) // 2
    return f"{name[: most - 1 - ending]}…{name[len(name) - ending :]}"


def _told(operation: Operation) -> tuple[str, str]:
    """Why it stands as it does, in few words, and the rest of it; both plain text."""
    if operation.stuck is not None:
        return _parted(_plain(operation.stuck.problem))
    if operation.outcome is not None:
        brief, told = _plain(operation.outcome.brief), _plain(operation.outcome.summary)
        return (brief, told) if brief else _parted(told)
    if STARTS in operation.plan and operation.state in (State.SCHEDULED, State.AWAITING_APPROVAL):
        return at_moment(operation.plan[STARTS]), ""
    return "", ""


def _parted(text: str) -> tuple[str, str]:
    """The first sentence, without its full stop, and the rest; all of it again where that sentence is cut."""
    first, *rest = re.split(r"[.。](?=\s|$)\s*|(?<=。)|\n", text, maxsplit=1)
    if len(first) <= MOST_WHY:
        return first.rstrip("。"), "".join(rest).strip()
    return first[: MOST_WHY - 1].rsplit(" ", 1)[0] + "…", text


def _plain(text: str) -> str:
    return inert(redact(text).text.replace("`", ""))


def _tap(operation: Operation) -> str:
    if operation.outcome is not None and operation.outcome.back is not None:
        return _("Tap to roll back")
    return _(TAPS[operation.state]) if operation.state in TAPS else ""
