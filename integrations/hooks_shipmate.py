"""Shipmate's own hook scripts (deploy/hooks): JSON, signed together with its time and a number of its own."""

from __future__ import annotations

import re
from collections.abc import Mapping

from bot.ports import Believed, Commit, Push, Unbelieved
from integrations.hooks_signed import body_of, first_line, must_match, text

WINDOW_SECONDS = 300
"""How far the clock of the sender may be from ours; a request is not believed later than that."""


class ShipmateHook:
    """Implements `bot.ports.HookSource`. Signed is `<timestamp>.<delivery>.<body>`."""

    def __init__(self, secret: str) -> None:
        self._secret = secret

    def delivery(self, headers: Mapping[str, str], body: bytes, now: float) -> Believed:
        sent, number = headers.get("x-shipmate-timestamp", ""), headers.get("x-shipmate-delivery", "")
        given = headers.get("x-shipmate-signature", "").removeprefix("sha256=")
        if not re.fullmatch("[0-9]{1,12}", sent) or not re.fullmatch("[0-9A-Za-z-]{16,64}", number):
            raise Unbelieved("not signed")
        must_match(self._secret, f"{sent}.{number}.".encode() + body, given)
        if abs(now - int(sent)) > WINDOW_SECONDS:
            raise Unbelieved("signed too long ago, or in the future: are both clocks right?")
        return Believed(number, int(sent))

    def pushes(self, headers: Mapping[str, str], body: bytes) -> list[Push]:  # noqa: ARG002  # the port's
        told = body_of(body)
        if told.get("test"):
            return []
        commit = Commit(text(told["revision"]), text(told["author"]), first_line(told["message"]))
        paths = told.get("paths", [])
        if not isinstance(paths, list):
            raise ValueError("paths: a list was expected")
        branch = text(told.get("branch", ""))
        return [Push(text(told["repository"]), commit, branch, tuple(text(path, 1000) for path in paths))]
