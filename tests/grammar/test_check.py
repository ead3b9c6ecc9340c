"""A command whose usage and fields disagree stops the start, and says why."""

from dataclasses import dataclass

import pytest

from bot.grammar import Count, Environment, Limit, Project, Ref, Text, check, usages
from tests.grammar.sample import COMMANDS, Deploy, Sample

PRODUCT = Environment("product")


@dataclass(frozen=True)
class NoField(Sample):
    usage = "go <project> to <environment>"
    project: Project


@dataclass(frozen=True)
class NoSlot(Sample):
    usage = "go <project>"
    project: Project
    environment: Environment


@dataclass(frozen=True)
class NoDefault(Sample):
    usage = "go <project> [at <ref>]"
    project: Project
    ref: Ref


@dataclass(frozen=True)
class DefaultProduction(Sample):
    usage = "go <environment>"
    environment: Environment = PRODUCT


@dataclass(frozen=True)
class NoType(Sample):
    usage = "go <project>"
    project: str


@dataclass(frozen=True)
class TwoTypes(Sample):
    usage = "go to <place>"
    place: Project | Environment


@dataclass(frozen=True)
class FlagOfText(Sample):
    usage = "go [--fast]"
    fast: Text | None = None


@dataclass(frozen=True)
class BareText(Sample):
    usage = "go <text>"
    text: Text


@dataclass(frozen=True)
class RestOfNumber(Sample):
    usage = "go to <count...>"
    count: Count


@dataclass(frozen=True)
class RestFirst(Sample):
    usage = "go because <text...> at <ref>"
    text: Text
    ref: Ref


@dataclass(frozen=True)
class SameKeyword(Sample):
    usage = "go to <project> to <environment>"
    project: Project
    environment: Environment


@dataclass(frozen=True)
class SameSlot(Sample):
    usage = "go to <project> in <project>"
    project: Project


@dataclass(frozen=True)
class PoliteKeyword(Sample):
    usage = "go please <project>"
    project: Project


@dataclass(frozen=True)
class Unreadable(Sample):
    usage = "go <project> [at <ref>"
    project: Project


@dataclass(frozen=True)
class Capital(Sample):
    usage = "Go"


@dataclass(frozen=True)
class SameAlias(Sample):
    usage = "go"
    aliases = ("ship",)


class NoDataclass(Sample):
    usage = "go <limit>"
    limit: Limit


WRONG = {
    NoField: "slot `to <environment>` has no field `environment`",
    NoSlot: "field `environment` has no slot",
    NoDefault: "field `ref` has a default exactly when",
    DefaultProduction: "field `environment` has a default exactly when",
    NoType: "type of field `project` is no value type",
    TwoTypes: "type of field `place` is no value type",
    FlagOfText: "a flag has a bool field",
    BareText: "needs a keyword: Text",
    RestOfNumber: "`...` is for Text",
    RestFirst: "must be the last",
    SameKeyword: "keyword `to` stands twice",
    SameSlot: "slot `project` stands twice",
    PoliteKeyword: "polite word",
    Unreadable: "cannot read the usage",
    Capital: "`Go` cannot be a verb",
}


@pytest.mark.parametrize(("command", "said"), WRONG.items())
def test_what_is_wrong_with_a_command_is_said(command: type[Sample], said: str) -> None:
    with pytest.raises(ValueError, match=f"{command.__name__}.*{said.replace('...', '[.]{3}')}"):
        check(command)


def test_a_verb_belongs_to_one_command() -> None:
    with pytest.raises(ValueError, match="SameAlias and Deploy both answer to `ship`"):
        check(Deploy, SameAlias)


def test_a_command_that_is_no_dataclass_is_refused() -> None:
    with pytest.raises(ValueError, match="NoDataclass"):
        check(NoDataclass)


def test_good_commands_pass_and_tell_their_usage() -> None:
    check(*COMMANDS)

    assert (
        dict(usages(COMMANDS))["scale <project> in <environment> to <count>"] == "Set how many replicas run."
    )
    assert len(usages(COMMANDS)) == len(COMMANDS)
