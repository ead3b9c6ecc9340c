"""Text -> typed commands, and back. Pure: no input or output, no clock.

    grammar = Grammar(commands, projects=["web"], environments=["trunk", "product"])
    grammar.parse("Deploy web to trunk, please.")   # Parsed(Deploy("web", "trunk")) or a Problem
    write(Deploy(Project("web"), Environment("trunk")))   # "deploy web to trunk"

Nothing is guessed: a name is matched exactly, a near miss is only ever offered, and a word that no slot
accounts for is a problem of its own.
"""

from bot.grammar.ask import Parsed
from bot.grammar.parse import Grammar
from bot.grammar.past import Between, Instant, Length, Since
from bot.grammar.problems import (
    LONGEST,
    Ambiguous,
    Empty,
    Invalid,
    Leftover,
    Missing,
    Problem,
    TooLong,
    Unknown,
)
from bot.grammar.times import Moment, Past
from bot.grammar.usage import Command, check, usages, write
from bot.grammar.values import (
    Count,
    Duration,
    Environment,
    Level,
    Limit,
    Line,
    Name,
    Project,
    Ref,
    Text,
    Typed,
    Verb,
    Version,
    from_text,
    quote,
    shape,
    to_text,
)

__all__ = [
    "LONGEST",
    "Ambiguous",
    "Between",
    "Command",
    "Count",
    "Duration",
    "Empty",
    "Environment",
    "Grammar",
    "Instant",
    "Invalid",
    "Leftover",
    "Length",
    "Level",
    "Limit",
    "Line",
    "Missing",
    "Moment",
    "Name",
    "Parsed",
    "Past",
    "Problem",
    "Project",
    "Ref",
    "Since",
    "Text",
    "TooLong",
    "Typed",
    "Unknown",
    "Verb",
    "Version",
    "check",
    "from_text",
    "quote",
    "shape",
    "to_text",
    "usages",
    "write",
]
