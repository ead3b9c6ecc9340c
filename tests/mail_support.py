"""A real mail server on loopback, which answers as it is told."""

from __future__ import annotations

import asyncio
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from sandbox.kubernetes import schema
from sandbox.stage import free_port

CA = schema.DATA / "loopback-ca.crt"
LOGIN = ("shipmate", "mail-secret")


@dataclass
class Inbox:
    """What was taken, and what is to be answered instead: {"RCPT a@b": "450 ..."} or {"DATA": "..."}, once."""

    mails: list[EmailMessage] = field(default_factory=list)
    recipients: list[list[str]] = field(default_factory=list)
    over_tls: list[bool] = field(default_factory=list)
    instead: dict[str, str] = field(default_factory=dict)
    hangs: threading.Event = field(default_factory=threading.Event)
    """While it is set, a mail that is being handed over gets no answer; then it is told to come again."""
    hung: int = 0
    """How many mails got none."""

    async def handle_RCPT(  # noqa: N802  # aiosmtpd's name
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        if answer := self.instead.pop(f"RCPT {address}", ""):
            return answer
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        if self.hangs.is_set():
            self.hung += 1
            while self.hangs.is_set():
                await asyncio.sleep(0.02)
            return "451 come again"
        if answer := self.instead.pop("DATA", ""):
            return answer
        assert isinstance(envelope.content, bytes)
        mail = message_from_bytes(envelope.content, policy=policy.default)
        assert isinstance(mail, EmailMessage)
        self.mails.append(mail)
        self.recipients.append(sorted(envelope.rcpt_tos))
        self.over_tls.append(session.ssl is not None)
        return "250 taken"


@dataclass
class MailServer:
    inbox: Inbox
    port: int

    def emptied(self) -> MailServer:
        self.inbox.mails.clear()
        self.inbox.recipients.clear()
        self.inbox.instead.clear()
        return self


def _knows(_server: Any, _session: Any, _envelope: Any, _mechanism: str, login: Any) -> AuthResult:
    assert isinstance(login, LoginPassword)
    known = (login.login.decode(), login.password.decode()) == LOGIN
    return AuthResult(success=known, handled=False)


@contextmanager
def mail_server(port: int = 0, *, tls: bool = True, certificate: Path | None = None) -> Iterator[MailServer]:
    """`tls`: it insists on STARTTLS and a login."""
    inbox, port = Inbox(), port or free_port()
    options: dict[str, Any] = {}
    if tls:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(certificate or schema.DATA / "loopback.pem")
        options = {
            "tls_context": context,
            "require_starttls": True,
            "authenticator": _knows,
            "auth_required": True,
        }
    controller = Controller(inbox, hostname="127.0.0.1", port=port, **options)
    controller.start()
    try:
        yield MailServer(inbox, port)
    finally:
        controller.stop()
