"""Projects and environments with awkward names: never guessed."""

import pytest

from bot.grammar import Ambiguous, Grammar, Missing, Parsed, write
from tests.grammar.sample import COMMANDS

PROJECTS = (
    "web",
    "to",
    "on",
    "logs",
    "level",
    "error",
    "hidden",
    "stage",
    "r1841",
    "15m",
    "3",
    "please",
    "team/api",
)
ENVIRONMENTS = ("dev", "trunk", "hidden", "stage", "in")

GRAMMAR = Grammar(COMMANDS, PROJECTS, ENVIRONMENTS)

CLEAR = {
    "deploy to to trunk": 'deploy "to" to trunk',
    'deploy "to" to trunk': 'deploy "to" to trunk',
    "deploy to trunk to": 'deploy "to" to trunk',
    "deploy on to trunk": 'deploy "on" to trunk',
    "deploy web to in": 'deploy web to "in"',
    "status in in": 'status in "in"',
    "status to": 'status "to"',
    "deploy logs to trunk": "deploy logs to trunk",
    "logs logs trunk": "logs logs in trunk",
    "logs level in trunk": 'logs "level" in trunk',
    "logs level in trunk level error": 'logs "level" in trunk level error',
    "logs error in trunk": "logs error in trunk",
    "logs web in trunk error": "logs web in trunk level error",
    "logs error in trunk error": "logs error in trunk level error",
    "logs 15m trunk": "logs 15m in trunk",
    "logs web trunk 15m": "logs web in trunk since 15m",
    "scale 3 in trunk to 3": "scale 3 in trunk to 3",
    "deploy r1841 trunk": "deploy r1841 to trunk",
    "deploy r1841 to trunk at r1841": "deploy r1841 to trunk at r1841",
    "deploy please to trunk": 'deploy "please" to trunk',
    "deploy trunk please": 'deploy "please" to trunk',
    "deploy team/api trunk": "deploy team/api to trunk",
    "deploy team/api/trunk": "deploy team/api to trunk",
    "deploy hidden trunk": "deploy hidden to trunk",
    "deploy web hidden": "deploy web to hidden",
    "deploy hidden to stage": "deploy hidden to stage",
    "deploy to stage hidden": "deploy hidden to stage",
    "deploy hidden/stage": "deploy hidden to stage",
    "deploy hidden hidden": "deploy hidden to hidden",
    "status hidden": "status hidden",
    "status in hidden": "status in hidden",
    "TEAM/API".join(("deploy ", " Trunk")): "deploy team/api to trunk",
}


@pytest.mark.parametrize(("line", "command"), CLEAR.items())
def test_an_awkward_name_is_understood_where_it_is_clear(line: str, command: str) -> None:
    parsed = GRAMMAR.parse(line)

    assert isinstance(parsed, Parsed), parsed
    assert write(parsed.command) == command
    assert GRAMMAR.parse(command) == parsed


def test_two_names_that_are_both_project_and_environment_are_asked_about() -> None:
    problem = GRAMMAR.parse("deploy hidden stage")

    assert isinstance(problem, Ambiguous)
    assert problem.choices == ("deploy hidden to stage", "deploy stage to hidden")


def test_a_project_named_like_a_preposition_is_asked_about() -> None:
    problem = GRAMMAR.parse("deploy web on trunk")

    assert isinstance(problem, Ambiguous)
    assert problem.choices == ("deploy web to trunk", 'deploy "on" to trunk')


def test_a_project_named_like_a_number_does_not_become_a_count() -> None:
    problem = GRAMMAR.parse("scale 3 in trunk")

    assert isinstance(problem, Missing)
    assert problem.slot == "count"


def test_a_name_that_is_also_an_environment_leaves_the_environment_open() -> None:
    problem = GRAMMAR.parse("deploy hidden")

    assert isinstance(problem, Missing)
    assert "deploy hidden to hidden" in problem.choices


@pytest.mark.parametrize(
    ("projects", "environments", "aliases", "said"),
    [
        (["web", "Web"], ["dev"], {}, "case only"),
        (["web"], ["dev", "product"], {"dev": "product"}, "`dev`"),
        (["web"], ["dev"], {"prod": "product"}, "`product`, which is no environment"),
        (["my web"], ["dev"], {}, "`my web`"),
        (["web"], ["dev."], {}, "`dev.`"),
        (["-web"], ["dev"], {}, "`-web`"),
        (["ｗｅｂ"], ["dev"], {}, "typed"),
        ([""], ["dev"], {}, "typed"),
    ],
)
def test_a_name_that_could_not_be_typed_stops_the_start(
    projects: list[str], environments: list[str], aliases: dict[str, str], said: str
) -> None:
    with pytest.raises(ValueError, match=said):
        Grammar(COMMANDS, projects, environments, aliases)


def test_names_in_other_scripts_and_cases_keep_their_spelling() -> None:
    grammar = Grammar(COMMANDS, ["支付", "WebShop"], ["UAT"])

    paid = grammar.parse("deploy 支付 to uat")
    shop = grammar.parse("deploy webshop uat")

    assert isinstance(paid, Parsed)
    assert isinstance(shop, Parsed)
    assert write(paid.command) == "deploy 支付 to UAT"
    assert write(shop.command) == "deploy WebShop to UAT"
