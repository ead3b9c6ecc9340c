"""The SMTP adapter against a real server: TLS, logins, and every kind of answer."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from bot.faults import Unavailable
from bot.ports import Delivery, Letter
from integrations.mail import SmtpMail
from sandbox.stage import free_port
from tests.mail_support import CA, LOGIN, MailServer, mail_server

LETTER = Letter(
    id="<k7f3.1.result@shop.example>",
    thread="<k7f3.1@shop.example>",
    sender="shipmate@shop.example",
    to=("mei@shop.example", "list@shop.example"),
    subject="deploy web to trunk: done ✓",
    text="Grüße\n.\nend",
    html="<p>Grüße</p>",
)


@pytest.fixture(scope="module")
def running() -> Iterator[MailServer]:
    with mail_server() as server:
        yield server


@pytest.fixture
def server(running: MailServer) -> MailServer:
    return running.emptied()


def smtp(
    server: MailServer, security: str = "starttls", login: tuple[str, str] = LOGIN, ca: Path = CA
) -> SmtpMail:
    return SmtpMail("127.0.0.1", server.port, security, login, str(ca), timeout=5)


def test_a_mail_arrives_over_tls_as_text_and_html(server: MailServer) -> None:
    assert smtp(server).send(LETTER) == Delivery()

    (mail,) = server.inbox.mails
    assert server.inbox.over_tls[-1]
    assert server.inbox.recipients == [["list@shop.example", "mei@shop.example"]]
    assert mail["Subject"] == LETTER.subject
    assert (mail["Message-ID"], mail["References"], mail["In-Reply-To"]) == (LETTER.id, *[LETTER.thread] * 2)
    assert mail["Auto-Submitted"] == "auto-generated"
    text, html = mail.get_body(("plain",)), mail.get_body(("html",))
    assert text is not None
    assert html is not None
    assert text.get_content().replace("\r\n", "\n").strip() == LETTER.text
    assert html.get_content().strip() == LETTER.html


def test_each_recipient_is_answered_for_alone(server: MailServer) -> None:
    server.inbox.instead = {"RCPT mei@shop.example": "450 busy"}
    assert smtp(server).send(LETTER) == Delivery(later={"mei@shop.example": "450 busy"})

    server.inbox.instead = {"RCPT mei@shop.example": "550 no such person"}
    assert smtp(server).send(LETTER) == Delivery(refused={"mei@shop.example": "550 no such person"})

    assert server.inbox.recipients == [["list@shop.example"]] * 2


def test_when_nobody_may_get_it(server: MailServer) -> None:
    server.inbox.instead = {f"RCPT {to}": "550 no" for to in LETTER.to}
    assert smtp(server).send(LETTER) == Delivery(refused=dict.fromkeys(LETTER.to, "550 no"))

    server.inbox.instead = {"DATA": "554 looks like spam"}
    assert smtp(server).send(LETTER) == Delivery(refused=dict.fromkeys(LETTER.to, "554 looks like spam"))

    assert not server.inbox.mails


def test_a_server_that_is_busy_is_asked_again_later(server: MailServer) -> None:
    server.inbox.instead = {"DATA": "451 try later"}

    with pytest.raises(Unavailable, match="answered 451"):
        smtp(server).send(LETTER)


def test_a_server_that_is_away() -> None:
    nobody = SmtpMail("127.0.0.1", free_port(), "starttls", None, None, timeout=1)

    with pytest.raises(Unavailable, match="cannot be reached"):
        nobody.send(LETTER)


def test_a_password_that_is_wrong_is_not_told(server: MailServer) -> None:
    with pytest.raises(Unavailable, match="does not accept Shipmate's password") as trouble:
        smtp(server, login=("shipmate", "guessed")).send(LETTER)

    assert "guessed" not in str(trouble.value)


def test_a_certificate_that_nobody_vouches_for(server: MailServer) -> None:
    with pytest.raises(Unavailable, match="certificate"):
        SmtpMail("127.0.0.1", server.port, "starttls", LOGIN, None, timeout=5).send(LETTER)

    assert not server.inbox.mails


def test_nothing_is_sent_in_the_clear_where_tls_is_asked_for() -> None:
    with mail_server(tls=False) as plain:
        with pytest.raises(Unavailable, match="does not offer what"):
            smtp(plain).send(LETTER)
        assert not plain.inbox.mails

        unsafe = SmtpMail("127.0.0.1", plain.port, "none", None, None, timeout=5)
        assert unsafe.send(replace(LETTER, to=("a@shop.example",))) == Delivery()
