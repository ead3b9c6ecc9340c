"""A way back -> the button for it, and what its dialog asks. Pure."""

from __future__ import annotations

from bot.faults import WayBack
from bot.language import _, counted
from bot.mrkdwn import inert
from bot.reply import Button
from bot.words import duration

ROOM = 300
"""Characters of a confirmation dialog's text (docs.slack.dev: confirmation dialog object)."""
MOST_TAG = 40


def back_button(target: str, back: WayBack, style: str = "danger") -> Button:
    return Button(_("Roll back"), back.command, style, question(target, back))


def question(target: str, back: WayBack) -> str:
    """From, to, how old that is, and what else: within ROOM, whatever the names are."""
    said = _(
        "{target}: from `{current}` back to `{image}` ({age} older). {replicas}",
        target=target,
        current=_short(back.current),
        image=_short(back.image),
        age=duration(back.older),
        replicas=counted("{n} replica, as now.", "{n} replicas, as now.", back.replicas),
    )
    if back.differs is None:
        return said
    if not back.differs:
        return _("{said} Configuration is the same.", said=said)
    for shown in range(len(back.differs), -1, -1):
        whole = _with(said, back.differs, shown)
        if len(whole) <= ROOM:
            return whole
    return said


def _with(said: str, differs: tuple[str, ...], shown: int) -> str:
    what = _("; ").join((*map(inert, differs[:shown]), *["…"] * (shown < len(differs))))
    return _("{said} Configuration stays; changed since then: {what}", said=said, what=what)


def _short(name: str) -> str:
    """Both ends of a long tag."""
    half = MOST_TAG // 2
    return inert(name if len(name) <= MOST_TAG else f"{name[: half - 1]}…{name[-half:]}")
