"""Mails wait in Redis until the server has them, and go once; over a real server."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from redis import Redis

from bot.changelogs import Changelogs
from bot.heartbeat import keeping
from bot.language import _
from bot.ledger import Ledger
from bot.lifecycle import State
from bot.mailroom import GIVE_UP_SECONDS, Mailroom
from bot.operation import Operation, Origin, Outcome
from bot.ports import Commit, Person
from bot.preferences import Preferences
from bot.settings import Settings
from bot.settings.mail import Mail, ResultMail
from commands.promote import LIVE
from integrations.mail import SmtpMail
from sandbox.chat import eventually
from sandbox.stage import free_port
from tests import sample
from tests.ledger_support import memory
from tests.mail_support import MailServer, mail_server

ENGINEER = Person("U0ENGINEER", "mei", "mei@shop.example", "T0SHOP", tz="Europe/Berlin")
PROMOTED = {"image": "3.2.0", "target": "web/product", "environment": "hidden", "before": "3.1.0"}
OUTCOME = Outcome("trunk-r1841-1 is live on web/trunk.", excerpt=("password=hunter2", "<b>last</b> line"))


@pytest.fixture(scope="module")
def redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Redis]:
    with memory(tmp_path_factory.mktemp("redis")) as client:
        yield client


@pytest.fixture
def empty(redis: Redis) -> Redis:
    redis.flushall()
    return redis


@pytest.fixture(scope="module")
def running() -> Iterator[MailServer]:
    with mail_server(tls=False) as server:
        yield server


@pytest.fixture
def server(running: MailServer) -> MailServer:
    return running.emptied()


def settings(**mail: Any) -> Settings:
    """The sample shop, with a list for web."""
    shop = sample.settings()
    web = shop.projects["web"].model_copy(update={"mail": ResultMail(to=("web@shop.example",))})
    own = Mail(server="127.0.0.1", security="none", sender="shipmate@shop.example", **mail)
    return shop.model_copy(update={"mail": own, "projects": {**shop.projects, "web": web}})


def room(redis: Redis, port: int, **mail: Any) -> Mailroom:
    smtp = SmtpMail("127.0.0.1", port, "none", None, None, timeout=2)
    return Mailroom(redis, Ledger(redis), settings(**mail), smtp)


def ended(
    redis: Redis, actor: Person = ENGINEER, state: State = State.FAILED, outcome: Outcome = OUTCOME
) -> Operation:
    ledger = Ledger(redis, mails=True)
    asked = Operation("", "deploy", "deploy web to trunk", "change", actor, Origin("C1"), "web/trunk")
    opened = ledger.open(asked, announce=False).operation
    assert opened is not None
    running = ledger.write(opened, replace(opened, state=State.RUNNING), None, announce=False)
    final = replace(running, state=state, outcome=outcome, finished=time.time() + 61)
    return ledger.write(running, final, None, announce=False)


def due(redis: Redis) -> int:
    return int(redis.zcard("shipmate:mails"))


def test_the_requester_and_the_list_get_one_mail(empty: Redis, server: MailServer) -> None:
    operation = ended(empty)
    Changelogs(empty).keep(
        operation.id,
        7,
        "http://jenkins/7/",
        (Commit("r1841", "Mei Lin", "Fix <login>"), Commit("r1838", "T", "x")),
        False,
    )

    room(empty, server.port).work(time.time() + 1)
    room(empty, server.port).work(time.time() + 999)

    (mail,) = server.inbox.mails
    assert server.inbox.recipients == [["mei@shop.example", "web@shop.example"]]
    assert mail["Subject"] == "deploy web to trunk: FAILED"
    text, html = (mail.get_body((kind,)).get_content() for kind in ("plain", "html"))  # type: ignore[union-attr]
    assert "trunk-r1841-1 is live on web/trunk." in text
    assert "2 changes, newest first:" in text
    assert "r1841 Fix <login> (Mei Lin)" in text
    assert "Fix &lt;login&gt;" in html
    assert "&lt;b&gt;last&lt;/b&gt; line" in html
    assert "hunter2" not in text + html
    assert "took 1 min 1 s" in text
    assert "mail off" in text
    assert not due(empty)
    assert not empty.keys("shipmate:mail:*")


def test_the_same_operation_is_the_same_mail_in_the_same_thread(empty: Redis, server: MailServer) -> None:
    operation = ended(empty)
    room(empty, server.port).work(time.time() + 1)
    empty.zadd(
        "shipmate:mails", {operation.id: 0}
    )  # as if its sender had died before it recorded that it was sent

    room(empty, server.port).work(time.time() + 1)

    first, second = server.inbox.mails
    assert first["Message-ID"] == second["Message-ID"]
    assert first["References"] == f"<{operation.id}.{int(operation.opened)}@shop.example>"


def test_a_server_that_is_away_gets_it_when_it_is_back(empty: Redis) -> None:
    port, now = free_port(), time.time() + 1
    ended(empty)

    room(empty, port).work(now)
    assert due(empty) == 1
    with mail_server(port, tls=False) as server:
        room(empty, port).work(now)
        assert not server.inbox.mails  # not before its pause is over
        room(empty, port).work(now + 10)
        assert len(server.inbox.mails) == 1

    assert not due(empty)


def test_only_those_who_have_not_got_it_are_tried_again(empty: Redis, server: MailServer) -> None:
    ended(empty)
    server.inbox.instead = {"RCPT mei@shop.example": "450 later"}

    room(empty, server.port).work(time.time() + 1)
    room(empty, server.port).work(time.time() + 60)

    assert server.inbox.recipients == [["web@shop.example"], ["mei@shop.example"]]


def test_what_is_refused_is_not_tried_again(
    empty: Redis, server: MailServer, caplog: pytest.LogCaptureFixture
) -> None:
    operation = ended(empty)
    server.inbox.instead = {"RCPT mei@shop.example": "550 unknown"}

    room(empty, server.port).work(time.time() + 1)
    room(empty, server.port).work(time.time() + 60)

    assert server.inbox.recipients == [["web@shop.example"]]
    assert f"mail of operation={operation.id} to mei@shop.example is refused: 550 unknown" in caplog.text


def test_after_a_day_it_is_given_up(empty: Redis, caplog: pytest.LogCaptureFixture) -> None:
    ended(empty)
    nobody, now = room(empty, free_port()), time.time() + 1

    nobody.work(now)
    nobody.work(now + GIVE_UP_SECONDS + 1)

    assert not due(empty)
    assert "is given up: cannot be reached" in caplog.text


def test_two_rooms_send_it_once(empty: Redis, server: MailServer) -> None:
    for _again in range(3):
        ended(empty)
    now = time.time() + 1
    workers = [threading.Thread(target=room(empty, server.port).work, args=(now,)) for _ in range(4)]

    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    room(empty, server.port).work(now)

    assert len({mail["Message-ID"] for mail in server.inbox.mails}) == len(server.inbox.mails) == 3


@pytest.mark.parametrize(
    ("actor", "said", "mail", "recipients"),
    [
        (ENGINEER, "", {}, ["mei@shop.example", "web@shop.example"]),
        (ENGINEER, "off", {}, ["web@shop.example"]),
        (ENGINEER, "", {"requesters": False}, ["web@shop.example"]),
        (ENGINEER, "on", {"requesters": False}, ["mei@shop.example", "web@shop.example"]),
        (replace(ENGINEER, email=""), "", {}, ["web@shop.example"]),
        (replace(ENGINEER, email="WEB@shop.example"), "", {}, ["web@shop.example"]),
        (replace(ENGINEER, email="a@b.c\nBcc: x@y.z"), "", {}, ["web@shop.example"]),
        (replace(ENGINEER, email="a@b.c,d@e.f"), "", {}, ["web@shop.example"]),
        (Person("hook:svn", "the svn hook"), "", {}, ["web@shop.example"]),
    ],
)
def test_who_gets_it(
    empty: Redis, server: MailServer, actor: Person, said: str, mail: dict[str, Any], recipients: list[str]
) -> None:
    if said:
        Preferences(empty).choose(actor.id, mail=said)
    ended(empty, actor)

    room(empty, server.port, **mail).work(time.time() + 1)

    (got,) = server.inbox.recipients
    assert [address.lower() for address in got] == recipients


def test_a_commit_whose_place_a_newer_one_took_is_no_mail(empty: Redis, server: MailServer) -> None:
    mailroom = room(empty, server.port)
    hook = Operation(
        "k7f3", "deploy", "deploy web to dev at r1", "change", ENGINEER, Origin("C1", source="hook")
    )
    hook = replace(hook, target="web/dev", state=State.CANCELLED, stopped_by="m2b9")

    assert mailroom.recipients(hook) == ()
    assert mailroom.recipients(replace(hook, origin=Origin("C1"))) == ("web@shop.example", "mei@shop.example")


def test_a_project_may_mail_its_list_alone(empty: Redis, server: MailServer) -> None:
    shop = settings()
    web = shop.projects["web"].model_copy(
        update={"mail": ResultMail(to=("web@shop.example",), requester=False)}
    )
    shop = shop.model_copy(update={"projects": {**shop.projects, "web": web}})
    Preferences(empty).choose(ENGINEER.id, mail="on")
    ended(empty)

    smtp = SmtpMail("127.0.0.1", server.port, "none", None, None, timeout=2)
    Mailroom(empty, Ledger(empty), shop, smtp).work(time.time() + 1)

    assert server.inbox.recipients == [["web@shop.example"]]


def test_without_mail_nothing_is_put_in_line(empty: Redis) -> None:
    ledger = Ledger(empty)
    asked = Operation("", "deploy", "deploy web to trunk", "change", ENGINEER, Origin("C1"), "web/trunk")
    opened = ledger.open(asked, announce=False).operation
    assert opened is not None

    ledger.stop(opened.id, "U1")

    assert not due(empty)


def test_a_list_is_only_for_its_project(empty: Redis, tmp_path: Path) -> None:
    operation = replace(ended(empty), target="api/trunk")

    assert room(empty, 1).recipients(operation) == ("mei@shop.example",)
    assert room(empty, 1).recipients(replace(operation, target="gone/trunk")) == ()


def test_each_reader_gets_it_in_their_own_language(empty: Redis, server: MailServer) -> None:
    ended(empty, replace(ENGINEER, language="zh"), State.SUCCEEDED, Outcome(_(LIVE, **PROMOTED)))

    room(empty, server.port).work(time.time() + 1)

    lists, theirs = server.inbox.mails
    assert server.inbox.recipients == [["web@shop.example"], ["mei@shop.example"]]
    assert theirs["Subject"] == "部署 web 到 trunk：完成"
    assert lists["Subject"] == "deploy web to trunk: done"
    body, html = (theirs.get_body((kind,)).get_content() for kind in ("plain", "html"))  # type: ignore[union-attr]
    assert "3.2.0 已在 web/product 上线，与 hidden 运行的是同一镜像。" in body
    assert "由 mei 于 " in body
    assert "年" in body
    assert "日志" not in body  # there is none
    assert '<html lang="zh">' in html
    assert "3.2.0 is live on web/product" in lists.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    assert theirs["Message-ID"] != lists["Message-ID"]
    assert theirs["References"] == lists["References"]


def test_what_somebody_chose_counts_before_what_their_slack_says(empty: Redis, server: MailServer) -> None:
    Preferences(empty).choose(ENGINEER.id, language="en")
    ended(empty, replace(ENGINEER, language="zh"))

    room(empty, server.port).work(time.time() + 1)

    (mail,) = server.inbox.mails
    assert mail["Subject"] == "deploy web to trunk: FAILED"


def test_who_has_it_gets_it_once_when_the_other_language_has_to_wait(
    empty: Redis, server: MailServer
) -> None:
    server.inbox.instead = {"RCPT web@shop.example": "450 later"}
    ended(empty, replace(ENGINEER, language="zh"))

    room(empty, server.port).work(time.time() + 1)
    room(empty, server.port).work(time.time() + 60)

    assert server.inbox.recipients == [["mei@shop.example"], ["web@shop.example"]]


def test_a_mail_stays_in_hand_however_long_its_server_takes(empty: Redis) -> None:
    lock = empty.lock("mail", timeout=1.5, thread_local=False)
    assert lock.acquire(blocking=False)

    with keeping(lock):
        eventually(lambda: empty.pttl("mail") < 1200, "some of its time to go by")
        eventually(lambda: empty.pttl("mail") > 1400, "its renewal")

    assert not empty.exists("mail")
