"""What the documentation says is so: commands, links, targets, dependencies, the walk, Slack's scopes."""

from __future__ import annotations

import re
import runpy
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.app import App
from bot.catalogue import Catalogue
from bot.command import Command, Query, StandIn, discover
from bot.environment import Environment
from bot.grammar import Environment as Where
from bot.grammar import Parsed, Project
from bot.policy import ANY_ROLE, Policy
from bot.ports import Person
from bot.settings import load
from sandbox.chat import Chat
from sandbox.stage import Stage
from tests import sample

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text()
CONTRIBUTING = (ROOT / "CONTRIBUTING.md").read_text()
COMMANDS = (ROOT / "docs" / "commands.md").read_text()
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])

commands = discover("commands")
catalogue = Catalogue(sample.settings())


def named(page: Path) -> str:
    return str(page.relative_to(ROOT))


def section(text: str, title: str) -> str:
    """What stands under `## title`, up to the next heading of that level."""
    found = re.search(rf"^## {re.escape(title)}$(.*?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL)
    assert found, f"no section {title}"
    return found[1]


def rows(text: str) -> list[list[str]]:
    """The cells of every table row, heads left out."""
    lines = [line for line in text.splitlines() if line.startswith("|")]
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    dashes = [number for number, row in enumerate(cells) if set(row[0]) == {"-"}]
    heads = {number - 1 for number in dashes} | set(dashes)
    return [row for number, row in enumerate(cells) if number not in heads]


# -- commands


@pytest.mark.parametrize("command", commands, ids=lambda command: command.verb)
def test_the_reference_describes_every_command(command: type[Command]) -> None:
    text = section(COMMANDS, command.verb)

    usage, summary = text.strip().split("\n\n")[:2]
    assert usage == f"`{command.usage}`"
    assert summary == command.summary()
    assert re.findall(r"^- `(.+)`$", text, re.MULTILINE) == list(command.examples)
    also = re.search(r"^Also: (.+)\.$", text, re.MULTILINE)
    assert re.findall(r"`([\w ]+)`", also[1] if also else "") == list(command.aliases)


def test_the_readme_lists_every_command() -> None:
    table = rows(section(README, "What it does"))

    assert {(row[0], row[1]) for row in table} == {(f"`{c.usage}`", c.summary()) for c in commands}


def test_the_reference_has_no_command_that_there_is_not() -> None:
    titles = re.findall(r"^## (\w+)$", COMMANDS, re.MULTILINE)

    assert titles == [command.verb for command in commands]


@pytest.mark.parametrize("example", [example for command in commands for example in command.examples])
def test_every_example_is_its_command(example: str) -> None:
    (owner,) = [command for command in commands if example in command.examples]

    parsed = catalogue.parse(example)

    assert isinstance(parsed, Parsed)
    command = parsed.command.asked if isinstance(parsed.command, StandIn) else parsed.command
    assert type(command) is owner


def typed() -> list[str]:
    """Whatever the pages show as typed to Shipmate: it begins with a verb and leaves nothing to fill in."""
    code = [text for page in (README, COMMANDS) for text in re.findall(r"`([^`\n]+)`", page)]
    texts = {text.removeprefix("@shipmate ").removeprefix("/ship ") for text in code}
    verbs = tuple(f"{word} " for command in commands for word in (command.verb, *command.aliases))
    names = {alias for command in commands for alias in command.aliases}
    return sorted(text for text in texts - names if text.startswith(verbs) and "<" not in text)


@pytest.mark.parametrize("text", typed())
def test_what_the_pages_type_is_understood(text: str) -> None:
    assert isinstance(catalogue.parse(text), Parsed)


MEMBERS = {
    "engineer": Person("U0ENGINEER", "engineer", team="T0SHOP"),
    "qa": Person("U0QA", "qa", email="qa@shop.example", team="T0SHOP"),
    "oncall": Person("U0ONCALL", "oncall", team="T0SHOP", groups=frozenset({"S0ONCALL"})),
    "ops": Person("U0OPS", "ops", team="T0SHOP"),
}


def where(policy: Policy, member: Person, verb: str) -> str:
    """As the table of the reference says it."""
    if verb in ANY_ROLE:
        return "yes" if policy.roles_of(member) else ""
    everywhere = list(sample.settings().environments)
    reached = {environment for _project, environment in policy.visible(member, verb)}
    return "everywhere" if reached == set(everywhere) else ", ".join(e for e in everywhere if e in reached)


def test_the_table_of_who_may_is_the_sample_policy() -> None:
    settings = sample.settings()
    verbs = tuple(command.verb for command in commands)
    policy = Policy(settings.roles, settings.targets(), settings.slack.teams, verbs)

    table = rows(section(COMMANDS, "Who may"))

    assert table == [
        [f"`{verb}`", *(where(policy, member, verb) for member in MEMBERS.values())] for verb in verbs
    ]


# -- pages


def links(page: Path) -> Iterator[str]:
    text = re.sub(r"^```.*?^```", "", page.read_text(), flags=re.MULTILINE | re.DOTALL)
    for target in re.findall(r"\]\(([^)\s]+)\)|src=\"([^\"]+)\"", text):
        yield "".join(target)


def anchors(page: Path) -> set[str]:
    """GitHub's: small letters, spaces as hyphens, punctuation gone."""
    titles = re.findall(r"^#+ (.+)$", page.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_every_link_leads_somewhere(page: Path) -> None:
    for link in links(page):
        if link.startswith("https://"):
            continue
        path, _, anchor = link.partition("#")
        target = page.parent / path if path else page
        assert target.exists(), link
        assert not anchor or anchor in anchors(target), link


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_every_make_target_exists(page: Path) -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))

    assert set(re.findall(r"(?:^|`)make ([a-z]+)", page.read_text(), re.MULTILINE)) <= targets


def test_every_direct_dependency_has_its_reason() -> None:
    files = [(ROOT / name).read_text() for name in ("requirements.txt", "requirements-dev.txt")]
    direct = [name for text in files for name in re.findall(r"^([\w.-]+)==", text, re.MULTILINE)]

    table = rows((ROOT / "docs" / "dependencies.md").read_text())

    assert sorted(row[0] for row in table) == sorted(direct)
    assert not [row for row in table if not row[1]]


def test_the_walk_names_functions_that_are_there() -> None:
    walk = section(README, "How it works: one command through the code")
    steps = [step for step in walk.split("\n") if "](" in step and "()`" in step]

    for step in steps:
        source = "\n".join((ROOT / path).read_text() for path in re.findall(r"\]\(([\w/]+\.py)\)", step))
        for name in re.findall(r"`(?:\w+\.)?(\w+)\(\)`", step):
            assert f"def {name}(" in source, f"{name} is not in {step[:50]}"
    assert len(steps) == 7


def test_the_configuration_of_the_readme_loads(tmp_path: Path) -> None:
    (text,) = re.findall(r"^```yaml\n(.*?)^```", README, re.MULTILINE | re.DOTALL)
    file = tmp_path / "shipmate.yaml"
    file.write_text(text)

    settings = load(file, {"JENKINS_TOKEN": "a", "LOGS_API_KEY": "b"}, [c.verb for c in commands])

    assert list(settings.targets()) == [("web", "trunk"), ("web", "product")]


def test_the_command_of_the_guide_works(chat: Chat, stage: Stage, tmp_path: Path) -> None:
    chat.ends(chat.says("deploy web to dev at r1839", by="engineer"))
    sources = re.findall(r"^```python\n(\"\"\"revisions.*?)^```", CONTRIBUTING, re.MULTILINE | re.DOTALL)
    file = tmp_path / "revisions.py"
    file.write_text(sources[0])

    command: Query = runpy.run_path(str(file), run_name="revisions")["Revisions"](
        Project("web"), Where("dev")
    )
    reply = command.answer(MEMBERS["ops"], App(Environment.read(stage.variables)).backends)

    assert "2: `dev-r1839-1`" in str(reply.blocks)


# -- Slack


@dataclass(frozen=True)
class Manifest:
    plain: Any

    @property
    def scopes(self) -> set[str]:
        return set(self.plain["oauth_config"]["scopes"]["bot"])

    @property
    def events(self) -> set[str]:
        return set(self.plain["settings"]["event_subscriptions"]["bot_events"])


SCOPES = {
    "chat.postMessage": "chat:write",
    "chat.postEphemeral": "chat:write",
    "chat.update": "chat:write",
    "conversations.open": "im:write",
    "files.upload.v2": "files:write",
    "usergroups.users.list": "usergroups:read",
    "users.info": "users:read",
    "views.open": "",
    "views.update": "",
    "views.publish": "",
    "app_home_opened": "",
    "app_mention": "app_mentions:read",
    "message.im": "im:history",
}
"""https://docs.slack.dev/reference/methods and /reference/events: what each asks of a bot token."""


def called() -> set[str]:
    """The Web API methods in the source of the Slack integration, by Slack's names."""
    source = "".join(path.read_text() for path in (ROOT / "integrations").glob("slack*.py"))
    by_name = re.findall(r"_call\(\"([\w.]+)\"", source)
    by_method = [name for name in re.findall(r"_client\.(\w+)\(", source) if name != "api_call"]
    return {*by_name, *(name.replace("_", ".") for name in by_method)}


def test_the_manifest_asks_for_exactly_the_scopes_that_are_used() -> None:
    manifest = Manifest(yaml.safe_load((ROOT / "docs" / "slack-app-manifest.yaml").read_text()))

    needed = {SCOPES[name] for name in called() | manifest.events} - {""}

    assert manifest.scopes == needed | {"commands", "users:read.email"}


def test_the_manifest_switches_on_what_the_code_listens_to() -> None:
    manifest = Manifest(yaml.safe_load((ROOT / "docs" / "slack-app-manifest.yaml").read_text()))
    source = "".join(path.read_text() for path in (ROOT / "integrations").glob("slack*.py"))

    listened = set(re.findall(r"app\.event\(\"(\w+)\"\)", source))
    shortcuts = set(re.findall(r"app\.shortcut\(\"(\w+)\"\)", source))
    assert {one["callback_id"] for one in manifest.plain["features"]["shortcuts"]} == shortcuts
    assert {event.partition(".")[0] for event in manifest.events} == listened
    assert manifest.plain["settings"]["socket_mode_enabled"] is True
    assert manifest.plain["settings"]["interactivity"]["is_enabled"] is True
    assert manifest.plain["features"]["app_home"]["messages_tab_enabled"] is True
    assert manifest.plain["features"]["app_home"]["home_tab_enabled"] is True
    assert [command["command"] for command in manifest.plain["features"]["slash_commands"]] == ["/ship"]
