"""Sections about mail."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field, model_validator

from bot.settings.section import Section
from bot.settings.values import SAID, Email, FilePath, MailServer, Seconds, Secret, Text, wrong

PORTS = {"starttls": 587, "tls": 465, "none": 25}


class Mail(Section):
    """Where mails are handed in, and from whom they are."""

    server: MailServer = Field(
        description="Name of the mail server (SMTP), with `:port` where that is not 587 (starttls), 465 (tls) or 25."
    )
    security: Literal["starttls", "tls", "none"] = Field(
        default="starttls",
        description="`starttls` and `tls` check the server's certificate; `none` is for a server on this machine.",
    )
    user: Text | None = Field(default=None, description="User, with `password`.")
    password: Secret | None = Field(default=None, description="Password of `user`.")
    ca: FilePath | None = Field(default=None, description="Certificate authority (PEM), if not a public one.")
    sender: Email = Field(description="Address that they come from.")
    requesters: bool = Field(
        default=True,
        description="Whether whoever asked for a change gets a mail when it has ended; each may say otherwise "
        "with `mail on` and `mail off`.",
    )
    timeout_seconds: Seconds = Field(default=15, description="How long one step with the server may take.")

    @property
    def address(self) -> tuple[str, int]:
        """Name and port."""
        name, _, port = self.server.partition(":")
        return name, int(port) if port else PORTS[self.security]

    @model_validator(mode="after")
    def _whole_login(self) -> Self:
        if (self.user is None) != (self.password is None):
            raise wrong(SAID, "user and password belong together")
        if self.user is not None and self.security == "none":
            raise wrong(SAID, "a password is only sent with security: starttls or tls")
        return self


class ResultMail(Section):
    """Needs `mail`, where the server stands."""

    to: tuple[Email, ...] = Field(default=(), description="Addresses that always get one, such as a list.")
    requester: bool = Field(default=True, description="False: nobody gets one for having asked.")
