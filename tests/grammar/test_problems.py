"""What people type that is no command -> what they are told, and what they are offered."""

import pytest

from bot.grammar import Ambiguous, Empty, Grammar, Invalid, Leftover, Missing, Problem, TooLong, Unknown
from tests.grammar.sample import COMMANDS, Deploy, Scale, grammar

GRAMMAR = grammar()

UNKNOWN = {
    "delpoy web to trunk": ("delpoy", "deploy web to trunk"),
    "Delpoy wbe to trnk": ("Delpoy", "deploy web to trunk"),
    "deply web": ("deply", "deploy web"),
    'log5 web "connection refused"': ("log5", 'logs web grep "connection refused"'),
    "roll web product": ("roll", "rollback web in product"),
    "deploy wbe to trunk": ("wbe", "deploy web to trunk"),
    "deploy web to trnk": ("trnk", "deploy web to trunk"),
    "deploy web trnk": ("trnk", "deploy web to trunk"),
    "deploy web to produc": ("produc", "deploy web to product"),
    "rollback web prodcut": ("prodcut", "rollback web in product"),
    "deploy <http://web.com|web.com> to trunk": ("web.com", "deploy web to trunk"),
    "deploy web env=prdo": ("prdo", "deploy web to product"),
    "help delpoy": ("delpoy", "help deploy"),
    "help roll": ("roll", "help rollback"),
    "deploy web to staging": ("staging",),
    "deploy api to web": ("web",),
    "status foo": ("foo",),
    "status web foo": ("foo",),
    "help foo": ("foo",),
    "I would not deploy web to product": ("I",),
    "don't deploy web to product": ("don't",),
    "don’t deploy web to product": ("don't",),
    "never deploy web to product": ("never",),
    "web to product": ("web",),
    "undeploy web product": ("undeploy",),
    "<@U0SHIPMATE> <@UALICE> deploy web to trunk": ("@UALICE",),
    "deploy web to tru\u0301nk": ("tru\u0301nk", "deploy web to trunk"),
    "deploy web to trun\u212a": ("trun\u212a", "deploy web to trunk"),
}


@pytest.mark.parametrize(("line", "expected"), UNKNOWN.items())
def test_an_unknown_word_gets_the_nearest_command(line: str, expected: tuple[str, ...]) -> None:
    problem = GRAMMAR.parse(line)

    assert isinstance(problem, Unknown), problem
    assert (problem.word, *problem.suggestions) == expected
    assert all(f"`{text}`" in problem.message for text in problem.suggestions)


EVERYWHERE = ("dev", "trunk", "hidden", "product")
MISSING = {
    "deploy web": ("environment", *(f"deploy web to {place}" for place in EVERYWHERE)),
    "deploy web to": ("environment", *(f"deploy web to {place}" for place in EVERYWHERE)),
    "deploy to web": ("environment", *(f"deploy web to {place}" for place in EVERYWHERE)),
    "deploy web r1841": ("environment", *(f"deploy web to {place} at r1841" for place in EVERYWHERE)),
    "deploy web to at r1841": ("environment", *(f"deploy web to {place} at r1841" for place in EVERYWHERE)),
    "scale web to 6": ("environment", *(f"scale web in {place} to 6" for place in EVERYWHERE)),
    "Rollback web": ("environment", *(f"rollback web in {place}" for place in EVERYWHERE)),
    "deploy": ("project", "deploy web", "deploy api", "deploy shop", "deploy pay"),
    "deploy trunk": ("project", *(f"deploy {name} to trunk" for name in ("web", "api", "shop", "pay"))),
    "logs web trunk level": (
        "level",
        *(f"logs web in trunk level {level}" for level in ("debug", "info", "warn", "error", "fatal")),
    ),
    "scale web in trunk": ("count",),
    "scale web in trunk to": ("count",),
    "deploy web trunk at": ("ref",),
    "deploy web trunk at=": ("ref",),
    "logs web trunk since": ("since",),
    "logs web trunk grep": ("text",),
    "cancel": ("operation",),
}


@pytest.mark.parametrize(("line", "expected"), MISSING.items())
def test_what_is_missing_is_asked_for(line: str, expected: tuple[str, ...]) -> None:
    problem = GRAMMAR.parse(line)

    assert isinstance(problem, Missing), problem
    assert (problem.slot, *problem.choices) == expected


INVALID = {
    "scale web in trunk to -1": ("count", "0 to 10,000, not `-1`. For example `scale web in trunk to 3`"),
    "scale web in trunk to –1": ("count", "not `-1`"),
    "scale web in trunk to −1": ("count", "not `-1`"),
    "scale web trunk -1": ("count", "not `-1`"),
    "scale web in trunk to 1000000000": ("count", "not `1000000000`"),
    "scale web in trunk to 10**9": ("count", "not `10**9`"),
    "scale web in trunk to 10001": ("count", "0 to 10,000"),
    "scale web in trunk to many": ("count", "not `many`"),
    "scale web in trunk from 6": ("count", "not `from 6`"),
    "scale web trunk many": ("count", "not `many`"),
    "scale web in trunk to 1²": ("count", "not `1²`"),
    "scale web in trunk to ٣": ("count", "not `٣`"),
    "scale web in trunk to +3": ("count", "not `+3`"),
    "scale web in trunk to 3.5": ("count", "not `3.5`"),
    "scale web in trunk count=lots": ("count", "`scale web in trunk to 3`"),
    "logs web trunk since 15": ("since", "90s, 15m, 2h or 1d"),
    "logs web trunk since yesterday": ("since", "For example `logs web in trunk since 15m`"),
    "logs web trunk since 0m": ("since", "not `0m`"),
    "logs web trunk since 500d": ("since", "not `500d`"),
    "logs web trunk level loud": ("level", "debug, info, warn, error, fatal, not `loud`"),
    "logs web trunk limit 900": ("limit", "1 to 500"),
    "logs web trunk limit 0": ("limit", "For example `logs web in trunk limit 20`"),
    "deploy web trunk at -rf": ("ref", "a branch, a tag"),
    "deploy web trunk at a..b": ("ref", "`a..b`"),
    "deploy web trunk at $(reboot)": ("ref", "not `$(reboot)`"),
    "deploy web trunk at " + "a" * 201: ("ref", "…`"),
    "rollback web product to a/b": ("version", "an image tag such as 3.2.0"),
    "deploy web trunk --dry-run=yes": ("dry_run", "takes no value"),
    "deploy web trunk --dry-run=": ("dry_run", "takes no value"),
    'logs web trunk grep ""': ("text", "some text"),
    "logs web trunk grep " + "a" * 501: ("text", "up to 500 characters"),
    'logs web trunk grep "foo bar': ("text", "opened and not closed"),
    "logs web trunk grep=“foo bar": ("text", "opened and not closed"),
    "cancel everything": ("operation", "`cancel k7f3`"),
}


@pytest.mark.parametrize(("line", "expected"), INVALID.items())
def test_a_wrong_value_is_told_what_was_expected(line: str, expected: tuple[str, str]) -> None:
    slot, words = expected

    problem = GRAMMAR.parse(line)

    assert isinstance(problem, Invalid), problem
    assert problem.slot == slot
    assert words in problem.message


AMBIGUOUS = {
    "deploy web at trunk": (
        "deploy web to trunk",
        *(f"deploy web to {place} at trunk" for place in EVERYWHERE),
    ),
    "deploy web from trunk": (
        "deploy web to trunk",
        *(f"deploy web to {place} at trunk" for place in EVERYWHERE),
    ),
    "rollback web to product": ("rollback web in product",),
    "deploy web api trunk": ("deploy web to trunk", "deploy api to trunk"),
    "deploy web to trunk to product": ("deploy web to trunk", "deploy web to product"),
    "deploy web to trunk in product": ("deploy web to trunk", "deploy web to product"),
    "deploy web trunk product": ("deploy web to trunk", "deploy web to product"),
    "deploy web to trunk env=prod": ("deploy web to trunk", "deploy web to product"),
    "deploy web dev at r1 at r2": ("deploy web to dev at r1", "deploy web to dev at r2"),
    "scale web trunk 3 to 5": ("scale web in trunk to 5", "scale web in trunk to 3"),
    "logs web trunk since 5m since 1h": ("logs web in trunk since 5m", "logs web in trunk since 1h"),
}


@pytest.mark.parametrize(("line", "expected"), AMBIGUOUS.items())
def test_of_several_readings_none_is_taken(line: str, expected: tuple[str, ...]) -> None:
    problem = GRAMMAR.parse(line)

    assert isinstance(problem, Ambiguous), problem
    assert problem.choices == expected


LEFTOVER = {
    "deploy web trunk now-or-not": ("now-or-not", "deploy web to trunk at now-or-not", "deploy web to trunk"),
    "deploy web trunk feature/x": ("feature/x", "deploy web to trunk at feature/x", "deploy web to trunk"),
    "deploy web to trunk tomorrow morning": ("tomorrow morning",),  # not at once
    "deploy web to product not": ("not",),
    "deploy web to product if QA agrees": ("if QA agrees",),
    "deploy web to product 🚀": ("🚀", "deploy web to product"),
    "deploy web to product --force": ("--force",),
    "deploy web to product --dry-rum": ("--dry-rum", "deploy web to product --dry-run"),
    "deploy web to product —dry-rum": ("--dry-rum", "deploy web to product --dry-run"),
    "deploy web --trunk": ("--trunk", "deploy web to trunk"),
    "deploy web trunk to": ("to",),
    "deploy web trunk project=": ("project",),
    "deploy web trunk at r1 x=y": ("x=y",),
    "logs web trunk timeout": ("timeout", "logs web in trunk grep timeout", "logs web in trunk"),
    "logs web trunk --sicne 15m": ("--sicne", "logs web in trunk since 15m"),
    "logs web trunk sicne=15m": ("sicne=15m", "logs web in trunk since 15m"),
    "scale web in trunk from 3 to 5": ("from 3", "scale web in trunk to 5"),
    "whoami now": ("now", "whoami"),
}


@pytest.mark.parametrize(("line", "expected"), LEFTOVER.items())
def test_no_word_is_passed_over(line: str, expected: tuple[str, ...]) -> None:
    problem = GRAMMAR.parse(line)

    assert isinstance(problem, Leftover), problem
    offered = problem.suggestions
    assert problem.word == expected[0]
    assert set(expected[1:]) <= set(offered)
    assert bool(offered) == bool(expected[1:])


@pytest.mark.parametrize(
    "line",
    [
        "deploy web and api to trunk",
        "deploy web to trunk. Rollback api in product",
        "deploy web to trunk\ndeploy api to product",
        "deploy web to trunk; deploy api to product",
        "deploy web to trunk && rollback api",
        "deploy web:product",
        "deploy web - trunk",
        "~deploy web to trunk~",
        "> deploy web to trunk",
        '"deploy web to trunk" failed again',
    ],
)
def test_more_than_one_command_is_none(line: str) -> None:
    assert isinstance(GRAMMAR.parse(line), Problem)


@pytest.mark.parametrize("line", ["", "   ", "\n\u200b", "?", "<@U0SHIPMATE>", "please", "Hey shipmate!"])
def test_nothing_said(line: str) -> None:
    assert isinstance(GRAMMAR.parse(line), Empty)


def test_a_long_line_is_refused() -> None:
    assert isinstance(GRAMMAR.parse("deploy web to trunk" + " " * 2_000), TooLong)
    assert not isinstance(GRAMMAR.parse("deploy web to trunk" + " " * 1_900), Problem)


def test_many_choices_are_counted_and_cut_at_twenty() -> None:
    projects = [f"project{number}" for number in range(43)]
    some = Grammar(COMMANDS, projects[:7], ["dev"]).parse("deploy to dev")
    many = Grammar(COMMANDS, projects, ["dev"]).parse("deploy to dev")

    assert isinstance(some, Missing)
    assert isinstance(many, Missing)
    assert len(some.choices) == 7
    assert "There are 7" in some.message
    assert len(many.choices) == 20
    assert "There are 43" in many.message
    assert "and 23 more" in many.message


def test_every_offer_is_read_again() -> None:
    lines = [*UNKNOWN, *MISSING, *INVALID, *AMBIGUOUS, *LEFTOVER]

    offers = [
        (line, offer)
        for line in lines
        if isinstance(problem := GRAMMAR.parse(line), Problem)
        for offer in problem.offers
    ]

    for line, offer in offers:
        again = GRAMMAR.parse(offer)
        assert not isinstance(again, (Unknown, Invalid, Leftover, Empty)), (line, offer, again)
    assert len(offers) > 80


def test_without_names_in_the_configuration_nothing_is_known() -> None:
    empty = Grammar([Deploy, Scale], [], [])

    assert isinstance(empty.parse("deploy web to trunk"), Unknown)
    assert empty.parse("deploy") == Missing(
        "Which project? none in the configuration.", "project", so_far="deploy", verb="deploy"
    )
