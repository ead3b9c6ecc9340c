"""GitLab's push webhook: https://docs.gitlab.com/user/project/integrations/webhook_events/#push-events

It carries a token rather than a signature, and no time, so a request is known again by its body.
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping

from bot.ports import Believed, Commit, Push, Unbelieved
from integrations.hooks_github import BRANCH
from integrations.hooks_signed import body_of, fingerprint, first_line, is_zero, text


class GitLabHook:
    """Implements `bot.ports.HookSource`."""

    def __init__(self, secret: str) -> None:
        self._secret = secret

    def delivery(self, headers: Mapping[str, str], body: bytes, now: float) -> Believed:  # noqa: ARG002  # the port's
        given = headers.get("x-gitlab-token", "")
        if not given:
            raise Unbelieved("no token")
        if not hmac.compare_digest(self._secret.encode(), given.encode("utf-8", "replace")):
            raise Unbelieved("a wrong token")
        return Believed(fingerprint(body))

    def pushes(self, headers: Mapping[str, str], body: bytes) -> list[Push]:  # noqa: ARG002  # the port's
        told = body_of(body)
        if told.get("object_kind") != "push":
            return []
        ref, after = text(told["ref"]), text(told["after"])
        commits = told.get("commits") or ()
        if not ref.startswith(BRANCH) or is_zero(after):
            return []
        head = next((commit for commit in commits if commit["id"] == after), next(reversed(commits), None))
        if (
            head is None
        ):  # pushed back to a commit that the branch had: GitLab lists none, and who pushed is known
            commit = Commit(after, text(told["user_name"]), "")
        else:
            commit = Commit(after, text(head["author"]["name"]), first_line(head["message"]))
        return [Push(text(told["project"]["path_with_namespace"]), commit, ref.removeprefix(BRANCH))]
