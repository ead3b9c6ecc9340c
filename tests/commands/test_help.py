"""help and whoami: only what this person may do."""

from __future__ import annotations

import pytest

from sandbox.chat import Chat

MAY = {
    "engineer": {"deploy", "rollback", "status", "logs"},
    "qa": {"deploy", "status", "logs"},
    "oncall": {"rollback", "scale", "status", "logs"},
    "ops": {"deploy", "rollback", "scale", "status", "logs"},
}
COMMANDS = MAY["ops"]


@pytest.mark.parametrize("person", MAY)
def test_help_lists_what_this_person_may_do_and_nothing_else(chat: Chat, person: str) -> None:
    said = chat.says("help", by=person)

    assert said.only_for == f"U0{person.upper()}"
    listed = {name for name in COMMANDS if f"`{name}`" in said.text}
    assert listed == MAY[person]


@pytest.mark.parametrize("person", MAY)
def test_whoami_says_roles_and_where(chat: Chat, person: str) -> None:
    said = chat.says("whoami", by=person)

    assert f"role *{person}*" in said.text
    assert {name for name in COMMANDS if f"`{name}`" in said.text} == MAY[person]


@pytest.mark.parametrize(
    ("person", "command", "place"), [("oncall", "rollback", "product"), ("engineer", "deploy", "trunk")]
)
def test_help_is_short_and_every_example_in_it_may_be_typed_as_it_stands(
    chat: Chat, person: str, command: str, place: str
) -> None:
    said = chat.says("help", by=person)

    assert len(said.shown) < 900
    assert f"`{command} web {'to' if command == 'deploy' else 'in'} {place}`" in said.shown


def test_examples_stand_in_places_where_the_reader_may(chat: Chat) -> None:
    said = chat.says("help deploy", by="engineer")

    assert "deploy web to dev at 22:00" in said.shown
    assert "product" not in said.shown
    assert "hidden" not in said.shown


def test_where_a_command_may_be_used(chat: Chat) -> None:
    said = chat.says("help ship", by="engineer")

    assert "You may use it on all projects in dev and trunk" in said.text
    assert "deploy web to trunk" in said.text


def test_a_command_that_is_not_theirs_is_not_explained(chat: Chat) -> None:
    assert "`scale` is not among what you may do" in chat.says("help scale", by="engineer").text


def test_an_example_can_be_tried_by_its_button(chat: Chat) -> None:
    said = chat.says("help status", by="qa")

    assert "4 targets" in chat.taps(said, "status web", by="qa").text


def test_an_empty_mention_is_answered(chat: Chat) -> None:
    assert "help" in chat.says("", by="qa").text


def test_who_has_no_role_is_told_whom_to_ask(chat: Chat) -> None:
    """The guest is refused for being one; see tests/test_door.py for members without a role."""
    assert "guests" in chat.says("help", by="guest").text


def test_an_example_that_acts_is_no_button(chat: Chat) -> None:
    assert not chat.says("help freeze", by="ops").buttons
    assert "status web" in chat.says("help status", by="ops").buttons
