"""Bad news -> replies: what was not understood, and what is not allowed."""

from __future__ import annotations

from collections.abc import Callable

from bot.grammar import Problem
from bot.mrkdwn import marked
from bot.policy import Refusal
from bot.reply import Button, Reply, says

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
