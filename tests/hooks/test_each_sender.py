"""Bad input from each of those who tell of commits: refused with the documented status, in the log, nothing started."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any, NamedTuple

import pytest

from bot.hook_memory import REMEMBER_SECONDS
from integrations.hooks_shipmate import WINDOW_SECONDS
from sandbox.chat import Chat
from sandbox.stage import Stage
from tests.hooks.support import SHA, base, digest, forge, gitea, github, gitlab, own, post, said, svn

Request = tuple[bytes, dict[str, str]]


class Sender(NamedTuple):
    hook: str
    signed: Callable[[Any], Request]
    push: dict[str, Any]
    elsewhere: dict[str, Any]
    """A push to a repository that no project has."""
    aside: dict[str, Any]
    """A push to a line that no project has."""
    misshapen: dict[str, Any]
    signature: str
    """The header that vouches for it."""


def of_forge(hook: str) -> Callable[[Any], Request]:
    return lambda told: forge(hook, told)


GIT = svn(SHA, repository="shop/api", branch="trunk", paths=[])
SENDERS = {
    "the script of Subversion": Sender(
        "own", own, svn(), svn(repository="other"), svn(path="tags/9"), svn(author=4), "X-Shipmate-Signature"
    ),
    "the script of git": Sender(
        "own",
        own,
        GIT,
        {**GIT, "repository": "other"},
        {**GIT, "branch": "other"},
        {**GIT, "branch": 4},
        "X-Shipmate-Signature",
    ),
    "GitHub": Sender(
        "hub",
        of_forge("hub"),
        github(),
        github(repository={"full_name": "shop/other"}),
        github("other"),
        github(head_commit={"author": 1}),
        "X-Hub-Signature-256",
    ),
    "GitLab": Sender(
        "lab",
        of_forge("lab"),
        gitlab(),
        gitlab(project={"path_with_namespace": "shop/other"}),
        gitlab("other"),
        gitlab(project=4),
        "X-Gitlab-Token",
    ),
    "Gitea": Sender(
        "tea",
        of_forge("tea"),
        gitea(),
        gitea(repository={"full_name": "shop/other"}),
        gitea("other"),
        gitea(repository=4),
        "X-Gitea-Signature",
    ),
}


@pytest.fixture(params=SENDERS)
def sender(request: pytest.FixtureRequest) -> Sender:
    return SENDERS[request.param]


def refused(stage: Stage, sender: Sender, body: bytes, headers: dict[str, str]) -> int:
    """The status, which stands in the log too."""
    status, words = post(base(stage), sender.hook, body, headers)
    logged = f"hook={sender.hook} status={status} {words}"
    assert logged in stage.crew.log("web") or f"/hooks/{sender.hook}: {words}" in stage.crew.log("web")
    return status


def test_what_is_not_signed_or_not_understood_starts_nothing(
    chat: Chat, stage: Stage, sender: Sender
) -> None:
    body, headers = sender.signed(sender.push)
    unsigned = {name: text for name, text in headers.items() if name != sender.signature}
    huge = json.dumps({**sender.push, "filler": "x" * 5_100_000}).encode()

    assert refused(stage, sender, body, unsigned) == 401
    assert refused(stage, sender, body, {**headers, sender.signature: digest("wrong", body)}) == 401
    assert refused(stage, sender, body, {**headers, sender.signature: ""}) == 401
    assert refused(stage, sender, *sender.signed(sender.misshapen)) == 400
    assert refused(stage, sender, *sender.signed([])) == 400
    assert refused(stage, sender, huge, headers) == 413
    assert not chat.said()
    assert not stage.world.jenkins.triggers


def test_an_unknown_project_or_line_is_noted(chat: Chat, stage: Stage, sender: Sender) -> None:
    for told in (sender.elsewhere, sender.aside):
        status, words = post(base(stage), sender.hook, *sender.signed(told))

        assert status == 202
        assert "no project has a line at" in words
        assert f"hook={sender.hook} status=202 {words}" in stage.crew.log("web")
    assert not chat.said()


def test_a_recording_starts_nothing_however_old_it_is(chat: Chat, stage: Stage, sender: Sender) -> None:
    body, headers = sender.signed(sender.push)
    assert post(base(stage), sender.hook, body, headers)[0] == 202
    said(chat, "on trunk")

    assert refused(stage, sender, body, headers) == 401
    for key in stage.redis.scan_iter(f"shipmate:hook:{sender.hook}:*"):
        assert 0 < stage.redis.ttl(key) <= REMEMBER_SECONDS
        stage.redis.delete(key)  # that time has passed
    if sender.hook != "own":  # a time that was signed is too old by then
        assert refused(stage, sender, body, headers) == 401
    assert REMEMBER_SECONDS > 2 * WINDOW_SECONDS
    assert len(chat.said()) == 1


@pytest.mark.parametrize("name", ["the script of Subversion", "the script of git"])
def test_a_sender_whose_answer_was_lost_gets_it_again(chat: Chat, stage: Stage, name: str) -> None:
    sender, number = SENDERS[name], "f47ac10b-58cc-4372-a567-0e02b2c3d479"
    now = time.time()
    first = post(base(stage), "own", *own(sender.push, at=now - 2, number=number))
    said(chat, "on trunk")

    again = post(base(stage), "own", *own(sender.push, at=now, number=number))
    other = post(base(stage), "own", *own({**sender.push, "message": "x"}, at=now, number=number))
    recorded = post(base(stage), "own", *own(sender.push, at=now - 2, number=number))

    assert again == first
    assert first[0] == 202
    assert other[0] == recorded[0] == 401
    assert len(chat.said()) == 1
