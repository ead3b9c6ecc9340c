"""Bad news -> replies: what was not understood, and what is not allowed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from bot.command import Change, Later
from bot.grammar import Problem, quote, write
from bot.language import N_, _
from bot.locks import Lock
from bot.mrkdwn import marked
from bot.refusals import Refusal
from bot.reply import Button, Reply, says
from bot.spoken import in_words
from bot.words import sentences

MOST_OFFERS = 10
"""So many buttons at most: more are no help on a phone."""


def explain_problem(
    problem: Problem, permitted: Callable[[str], bool], question: Callable[[str], str]
) -> Reply:
    """What was not understood, and every reading that is `permitted` as a button. Nothing was started.

    `question`: what a button asks before it is taken at its word; empty: nothing.
    """
    readings = [text for text in problem.offers if permitted(text)]
    offers = tuple(Button(in_words(text), text, confirm=question(text)) for text in readings[:MOST_OFFERS])
    return says(f":grey_question: {marked(problem.message)}", *offers)


def explain_refusal(refusal: Refusal) -> Reply:
    """Why, and who may."""
    return says(f":no_entry_sign: {refusal.message}")


def explain_locks(locks: Sequence[Lock], change: Change, asker: str) -> Reply:
    """Who holds it, why and until when; what to type, and buttons that do it. Nothing was started.

    `locks`: those that hold the change back, the longest first; `asker`: a user id.
    """
    longest = locks[0]
    said = sentences(*(lock.said() for lock in locks))
    lines = [_(":lock: *{held}* Nothing was started.", held=said)]
    if longest.owner and longest.owner != asker:
        words = N_("• `{command}` asks {who} for it")
        lines.append(_(words, command=f"ask {longest.words}", who=f"<@{longest.owner}>"))
    if isinstance(change, Later):
        lock, freeze = (
            N_("• `{command}` starts it when the lock has ended"),
            N_("• `{command}` starts it when the freeze has ended"),
        )
        lines.append(_(lock if longest.kind == "lock" else freeze, command=_queued(change)))
    if longest.owner == asker:
        lines.append(_("• `{command}` ends it: it is yours", command=_undo(longest)))
    elif longest.owner:
        undo = f"{_undo(longest)} --force" if longest.kind == "lock" else _undo(longest)
        lines.append(_("• `{command}` ends it, for those who may", command=f"{undo} because ..."))
    return says("\n".join(lines), *(Button(*way) for way in ways_out(locks, change, asker)))


def ways_out(locks: Sequence[Lock], change: Change, asker: str) -> tuple[tuple[str, str], ...]:
    """What somebody who is held back can do, as buttons: what each shows, and its command."""
    longest, ways = locks[0], []
    if longest.owner == asker:  # only a freeze binds its own owner
        ways.append((_("Unfreeze"), _undo(longest)))
    elif longest.owner:
        text = write(change.at_once() if isinstance(change, Later) else change)
        ways.append((_("Ask the owner"), f"ask {longest.words} because {quote(text)}"))
    if isinstance(change, Later):
        ways.append((_("Queue after unlock"), _queued(change)))
    return tuple(ways)


def _queued(change: Later) -> str:
    return write(replace(change, time=None, when_unlocked=True))


def _undo(lock: Lock) -> str:
    return f"unlock {lock.words}" if lock.kind == "lock" else f"unfreeze {lock.words}"
