"""mail, and the mail about how a change ended; through chat and a real mail server."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.request import urlopen

import pytest

from sandbox.chat import Chat, eventually
from sandbox.stage import Stage, staged
from tests.conftest import PACE, open_shop
from tests.mail_support import CA, LOGIN, MailServer, mail_server
from tests.sample import changed_shop


@pytest.fixture(scope="module")
def post() -> Iterator[MailServer]:
    with mail_server() as server:
        yield server


@pytest.fixture(scope="module")
def mailing(tmp_path_factory: pytest.TempPathFactory, post: MailServer) -> Iterator[Stage]:

    def change(plain: dict[str, Any]) -> None:
        plain["mail"] = {
            "server": f"127.0.0.1:{post.port}",
            "user": LOGIN[0],
            "password": "${MAIL_PASSWORD}",
            "ca": str(CA),
            "sender": "shipmate@shop.example",
        }
        plain["projects"]["web"]["mail"] = {"to": ["web@shop.example"]}

    folder = tmp_path_factory.mktemp("mail")
    config = changed_shop(folder, change)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MAIL_PASSWORD", LOGIN[1])
        with staged(folder, PACE, config=config) as stage:
            yield stage


@pytest.fixture
def chat(mailing: Stage, post: MailServer) -> Chat:
    open_shop(mailing)
    post.emptied()
    return mailing.chat


def test_whoever_asked_and_the_list_are_told_the_end_with_its_changes(chat: Chat, post: MailServer) -> None:
    chat.ends(chat.says("deploy web to trunk at r1835", by="engineer"))
    chat.ends(chat.says("deploy web to trunk", by="engineer"))

    eventually(lambda: len(post.inbox.mails) == 2, "both mails")

    mail = post.inbox.mails[-1]
    text = mail.get_body(("plain",)).get_content().replace("\r\n", "\n")  # type: ignore[union-attr]
    assert post.inbox.recipients[-1] == ["engineer@shop.example", "web@shop.example"]
    assert mail["Subject"] == "deploy web to trunk: done"
    assert "trunk-r1841-2 is live on web/trunk" in text
    assert "changes, newest first:\n  r1841 " in text
    assert "Build 2: http://" in text
    assert "Message in chat: https://slack.com/archives/C0DEPLOYS/p" in text
    assert post.inbox.over_tls[-1]


def test_a_mail_server_that_hangs_holds_no_operation_up(chat: Chat, post: MailServer, mailing: Stage) -> None:
    post.inbox.hangs.set()
    try:
        first = chat.ends(chat.says("deploy web to dev", by="engineer"))
        eventually(lambda: post.inbox.hung, "a mail in the hands of a server that says nothing")
        second = chat.ends(chat.says("restart web in dev", by="engineer"))
        assert not post.inbox.mails
    finally:
        post.inbox.hangs.clear()

    def again() -> bool:
        waiting = mailing.redis.zrange("shipmate:mails", 0, -1)
        for operation in waiting:  # the pause before the next try is over
            mailing.redis.zadd("shipmate:mails", {str(operation): 0}, xx=True)
        return not waiting and len(post.inbox.mails) == 2

    eventually(again, "both mails")
    assert "is live on web/dev" in first.shown
    assert "web/dev has 1 new pod" in second.shown
    assert all(post.inbox.over_tls[-2:])
    assert sorted(str(mail["Subject"]) for mail in post.inbox.mails) == [
        "deploy web to dev: done",
        "restart web in dev: done",
    ]


def test_a_person_may_want_none(chat: Chat, post: MailServer) -> None:
    said = chat.says("mail off", by="engineer")
    chat.ends(chat.says("deploy web to dev", by="engineer"))
    eventually(lambda: post.inbox.mails, "the list's")
    again = chat.says("mail on", by="engineer")

    assert "You get no mails for what you ask for." in said.text
    assert post.inbox.recipients == [["web@shop.example"]]
    assert "You get a mail at engineer@shop.example" in again.text
    assert "You get a mail at" in chat.says("mail", by="engineer").text


def test_a_person_may_want_none_of_one_project(chat: Chat, post: MailServer) -> None:
    chat.says("settings mail off for web", by="engineer")

    for project in ("web", "api"):
        chat.ends(chat.says(f"deploy {project} to dev", by="engineer"))

    eventually(lambda: len(post.inbox.mails) == 2, "a mail of each")
    assert sorted(post.inbox.recipients) == [["engineer@shop.example"], ["web@shop.example"]]
    assert "web" in str(post.inbox.mails[post.inbox.recipients.index(["web@shop.example"])]["Subject"])


def test_the_sample_shop_tells_the_list_of_one_project(running: Stage) -> None:
    open_shop(running)

    running.chat.ends(running.chat.says("deploy web to dev", by="engineer"))

    inbox = running.world.mail
    eventually(lambda: inbox.mails, "a mail")
    assert inbox.mails[0]["To"] == "web-team@shop.example"
    with urlopen(f"{inbox.url}/", timeout=5) as page:  # noqa: S310  # loopback
        assert "deploy web to dev: done" in page.read().decode()
    with urlopen(f"{inbox.url}/0", timeout=5) as mail:  # noqa: S310
        assert "is live on web/dev" in mail.read().decode()


def test_a_failed_build_is_mailed_with_its_console_and_its_address(chat: Chat, post: MailServer) -> None:
    chat.ends(chat.says("deploy web to dev at r666", by="engineer"))

    eventually(lambda: post.inbox.mails, "the mail")

    mail = post.inbox.mails[-1]
    text = mail.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    assert mail["Subject"] == "deploy web to dev at r666: FAILED"
    assert "COMPILATION ERROR" in text
    assert "Build 1: http://" in text
