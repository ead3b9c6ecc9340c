"""Section `console`: who may use the break-glass terminal."""

from __future__ import annotations

from pydantic import Field

from bot.settings.section import Section
from bot.settings.values import ChannelId, Email, Text, UserId


class Account(Section):
    """An account of the machine, and who in chat it may speak for."""

    account: Text = Field(description="Name of the machine's account, as `id -un` says it.")
    email: Email = Field(description="Who it speaks for: what stands after `--as`.")
    user: UserId = Field(description="Slack user id of the same person, by which roles know them.")


class Console(Section):
    """`python -m bot console --as you@example.com`."""

    accounts: tuple[Account, ...] = Field(min_length=1, description="Who may sit at the terminal.")
    channel: ChannelId | None = Field(
        default=None,
        description="Channel that shows the changes made there, once Slack answers; none when left out.",
    )
