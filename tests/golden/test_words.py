"""What the grammar says of words that are no command, and what each command is for."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

from bot.catalogue import Catalogue
from bot.grammar import Grammar, Parsed, Problem
from bot.language import YEAR, _
from bot.words import at_moment, at_moment_in, at_time, written
from commands.help import topics
from tests import sample
from tests.golden.tables import table

CATALOGUE = Catalogue(sample.settings())

UNREADABLE = {
    "a keyword has nothing after it": "logs web in trunk error level",
    "a switch with a value": "deploy web to trunk --dry-run=yes",
    "no text to look for": "logs web in trunk grep",
    "an empty text": 'logs web in trunk grep ""',
    "a text that is too long": f"lock web in trunk because {'very ' * 101}busy",
    "a command that is too long": "deploy web to trunk " * 101,
    "no such time of day": "logs web in trunk around lunch",
    "no two times of day": "logs web in trunk between lunch",
    "no such line": "build web nonesuch",
    "no such command": "help nonesuch",
    "too few images": "images web limit 0",
    "no such version": "rollback web in trunk to !!",
    "no such view of the log": "logs web in trunk view=best",
    "no such pod": "logs web in trunk pod !",
    "an empty query": 'logs web in trunk query ""',
    "neither on nor off": "settings mail maybe",
    "neither on nor off, of mails": "mail choice=maybe",
    "no image as a button names it": "promote web to product image latest",
    "no number at the lower end": "bounds web in trunk from few to 3",
    "no number at the upper end": "bounds web in trunk from 1 to many",
    "no such page": "home page zero",
    "no hours": "settings quiet always",
    "no id": "effect !!",
    "no number with a sign": "scale web in trunk by some",
    "a day without a time of day": "deploy web to trunk tomorrow",
    "neither a tag nor a digest": "pass web in hidden image !!",
    "a wish to look, and a change": "查看 重启 web trunk",
    "so many, or so many more": "扩容 web trunk 2",
    "a number of versions": "回滚 web trunk 三个",
    "an order, or a question": "重启 web trunk 呢",
}


@table
def test_commands() -> Iterator[tuple[str, str]]:
    """What each command is for: help, a form and the launcher say it."""
    for topic, commands in topics(CATALOGUE.commands):
        for command in commands:
            yield f"{_(topic)}: {command.verb}", f"{command.title()}: {command.summary()}"


@table
def test_unreadable() -> Iterator[tuple[str, str]]:
    """Words that are no command."""
    for what, words in UNREADABLE.items():
        shown = words if len(words) < 100 else f"{words[:60]}…"
        yield f"{what}: {shown}", wrong(CATALOGUE.parse(words))
    few, many = of_projects(), of_projects(*(f"shop{number}" for number in range(1, 8)))
    yield "a project is missing, of seven: deploy", wrong(many.parse("deploy"))
    yield "there is no project at all: deploy web to trunk", wrong(few.parse("deploy web to trunk"))


@table
def test_moments() -> Iterator[tuple[str, str]]:
    """How a moment is written: in Slack, which draws it anew for each reader, and where nobody does."""
    at = datetime(2026, 11, 24, 14, 5, tzinfo=UTC)
    yield "a time of day, in Slack", at_time(at.timestamp())
    yield "with its day, in Slack", at_moment(at.timestamp())
    yield "in a record", at_moment_in(at)
    yield "in a mail", written(at, YEAR)


def of_projects(*projects: str) -> Grammar:
    return Grammar(CATALOGUE.commands, projects, ("dev", "trunk"))


def wrong(problem: Problem | Parsed) -> str:
    assert isinstance(problem, Problem), problem
    return problem.message
