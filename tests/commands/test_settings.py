"""settings, follow, unfollow: what a person chooses, through chat."""

from __future__ import annotations

from sandbox.chat import Chat


def test_settings_alone_shows_what_may_be_chosen(chat: Chat) -> None:
    said = chat.says("settings", by="engineer")

    assert said.only_for == "U0ENGINEER"
    assert "Language: *English*, as your Slack has it" in said.shown
    assert "Direct messages: *off*" in said.shown
    assert "Quiet hours: *none*" in said.shown
    assert set(said.buttons) >= {"简体中文", "Turn on", "Quiet from 22:00 to 07:00"}


def test_each_is_changed_and_shown_as_it_then_is(chat: Chat) -> None:
    chat.says("settings messages on", by="engineer")
    said = chat.says("settings quiet 22:00-07:00", by="engineer")

    assert "Direct messages: *on*" in said.shown
    assert "Quiet hours: *22:00-07:00* (Europe/Berlin)" in said.shown
    assert "Quiet hours: *none*" in chat.taps(said, "No quiet hours", by="engineer").shown
    assert "Direct messages: *off*" in chat.says("settings", by="qa").shown  # somebody else's are their own


def test_a_language_is_spoken_from_that_answer_on(chat: Chat) -> None:
    said = chat.says("settings language zh", by="engineer")

    assert "语言：*简体中文*" in said.shown
    assert "免打扰时段：*无*" in said.shown


def test_a_project_is_followed_by_whoever_may_see_it(chat: Chat) -> None:
    followed = chat.says("follow web", by="qa")
    listed = chat.says("settings", by="qa")
    left = chat.taps(listed, "Unfollow web", by="qa")

    assert "You follow *web*" in followed.shown
    assert "You follow *web*." in listed.shown
    assert "no more" in left.shown
    assert "You follow no project" in chat.says("settings", by="qa").shown
    assert "guests" in chat.says("follow web", by="guest").text


def test_mails_of_one_project(chat: Chat) -> None:
    said = chat.says("settings mail on for web", by="engineer")
    wrong = chat.says("settings for web", by="engineer")

    assert "Mails: *off*; only for *web*" in said.shown
    assert "goes with `mail`" in wrong.text


def test_in_chinese(chat: Chat) -> None:
    assert "Direct messages: *on*" in chat.says("设置私信开", by="engineer").shown
