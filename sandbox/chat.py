"""People at the keyboard: says, taps, and reads what comes back. For the demo and the tests."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, TypeVar

from sandbox.slack.records import BOT, Message
from sandbox.world import WorldThread

T = TypeVar("T")

PATIENCE = 20.0
"""Seconds after which something that should have happened has not."""


def eventually(look: Callable[[], T], what: str, within: float = PATIENCE) -> T:
    """The first truthy answer of `look`. Raises AssertionError after `within` seconds."""
    deadline = time.monotonic() + within
    while True:
        found = look()
        if found:
            return found
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {within:.0f} s: {what}")
        time.sleep(0.01)


@dataclass(frozen=True)
class Said:
    """A message of the bot as a person sees it now."""

    message: Message

    @property
    def text(self) -> str:
        """All its words, blocks included."""
        return "\n".join([self.message.text, *words(self.message.all_blocks())])

    @property
    def shown(self) -> str:
        """What the channel shows: the blocks, or the text where there are none."""
        return "\n".join(words(self.message.all_blocks())) or self.message.text

    @property
    def only_for(self) -> str | None:
        return self.message.only_for

    @property
    def buttons(self) -> dict[str, dict[str, Any]]:
        """Label -> button element."""
        rows = (block["elements"] for block in self.message.blocks if block["type"] == "actions")
        return {element["text"]["text"]: element for row in rows for element in row}

    @property
    def ended(self) -> bool:
        """Whether the last word of an operation stands in the thread."""
        keys = (reply.message.metadata or {} for reply in self.replies)
        return any(str(key.get("event_payload", {}).get("key", "")).endswith(":end") for key in keys)

    @property
    def replies(self) -> list[Said]:
        return [Said(reply) for reply in self.message.replies if reply.author.id == BOT]


def words(blocks: Iterable[Any]) -> list[str]:
    """Every text in Block Kit objects, in order."""
    found: list[str] = []
    for block in blocks:
        for name in ("text", "fields", "elements", "accessory"):
            value = block.get(name)
            if isinstance(value, str):
                found.append(value)
            elif isinstance(value, dict):
                found.extend(words([value]))
            elif isinstance(value, list):
                found.extend(words(value))
    return found


class Chat:
    """Everything typed is typed into the sandbox's Slack as its own client would."""

    def __init__(self, thread: WorldThread) -> None:
        self._thread = thread
        self._slack = thread.world.slack.slack

    def says(self, text: str, by: str, channel: str = "#deploys", within: float = PATIENCE) -> Said:
        """Mention the bot; returns its answer: a message or an ephemeral one."""
        return self._answer(channel, within, self._slack.say, by, channel, f"@shipmate {text}")

    def writes(self, text: str, by: str, within: float = PATIENCE) -> Said:
        """A direct message to the bot, in plain text."""
        channel = self._thread.call(self._slack.dm, by)
        return self._answer(channel, within, self._slack.say, by, channel, text)

    def slash(self, text: str, by: str, channel: str = "#deploys", within: float = PATIENCE) -> Said:
        """`/ship <text>`."""
        return self._answer(channel, within, self._slack.slash, by, channel, "/ship", text)

    def taps(self, said: Said, label: str, by: str, within: float = PATIENCE) -> Said:
        """A button of the message; returns what answers it."""
        message, button = said.message, said.buttons[label]
        return self._answer(
            message.channel, within, self._slack.press, by, message.channel, message.ts,
            button["action_id"], None, button["value"],
        )  # fmt: skip

    def mutters(self, text: str, by: str, channel: str = "#deploys") -> None:
        """Text for nobody in particular, or for the bot without waiting for its answer."""
        self._thread.call(self._slack.say, by, channel, text)

    def said(self, channel: str = "#deploys") -> list[Said]:
        """The bot's messages in a channel outside of threads, ephemeral ones included, oldest first."""
        return self._thread.call(self._said, channel)

    def _said(self, channel: str) -> list[Said]:
        channel_id = self._slack.channel(channel).id
        posted = [*self._slack.messages.get(channel_id, {}).values()]
        posted += [m for m in self._slack.ephemerals.values() if m.channel == channel_id]
        ours = [Said(m) for m in posted if m.author.id == BOT and (m.only_for or not m.thread_ts)]
        return sorted(ours, key=lambda said: float(said.message.ts))

    def _answer(self, channel: str, within: float, act: Callable[..., Any], *args: Any) -> Said:
        before = {said.message.ts for said in self.said(channel)}
        self._thread.call(act, *args)

        def new() -> Said | None:
            return next((said for said in self.said(channel) if said.message.ts not in before), None)

        found = eventually(new, f"an answer to {args}", within)
        assert found is not None
        return found

    def ends(self, said: Said, within: float = 60) -> Said:
        """Wait until an operation's message has its final reply; returns the message as it then stands."""
        eventually(lambda: said.ended, f"an end of: {said.text}", within)
        return said
