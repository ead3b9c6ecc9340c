"""The sandbox's mail server: SMTP with STARTTLS (aiosmtpd), and every mail it took as a page."""

from __future__ import annotations

import asyncio
import ssl
from collections import deque
from email import message_from_bytes, policy
from email.message import EmailMessage
from html import escape

from aiohttp import web
from aiosmtpd.smtp import SMTP, Envelope, Session

from sandbox.kubernetes import schema
from sandbox.page.guard import guard
from sandbox.server import Fault, Server

CERTIFICATE, CA = schema.DATA / "loopback.pem", schema.DATA / "loopback-ca.crt"
KEPT = 200
NO_SCRIPTS = {"Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'"}
BUSY = "451 the sandbox was told to fail"


class MailServer(Server):
    """Takes every mail for everybody. Faults match "MAIL /" and delay it, or answer 451 instead."""

    name = "mail"

    def __init__(self, port: int = 0) -> None:
        super().__init__(port=port)
        self.mails: deque[EmailMessage] = deque(maxlen=KEPT)
        """Newest last."""
        self.smtp_port = 0
        self._smtp: asyncio.Server | None = None
        self._tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        self._tls.load_cert_chain(CERTIFICATE)
        self.app.middlewares.append(guard(self.host))
        self.app.router.add_get("/", self._inbox)
        self.app.router.add_get(r"/{number:\d+}", self._mail)

    @property
    def address(self) -> str:
        """Where mails are handed in, as `mail.server` of shipmate.yaml says it."""
        return f"{self.host}:{self.smtp_port}"

    async def listen(self) -> None:
        await super().listen()
        loop = asyncio.get_running_loop()
        self._smtp = await loop.create_server(self._protocol, self.host, self.smtp_port)
        self.smtp_port = self._smtp.sockets[0].getsockname()[1]

    def _protocol(self) -> SMTP:
        loop = asyncio.get_running_loop()
        return SMTP(
            self, hostname="mail.shop.example", tls_context=self._tls, require_starttls=True, loop=loop
        )

    async def deafen(self) -> None:
        if self._smtp is not None:
            self._smtp.close()
            self._smtp = None
        await super().deafen()

    async def stop(self) -> None:
        if self._smtp is not None:
            self._smtp.close()
        await super().stop()

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        fault = self.faults.choose("MAIL", "/")
        if fault is not None and not await _only_slow(fault):
            return BUSY
        assert isinstance(envelope.content, bytes)
        mail = message_from_bytes(envelope.content, policy=policy.default)
        assert isinstance(mail, EmailMessage)
        self.mails.append(mail)
        return "250 taken"

    async def _inbox(self, _request: web.Request) -> web.Response:
        rows = "".join(
            f'<li><a href="/{number}">{escape(str(mail["Subject"]))}</a> to {escape(str(mail["To"]))}</li>'
            for number, mail in reversed(list(enumerate(self.mails)))
        )
        return _page(f"<h1>Mails, newest first</h1><ul>{rows or '<li>none yet</li>'}</ul>")

    async def _mail(self, request: web.Request) -> web.Response:
        number = int(request.match_info["number"])
        if number >= len(self.mails):
            raise web.HTTPNotFound
        body = self.mails[number].get_body(("html", "plain"))
        return web.Response(
            text=body.get_content() if body else "", content_type="text/html", headers=NO_SCRIPTS
        )


def _page(body: str) -> web.Response:
    page = f'<!doctype html><meta name="viewport" content="width=device-width"><title>Mails</title>{body}'
    return web.Response(text=page, content_type="text/html", headers=NO_SCRIPTS)


async def _only_slow(fault: Fault) -> bool:
    """Whether it is taken after all."""
    if fault.kind in ("slow", "hang"):
        await asyncio.sleep(fault.seconds or 3600)
    return fault.kind == "slow"
