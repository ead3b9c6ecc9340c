"""A button's value is a command text: whatever is written is read again, whatever the names are."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.grammar import (
    Command,
    Count,
    Duration,
    Environment,
    Grammar,
    Level,
    Limit,
    Moment,
    Parsed,
    Project,
    Ref,
    Text,
    Verb,
    Version,
    write,
)
from tests.grammar.sample import (
    COMMANDS,
    Cancel,
    Deploy,
    Help,
    Lock,
    Logs,
    Operation,
    Rollback,
    Scale,
    Status,
)
from tests.grammar.test_names import ENVIRONMENTS, PROJECTS

GRAMMAR = Grammar(COMMANDS, PROJECTS, ENVIRONMENTS)

projects = st.sampled_from(PROJECTS).map(Project)
environments = st.sampled_from(ENVIRONMENTS).map(Environment)
durations = st.integers(1, 366 * 86_400).map(Duration)
texts = st.text(max_size=80) | st.sampled_from(
    ["in trunk", "limit 3", "since", "--limit 3", "&lt;", "<@U1>", '"']
)
texts_ = texts.map(Text).filter(str.strip)
words = st.sampled_from(
    ["to", "at", "in", "tag", "HEAD", "please", "trunk", "level", "revision", "dry-run", "web"]
)


def readable(kind: type[Any]) -> Any:
    """Everything that `kind` reads, made from its alphabet and from words that mean something elsewhere."""

    def read(text: str) -> Any:
        try:
            return kind.read(text)
        except ValueError:
            return None

    names = st.text("abzAZ019._-/", min_size=1, max_size=12) | words
    prefixes = st.sampled_from(["", "tag ", "branch ", "revision ", "rev "])
    return st.builds(str.__add__, prefixes, names).map(read).filter(lambda value: value is not None)


moments = st.builds(
    "{} {:02}:{:02}".format,
    st.sampled_from(["", "today", "tomorrow", "monday", "sunday", "2026-12-24"]),
    st.integers(0, 23),
    st.integers(0, 59),
).map(lambda text: Moment.read(text.strip()))

refs, versions = readable(Ref), readable(Version)

commands = st.one_of(
    st.builds(Deploy, projects, environments, st.none() | refs, st.none() | moments, st.booleans()),
    st.builds(Rollback, projects, environments, st.none() | versions),
    st.builds(Scale, projects, environments, st.integers(0, 10_000).map(Count)),
    st.builds(
        Logs,
        projects,
        environments,
        st.none() | durations,
        st.none() | st.sampled_from(Level.choices).map(Level),
        st.none() | texts_,
        st.integers(1, 500).map(Limit),
    ),
    st.builds(Status, st.none() | projects, st.none() | environments),
    st.builds(Lock, projects, environments, st.none() | durations, st.none() | texts_),
    st.builds(Cancel, st.sampled_from(["k7f3", "abc1"]).map(Operation)),
    st.builds(Help, st.none() | st.sampled_from([command.verb for command in COMMANDS]).map(Verb)),
)


@settings(max_examples=1_000, deadline=None)
@given(commands)
def test_what_is_written_is_read_again(command: Command) -> None:
    assert GRAMMAR.parse(write(command)) == Parsed(command)
