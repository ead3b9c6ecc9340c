"""SMTP: one mail to several people, over TLS, with every answer of the server told apart.

Rules: https://www.rfc-editor.org/rfc/rfc5321#section-4.2.1 (4xx: try again later; 5xx: never again) and
https://www.rfc-editor.org/rfc/rfc3834 (Auto-Submitted keeps out-of-office answers away).
"""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Mapping
from contextlib import suppress
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import formatdate

from bot.faults import Unavailable
from bot.ports import Delivery, Letter

SYSTEM = "The mail server"


class SmtpMail:
    """Implements `bot.ports.Mail`. `security`: starttls, tls or none; `timeout` in seconds for each step."""

    def __init__(
        self,
        server: str,
        port: int,
        security: str,
        login: tuple[str, str] | None,
        ca: str | None,
        timeout: float = 15,
    ) -> None:
        self._address = (server, port)
        self._security = security
        self._login = login
        self._ca = ca
        self._timeout = timeout

    def send(self, letter: Letter) -> Delivery:
        try:
            client = self._connect()
        except (smtplib.SMTPException, OSError) as error:
            raise Unavailable(SYSTEM, _reason(error)) from None
        try:
            return _hand_over(client, letter)
        except (smtplib.SMTPException, OSError) as error:
            raise Unavailable(SYSTEM, _reason(error)) from None
        finally:  # what was accepted is accepted, however the connection ends
            with suppress(smtplib.SMTPException, OSError):
                client.quit()

    def _connect(self) -> smtplib.SMTP:
        context = ssl.create_default_context(cafile=self._ca)
        if self._security == "tls":
            client: smtplib.SMTP = smtplib.SMTP_SSL(*self._address, timeout=self._timeout, context=context)
        else:
            client = smtplib.SMTP(*self._address, timeout=self._timeout)
        try:
            if self._security == "starttls":
                client.starttls(context=context)
            if self._login:
                client.login(*self._login)
        except (smtplib.SMTPException, OSError):
            client.close()
            raise
        return client


def _hand_over(client: smtplib.SMTP, letter: Letter) -> Delivery:
    """Raises what smtplib raises when the server does not say what becomes of the mail, or that it may later."""
    try:
        return _told_apart(client.sendmail(letter.sender, letter.to, message(letter).as_bytes()))
    except smtplib.SMTPRecipientsRefused as refusal:
        return _told_apart(refusal.recipients)
    except smtplib.SMTPResponseException as refusal:
        if refusal.smtp_code < 500:
            raise
        return _told_apart(dict.fromkeys(letter.to, (refusal.smtp_code, refusal.smtp_error)))


def _told_apart(answers: Mapping[str, tuple[int, bytes | str]]) -> Delivery:
    refused: dict[str, str] = {}
    later: dict[str, str] = {}
    for recipient, (code, words) in answers.items():
        reason = words.decode("utf-8", "replace") if isinstance(words, bytes) else words
        (refused if code >= 500 else later)[recipient] = f"{code} {reason}"
    return Delivery(refused, later)


def message(letter: Letter) -> EmailMessage:
    """Text and HTML, as one mail that belongs to a thread."""
    mail = EmailMessage(policy=SMTP)
    mail["From"] = letter.sender
    mail["To"] = ", ".join(letter.to)
    mail["Subject"] = letter.subject
    mail["Date"] = formatdate(usegmt=True)
    mail["Message-ID"] = letter.id
    mail["In-Reply-To"] = letter.thread
    mail["References"] = letter.thread
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(letter.text)
    mail.add_alternative(letter.html, subtype="html")
    return mail


def _reason(error: Exception) -> str:
    """Without addresses and without what the server was told."""
    match error:
        case ssl.SSLError():
            return "has a certificate that cannot be checked (is `mail.ca` right?)"
        case smtplib.SMTPNotSupportedError():
            return "does not offer what `mail.security` asks for"
        case smtplib.SMTPAuthenticationError():
            return "does not accept Shipmate's password"
        case smtplib.SMTPResponseException():
            return f"answered {error.smtp_code}"
        case TimeoutError():
            return "did not answer in time"
    return "cannot be reached"
