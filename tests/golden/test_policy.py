"""What somebody is told who may not, of every command, in both languages."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from bot.language import LANGUAGES, speaking
from bot.policy import Policy
from bot.refusals import PHRASES, Refusal
from bot.settings import Members, Role, Rule
from tests.golden.drawn import named
from tests.golden.telling import INDENT, SAID, SCENES, golden
from tests.test_policy import PEOPLE, STRANGER, TEAM

PLACES = (("web", "dev"), ("web", "product"))
EVA = PEOPLE["engineer"]
STRANGERS = {
    "a bot": replace(STRANGER, is_bot=True),
    "a guest": replace(STRANGER, is_guest=True),
    "somebody of another workspace": replace(STRANGER, team="T0OTHER"),
}
PATHS = {language: SAID / "policy" / f"{language}.txt" for language in LANGUAGES}
SCENES.update(PATHS.values())


def policy(command: str, *environments: str, ops: bool = True) -> Policy:
    """Eva may use `command` in these environments, Olga everything unless there is no such role."""
    other = "board" if command == "status" else "status"
    rule = Rule(commands=(command,), environments=environments) if environments else Rule(commands=(other,))
    roles = {"engineer": Role(members=Members(users=(EVA.id,)), may=(rule,))}
    if ops:
        roles["ops"] = Role(members=Members(users=("U0OPS",)), may=(Rule(commands=("*",)),))
    return Policy(roles, PLACES, {TEAM}, (command,))


def refused(verdict: object) -> str:
    assert isinstance(verdict, Refusal)
    return verdict.message


def told() -> Iterator[tuple[str, str]]:
    for name, stranger in STRANGERS.items():
        yield f"{name} wants anything", refused(policy("deploy").may(stranger, "deploy", "web", "dev"))
    for command in PHRASES:
        here = policy(command, "dev")
        yield f"{command}, elsewhere than allowed", refused(here.may(EVA, command, "web", "product"))
        yield f"{command}, nowhere allowed", refused(policy(command).may(EVA, command, "web", None))
        yield f"{command}, without a role", refused(here.may(STRANGER, command, "web", "product"))
        lonely = policy(command, "dev", ops=False)
        yield f"{command}, which nobody may there", refused(lonely.may(EVA, command, "web", "product"))
        yield (
            f"{command}, which nobody may",
            refused(policy(command, ops=False).may(EVA, command, "web", "dev")),
        )
    by_hook = {"robots": Role(members=Members(hooks=("github",)), may=(Rule(commands=("deploy",)),))}
    yield (
        "deploy, which a hook may",
        refused(Policy(by_hook, PLACES, {TEAM}, ("deploy",)).may(EVA, "deploy", "web", "dev")),
    )
    yield "help, without a role", refused(policy("help").may(STRANGER, "help", None, None))
    yield "deploy, where there is nothing", refused(policy("deploy").may(EVA, "deploy", "web", "moon"))


@pytest.mark.parametrize("language", LANGUAGES)
def test_policy(language: str, request: pytest.FixtureRequest) -> None:
    lines = ["# What somebody is told who may not.", ""]
    with speaking(language):
        for what, words in told():
            lines += [f"({what})", "", *(f"{INDENT}{line}" for line in named("why not", words)), ""]
    golden(PATHS[language], "\n".join(lines), request.config.getoption("--rewrite-goldens"))
