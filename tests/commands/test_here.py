"""here: what a channel stands for need not be said in it."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.grammar import Environment, Project
from bot.here import defaults
from bot.settings import BadSettings, load
from sandbox.chat import Chat
from sandbox.world import World
from tests import sample


def test_a_channel_that_stands_for_a_target_needs_less_typing(chat: Chat, world: World) -> None:
    chat.says("here is web/trunk", by="engineer", channel="#web")

    chat.ends(chat.says("deploy", by="engineer", channel="#web"))

    assert world.kubernetes.image("trunk", "web").endswith("trunk-r1841-1")


def test_what_is_said_counts_more(chat: Chat) -> None:
    chat.says("here is web/trunk", by="engineer", channel="#web")

    answer = chat.says("history api in dev", by="engineer", channel="#web")

    assert "api/dev" in answer.text


def test_what_is_missing_is_still_asked_for(chat: Chat) -> None:
    chat.says("here is web", by="engineer", channel="#web")

    answer = chat.says("deploy", by="engineer", channel="#web")

    assert "deploy web to trunk" in answer.buttons
    assert "deploy api to trunk" not in answer.buttons


@pytest.mark.parametrize("command", ["board", "status"])
def test_what_is_where_is_about_that_project_and_a_button_shows_the_others(chat: Chat, command: str) -> None:
    chat.says("here is web/trunk", by="engineer", channel="#web")

    mine = chat.says(command, by="engineer", channel="#web")
    everything = chat.taps(mine, "All projects", by="engineer")

    assert "*web*" in mine.shown
    assert "*api*" not in mine.shown
    assert "*api*" in everything.shown
    assert "*api*" in chat.says(f"{command} api", by="engineer", channel="#web").shown


def test_other_channels_are_as_before(chat: Chat) -> None:
    chat.says("here is web/trunk", by="engineer", channel="#web")

    answer = chat.says("deploy", by="engineer", channel="#deploys")

    assert "Which project?" in answer.text


def test_a_slip_is_not_covered_up(chat: Chat) -> None:
    chat.says("here is web/trunk", by="engineer", channel="#web")

    answer = chat.says("deploy wbe", by="engineer", channel="#web")

    assert "I know no" in answer.text


def test_no_channel_stands_for_production(chat: Chat) -> None:
    answer = chat.says("here is web/product", by="ops", channel="#web")

    assert "product must be named every time" in answer.text
    assert "Which" in chat.says("deploy web", by="ops", channel="#web").text


def test_it_can_be_taken_back(chat: Chat) -> None:
    told = chat.says("here is web/trunk", by="engineer", channel="#web")

    answer = chat.taps(told, "Undo", by="engineer")

    assert "stands for nothing any more" in answer.text
    assert "Which project?" in chat.says("deploy", by="engineer", channel="#web").text


def test_who_may_not_change_it_is_told_who_may(chat: Chat) -> None:
    answer = chat.says("here is web/trunk", by="oncall", channel="#web")

    assert answer.only_for == "U0ONCALL"
    assert "engineer" in answer.text


def test_what_became_protected_or_is_gone_is_not_filled_in() -> None:
    settings = sample.settings()

    assert defaults("web/trunk", settings) == {Project: "web", Environment: "trunk"}
    assert defaults("web/product", settings) == {Project: "web"}
    assert defaults("old/elsewhere", settings) == {}
    assert defaults("", settings) == {}


@pytest.mark.parametrize(
    ("stand", "said"),
    [("web/product", "product is protected"), ("nope", "nope"), ("web/nowhere", "does not run in nowhere")],
)
def test_the_configuration_is_checked(tmp_path: Path, stand: str, said: str) -> None:
    text = sample.PATH.read_text().replace("\nslack:\n", f'\nslack:\n  channels: {{C0WEB: "{stand}"}}\n')
    (tmp_path / "shipmate.yaml").write_text(text)

    with pytest.raises(BadSettings, match=said):
        load(tmp_path / "shipmate.yaml", sample.ENV, None)


def test_a_lock_in_the_channel_of_a_target_is_of_that_target_and_not_of_the_environment(chat: Chat) -> None:
    chat.says("here is web/trunk", by="ops", channel="#web")

    locked = chat.says("lock", by="qa", channel="#web")

    assert "web/trunk is locked" in locked.text
