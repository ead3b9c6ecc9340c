"""A hundred thousand lines of nonsense raise nothing and start nothing that does not stand in them."""

import random
import re
import time
import unicodedata
from collections.abc import Iterator

import pytest

from bot.grammar import Empty, Leftover, Parsed, Problem, TooLong, Unknown, write
from tests.grammar.sample import ALIASES, CHANGES, COMMANDS, grammar
from tests.grammar.test_lines import LINES

NOT_UNDERSTOOD = (Unknown, Leftover, Empty, TooLong)
LINES_OF_NONSENSE = 50_000
GRAMMAR = grammar()

VERBS = ["deploy", "rollback", "scale", "logs", "status", "lock", "ship", "revert", "delpoy"]
NAMES = [
    "web",
    "api",
    "shop",
    "pay",
    "dev",
    "trunk",
    "hidden",
    "product",
    "prod",
    "live",
    "wbe",
    "trnk",
    "prodct",
]
VALUES = [
    "15m",
    "2h",
    "15",
    "min",
    "ago",
    "error",
    "r1841",
    "HEAD",
    "tag",
    "3.2.0",
    "revision",
    "12",
    "6",
    "-1",
    "six",
]
# fmt: off
SMALL = [
    "to", "in", "on", "into", "from", "at", "since", "level", "grep", "limit", "for", "because", "back",
    "--dry-run", "--since", "since=", "env=", "--env", "--x", "x=y", "please", "thanks", "can", "you", "hey",
    "not", "now-or-not", "don't", "web/product", "api/trunk", "k7f3", "1000000000", "<@U0SHIPMATE>",
    "<http://web.com|web>", "&amp;", "&lt;", "“", "”", '"', "'", "`", "—", "–", "--", "…", "。", "，", "＝",
    "ｗｅｂ", "６", "\u00a0", "\u200b", "\u3000", "\u202e", "\x00", "\ud800", "\U0001f680", "İ", "\u212a",
    "ſ", "help", "--dry-run=", "project=", "level=",
]
# fmt: on
WORDS = VERBS + NAMES + VALUES + SMALL
GLUE = (" ", " ", " ", " ", " ", "  ", "", "=", "/", ".", ", ", "—", "\n", "\u00a0")


def nonsense(seed: int) -> Iterator[str]:
    """Random characters, random joins of known words, and good lines with characters changed."""
    dice = random.Random(seed)
    good = list(LINES)
    while True:
        yield "".join(
            chr(dice.randrange(0x110000 if dice.random() < 0.1 else 0x250)) for _ in range(dice.randrange(40))
        )
        yield "".join(word + dice.choice(GLUE) for word in dice.choices(WORDS, k=dice.randrange(1, 9)))
        rest = [*dice.choices(NAMES, k=2), *dice.choices(WORDS, k=dice.randrange(3))]
        dice.shuffle(rest)
        yield " ".join((dice.choice(VERBS), *rest))
        line = list(dice.choice(good))
        for _ in range(dice.randrange(1, 4)):
            at = dice.randrange(len(line) + 1)
            line[at : at + dice.randrange(2)] = dice.choice(WORDS)[: dice.randrange(3)]
        yield "".join(line)


def stands(name: str, line: str) -> bool:
    """Whether `name`, or another name for it, is a word of `line`: told by other means than the grammar's."""
    seen = "".join(c for c in line if unicodedata.category(c) not in ("Cc", "Cf", "Cs") or c.isspace())
    seen = unicodedata.normalize("NFKC", seen).lower()
    names = [name, *(alias for alias, known in ALIASES.items() if known == name)]
    return any(re.search(rf"(?<![\w.]){re.escape(word)}(?![\w-])", seen) for word in names)


def test_nonsense_raises_nothing_and_starts_nothing() -> None:
    lines = nonsense(seed=20_241)
    parsed = changes = 0

    for _ in range(LINES_OF_NONSENSE):
        line = next(lines)
        result = GRAMMAR.parse(line)
        if isinstance(result, Problem):
            assert result.message
            for offer in result.offers:
                assert not isinstance(GRAMMAR.parse(offer), NOT_UNDERSTOOD), (line, offer)
            continue
        parsed += 1
        assert GRAMMAR.parse(write(result.command)) == result, line
        if isinstance(result.command, CHANGES):
            changes += 1
            assert stands(result.command.project, line), (line, result)
            assert stands(result.command.environment, line), (line, result)

    assert parsed > 2_500  # the nonsense comes close enough to tell something
    assert changes > 500


LONG = [
    "x " * 999,
    '"a ' * 650,
    "“" * 1_999,
    "‘" * 1_999,
    "`" * 1_999,
    "-" * 1_999,
    "<" * 1_999,
    "<http:" * 330,
    "&amp;" * 399,
    "a=" * 999,
    "deploy " + "web " * 490,
    "deploy " + "to " * 650,
    "deploy web " + "—a" * 990,
    "deploy web trunk " + "a=b " * 490,
    "deploy " + "web/trunk " * 190,
    "logs " + "15m " * 490,
    "logs " + "1m" * 990,
    "logs web trunk grep " + "in trunk " * 210,
    "logs web trunk grep " + "limit " * 320,
    "logs web trunk " + "sicne " * 320,
    'logs web trunk grep "' + "\\" * 1_970,
    "logs web trunk at " + "a/" * 900,
]


@pytest.mark.parametrize("line", LONG, ids=lambda line: line[:24])
def test_a_long_line_takes_no_longer_than_its_length(line: str) -> None:
    assert len(line) <= 2_000
    began = time.process_time()

    GRAMMAR.parse(line)

    # a quadratic step would take seconds at this length; the bound leaves room for a slow machine
    assert time.process_time() - began < 0.5


def test_no_command_is_found_inside_a_sentence() -> None:
    for command in COMMANDS:
        for example in command.examples:
            for sentence in (
                f"I would not {example}",
                f"do not {example}",
                f"why did you {example}",
                f"x {example}",
            ):
                assert not isinstance(GRAMMAR.parse(sentence), Parsed), sentence
