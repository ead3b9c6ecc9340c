"""Push webhooks of GitHub and of Gitea, whose payloads are alike.

https://docs.github.com/en/webhooks/webhook-events-and-payloads#push (signature: X-Hub-Signature-256) and
https://docs.gitea.com/usage/webhooks (X-Gitea-Signature, without a prefix). Neither signs a time, so a
request is known again by its body.
"""

from __future__ import annotations

from collections.abc import Mapping

from bot.ports import Believed, Commit, Push
from integrations.hooks_signed import body_of, fingerprint, first_line, is_zero, must_match, text

BRANCH = "refs/heads/"


class GitHubHook:
    """Implements `bot.ports.HookSource`."""

    signature, event = "x-hub-signature-256", "x-github-event"

    def __init__(self, secret: str) -> None:
        self._secret = secret

    def delivery(self, headers: Mapping[str, str], body: bytes, now: float) -> Believed:  # noqa: ARG002  # the port's
        must_match(self._secret, body, headers.get(self.signature, "").removeprefix("sha256="))
        return Believed(fingerprint(body))

    def pushes(self, headers: Mapping[str, str], body: bytes) -> list[Push]:
        told = body_of(body)
        if headers.get(self.event) != "push":
            return []
        ref, after = text(told["ref"]), text(told["after"])
        if not ref.startswith(BRANCH) or is_zero(after):  # a tag, or a branch that was deleted
            return []
        head = told.get("head_commit") or next(iter(told.get("commits") or ()), None)
        if head is None:
            return []
        commit = Commit(after, text(head["author"]["name"]), first_line(head["message"]))
        return [Push(text(told["repository"]["full_name"]), commit, ref.removeprefix(BRANCH))]


class GiteaHook(GitHubHook):
    signature, event = "x-gitea-signature", "x-gitea-event"
