"""Spam discipline, judged by all that the bot has posted in a workspace.

One message an operation, in its channel; detail in its thread; refusals and questions only for whoever asked;
direct messages only to those who asked for them; nothing posted twice.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from sandbox.slack import Slack
from sandbox.slack.records import BOT, Message

FOR_ONE = (":no_entry_sign:", ":grey_question:")
"""How refusals and questions begin."""


def posted(slack: Slack) -> Iterator[Message]:
    """The bot's messages that stay, wherever they are, replies in threads included."""
    for messages in slack.messages.values():
        yield from (message for message in messages.values() if message.author.id == BOT)


def in_channels(slack: Slack) -> list[Message]:
    """Those that everybody of a channel sees, outside of threads."""
    return [one for one in posted(slack) if not one.thread_ts and not slack.channels[one.channel].im_with]


def key_of(message: Message) -> str:
    """What a message is about: an operation's id, with what it says of it in a thread; empty for a file."""
    return str((message.metadata or {}).get("event_payload", {}).get("key", ""))


def told_directly(slack: Slack) -> set[str]:
    """Names of those who got a direct message without having written one."""
    found = set()
    for message in posted(slack):
        person = slack.channels[message.channel].im_with
        wrote = any(one.author.id == person for one in slack.messages[message.channel].values())
        if person and not wrote:
            found.add(slack.people[person].name)
    return found


def breaches(slack: Slack) -> list[str]:
    """What was posted against the rules; empty: nothing."""
    keys = Counter((key_of(message), message.channel) for message in posted(slack) if key_of(message))
    found = [
        f"{times} times posted: {key} in {channel}" for (key, channel), times in keys.items() if times > 1
    ]
    for message in posted(slack):
        first = message.revisions[0]
        if sum(revision.kind == "posted" for revision in message.revisions) > 1:
            found.append(f"posted again: {first.text}")
        if (
            not message.thread_ts
            and not slack.channels[message.channel].im_with
            and first.text.startswith(FOR_ONE)
        ):
            found.append(f"everybody sees: {first.text}")
    return found
