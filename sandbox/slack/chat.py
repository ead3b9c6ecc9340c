"""chat.*, reactions.* and the reading of conversations."""

from __future__ import annotations

from typing import Any

from sandbox.slack import limits
from sandbox.slack.arguments import Arguments, one_page
from sandbox.slack.records import Channel, Json, Message, Person, SlackError
from sandbox.slack.state import Slack


def post_message(slack: Slack, given: Arguments) -> Json:
    channel = writable(slack, given.need("channel"))
    content = _content(slack, given, limits.MESSAGE_TEXT)
    broadcast = given.flag("reply_broadcast")
    message = slack.post(
        channel,
        slack.bot,
        **content,
        thread_ts=given.text("thread_ts"),
        subtype="thread_broadcast" if broadcast and given.text("thread_ts") else None,
    )
    return {"channel": channel.id, "ts": message.ts, "message": message.json()}


def post_ephemeral(slack: Slack, given: Arguments) -> Json:
    channel = writable(slack, given.need("channel"))
    person = known_person(slack, given.need("user"))
    if person.id not in channel.members:
        raise SlackError("user_not_in_channel")
    content = _content(slack, given, limits.MESSAGE_TEXT)
    message = slack.post_ephemeral(channel, slack.bot, person, **content, thread_ts=given.text("thread_ts"))
    return {"message_ts": message.ts}


def update(slack: Slack, given: Arguments) -> Json:
    """What is not given stays, except that a new text alone keeps the blocks (as documented)."""
    channel = writable(slack, given.need("channel"))
    message = slack.find(channel, given.need("ts"))
    if message.author is not slack.bot:
        raise SlackError("cant_update_message")
    content = _content(slack, given, limits.UPDATE_TEXT)
    changed = {name: value for name, value in content.items() if name in given}
    slack.update(message, changed)
    shown = message.json()
    return {"channel": channel.id, "ts": message.ts, "text": message.text, "message": shown}


def delete(slack: Slack, given: Arguments) -> Json:
    channel = writable(slack, given.need("channel"))
    message = slack.find(channel, given.need("ts"))
    if message.author is not slack.bot:
        raise SlackError("cant_delete_message")
    slack.delete(message)
    return {"channel": channel.id, "ts": message.ts}


def get_permalink(slack: Slack, given: Arguments) -> Json:
    channel = known_channel(slack, given.need("channel"))
    message = slack.find(channel, given.need("message_ts"))
    link = f"{slack.url}/archives/{channel.id}/p{message.ts.replace('.', '')}"
    if message.thread_ts:
        link += f"?thread_ts={message.thread_ts}&cid={channel.id}"
    return {"channel": channel.id, "permalink": link}


def add_reaction(slack: Slack, given: Arguments) -> Json:
    channel = readable(slack, given.need("channel"))
    slack.add_reaction(slack.find(channel, given.need("timestamp")), slack.bot, given.need("name"))
    return {}


def history(slack: Slack, given: Arguments) -> Json:
    """Newest first; replies only if they were broadcast."""
    channel = readable(slack, given.need("channel"))
    messages = [
        message
        for message in slack.messages.get(channel.id, {}).values()
        if message.thread_ts is None or message.subtype == "thread_broadcast"
    ]
    return _messages(list(reversed(messages)), given)


def replies(slack: Slack, given: Arguments) -> Json:
    """The thread's first message, then its replies, oldest first."""
    channel = readable(slack, given.need("channel"))
    message = slack.messages.get(channel.id, {}).get(given.need("ts"))
    if message is None:
        raise SlackError("thread_not_found")
    return _messages([message, *message.replies], given)


def _messages(messages: list[Message], given: Arguments) -> Json:
    oldest, latest = given.text("oldest") or "0", given.text("latest") or "9" * 10
    inclusive = given.flag("inclusive")
    metadata = given.flag("include_all_metadata")
    shown = [
        message.json(metadata)
        for message in messages
        if float(oldest) < float(message.ts) < float(latest) or (inclusive and message.ts in (oldest, latest))
    ]
    page = one_page(shown, given, "messages")
    return page | {"has_more": bool(page["response_metadata"]["next_cursor"])}


def _content(slack: Slack, given: Arguments, longest: int) -> dict[str, Any]:
    text = given.text("text") or ""
    blocks, attachments = given.json("blocks") or [], given.json("attachments") or []
    metadata = given.json("metadata")
    slack.given("message", {"text": text, "blocks": blocks, "attachments": attachments, "metadata": metadata})
    size = len(text.encode()) if longest == limits.UPDATE_TEXT else len(text)
    if size > longest:
        raise SlackError("msg_too_long")
    if not (text or blocks or attachments):
        raise SlackError("no_text")
    found = limits.problems(blocks)
    for index, attachment in enumerate(attachments):
        found += limits.problems(attachment.get("blocks", []), at=f"/attachments/{index}/blocks")
    if found:
        raise SlackError("invalid_blocks", *found)
    return {"text": text, "blocks": blocks, "attachments": attachments, "metadata": metadata}


def known_channel(slack: Slack, ref: str) -> Channel:
    """By id, `#name`, or a person's id for their IM. Raises SlackError `channel_not_found`."""
    try:
        return slack.channels[slack.dm(ref)] if ref in slack.people else slack.channel(ref)
    except KeyError:
        raise SlackError("channel_not_found") from None


def readable(slack: Slack, ref: str) -> Channel:
    """Raises SlackError `not_in_channel`, too."""
    channel = known_channel(slack, ref)
    if slack.bot.id not in channel.members:
        raise SlackError("not_in_channel")
    return channel


def writable(slack: Slack, ref: str) -> Channel:
    """Raises SlackError `is_archived`, too."""
    channel = readable(slack, ref)
    if channel.is_archived:
        raise SlackError("is_archived")
    return channel


def known_person(slack: Slack, ref: str) -> Person:
    if ref not in slack.people:
        raise SlackError("user_not_found")
    return slack.people[ref]


METHODS = {
    "chat.delete": delete,
    "chat.getPermalink": get_permalink,
    "chat.postEphemeral": post_ephemeral,
    "chat.postMessage": post_message,
    "chat.update": update,
    "conversations.history": history,
    "conversations.replies": replies,
    "reactions.add": add_reaction,
}
