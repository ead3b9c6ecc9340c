"""Bad news -> replies: what was not understood, and what is not allowed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from bot.command import Change, Later
from bot.grammar import Problem, quote, write
from bot.language import N_, _
from bot.locks import Lock
from bot.mrkdwn import marked
from bot.policy import Refusal
from bot.reply import Button, Reply, says
from bot.words import sentences

QUEUE = N_("Queue after unlock")
MOST_OFFERS = 10
"""So many buttons at most: more are no help on a phone."""


def explain_problem(
    problem: Problem, permitted: Callable[[str], bool], question: Callable[[str], str]
) -> Reply:
    """What was not understood, and every reading that is `permitted` as a button. Nothing was started.

    `question`: what a button asks before it is taken at its word; empty: nothing.
    """
    readings = [text for text in problem.offers if permitted(text)]
    offers = tuple(Button(text, text, confirm=question(text)) for text in readings[:MOST_OFFERS])
    return says(f":grey_question: {marked(problem.message)}", *offers)


def explain_refusal(refusal: Refusal) -> Reply:
    """Why, and who may."""
    return says(f":no_entry_sign: {refusal.message}")


def explain_locks(locks: Sequence[Lock], change: Change) -> Reply:
    """Who holds it, why and until when; what to type, and buttons that do it. Nothing was started.

    `locks`: those that hold the change back, the longest first.
    """
    longest, ways = locks[0], dict(ways_out(locks, change))
    said = sentences(*(lock.said() for lock in locks))
    lines = [_(":lock: *{held}* Nothing was started.", held=said)]
    if longest.owner:
        who = f"<@{longest.owner}>"
        lines.append(_("• `ask {subject}` asks {who} for it", subject=longest.words, who=who))
    if _(QUEUE) in ways:
        starts = (
            N_("• `{command}` starts it when the lock has ended")
            if longest.kind == "lock"
            else N_("• `{command}` starts it when the freeze has ended")
        )
        lines.append(_(starts, command=ways[_(QUEUE)]))
    if longest.owner:
        undo = f"unlock {longest.words} --force" if longest.kind == "lock" else f"unfreeze {longest.words}"
        lines.append(_("• `{undo} because ...` ends it, for those who may", undo=undo))
    return says("\n".join(lines), *(Button(label, text) for label, text in ways.items()))


def ways_out(locks: Sequence[Lock], change: Change) -> tuple[tuple[str, str], ...]:
    """What somebody who is held back can do, as buttons: what each shows, and its command."""
    longest, ways = locks[0], []
    if longest.owner:
        text = write(change.at_once() if isinstance(change, Later) else change)
        ways.append((_("Ask the owner"), f"ask {longest.words} because {quote(text)}"))
    if isinstance(change, Later):
        ways.append((_(QUEUE), write(replace(change, time=None, when_unlocked=True))))
    return tuple(ways)
