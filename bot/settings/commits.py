"""Sections about commits: who tells of them, where a project's code is, and what follows."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from bot.settings.section import Section
from bot.settings.values import ChannelId, Pairs, Secret, Text, nothing


class Hook(Section):
    """Somebody who tells of commits, at `/hooks/<name>` of the process `web`."""

    kind: Literal["shipmate", "github", "gitlab", "gitea"] = Field(
        description="`shipmate`: the scripts in deploy/hooks, for Subversion and git; or whose webhook it is."
    )
    secret: Secret = Field(
        description="What the request is signed with (HMAC SHA-256); for GitLab its secret token."
    )


class Repository(Section):
    """A project's code, as hooks name it."""

    name: Text = Field(
        description="`owner/name` in GitHub, GitLab and Gitea; for the scripts, `repository` of their "
        "shipmate.conf, which is the folder's name unless it says otherwise."
    )
    lines: Pairs[Text] = Field(
        default_factory=nothing,
        description="Line and its branch (git) or its folder in the repository (Subversion), where it is not "
        "the usual one: the branch of the same name; `trunk`, and `branches/<line>` for every other.",
    )

    def holds(self, line: str, source: str) -> str:
        """The branch or folder of a line."""
        usual = line if source == "git" or line == "trunk" else f"branches/{line}"
        return self.lines.get(line, usual).strip("/")


def _off(value: Any) -> Any:
    """YAML 1.1 reads a bare `off` as false."""
    return "off" if value is False else value


class OnCommit(Section):
    """What a commit on a target's line leads to."""

    do: Annotated[Literal["off", "offer", "auto"], BeforeValidator(_off)] = Field(
        default="off",
        description="`off`: nothing. `offer`: a message with a button. `auto`: a deployment, which waits for "
        "whatever runs there; while the target is locked, an offer.",
    )
    channel: ChannelId | None = Field(default=None, description="Id of the channel in which that is said.")
