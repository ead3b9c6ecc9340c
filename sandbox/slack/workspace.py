"""The workspace's messages, and what the app does with them. What people do is in `sandbox.slack.state`."""

from __future__ import annotations

from typing import Any

from sandbox.slack import payloads
from sandbox.slack.blocks import stored, stored_attachments
from sandbox.slack.directory import Deliver, Directory
from sandbox.slack.records import TEAM, TEAM_NAME, Channel, File, Json, Message, Person, SlackError, View


class Workspace(Directory):
    def __init__(self, deliver: Deliver, commands: tuple[str, ...] = ("/ship",)) -> None:
        super().__init__(deliver)
        self.url = "http://sandbox.invalid"
        """Where the server listens; response URLs, permalinks and files start with it."""
        self.commands = commands
        self.shortcuts: list[Json] = []
        """As the app's manifest declares them: {"name", "type": "global" or "message", "callback_id"}."""
        self.messages: dict[str, dict[str, Message]] = {}
        """By channel id, then ts, oldest first; replies included."""
        self.ephemerals: dict[str, Message] = {}
        """By ts; `only_for` says who sees it."""
        self.files: dict[str, File] = {}
        self.views: dict[str, list[View]] = {}
        """Open modals by person id, topmost last."""
        self.homes: dict[str, View] = {}
        """The published App Home by person id."""

    def post(self, channel: Channel, author: Person, text: str, **fields: Any) -> Message:
        """Add a message; `fields` are those of `Message`. Raises SlackError `thread_not_found`."""
        message = self._message(channel, author, text, **fields)
        root = self._root(channel, message)
        self.messages.setdefault(channel.id, {})[message.ts] = message
        message.record("posted")
        self.changed("message", channel.members, channel=channel.id, message=message.page)
        if root:
            root.replies.append(message)
            self._show_changed(root)
        self._tell_app(channel, message)
        return message

    def post_ephemeral(
        self, channel: Channel, author: Person, person: Person, text: str, **fields: Any
    ) -> Message:
        """Show a message to one person only."""
        message = self._message(channel, author, text, only_for=person.id, **fields)
        self.ephemerals[message.ts] = message
        message.record("posted")
        self.changed("ephemeral", [person.id], person=person.id, channel=channel.id, message=message.page)
        return message

    def update(self, message: Message, fields: Json) -> None:
        """Replace the given ones of text, blocks, attachments, metadata, files."""
        before = message.json() if self._hears(self.channels[message.channel]) else {}
        for name, value in _with_ids(fields).items():
            setattr(message, name, value)
        message.edited = {"user": message.author.id, "ts": self.next_ts()}
        message.record("updated")
        self._show_changed(message)
        if message.only_for is None and before:
            event = {"message": message.json(), "previous_message": before}
            self._tell_changed(message, "message_changed", event)

    def delete(self, message: Message) -> None:
        """Take a message or an ephemeral away."""
        message.record("deleted")
        channel = self.channels[message.channel]
        where: Json = {"channel": channel.id, "ts": message.ts}
        if message.only_for:
            self.ephemerals.pop(message.ts, None)
            self.changed("ephemeral_deleted", [message.only_for], person=message.only_for, **where)
            return
        if self.messages[channel.id].pop(message.ts, None) is None:
            raise SlackError("message_not_found")
        self.changed("message_deleted", channel.members, **where)
        root = self.messages[channel.id].get(message.thread_ts or "")
        if root and message in root.replies:
            root.replies.remove(message)
            self._show_changed(root)
        if self._hears(channel):
            event = {"deleted_ts": message.ts, "previous_message": message.json()}
            self._tell_changed(message, "message_deleted", event)

    def add_reaction(self, message: Message, person: Person, name: str) -> None:
        """Raises SlackError `already_reacted`."""
        users = message.reactions.setdefault(name, [])
        if person.id in users:
            raise SlackError("already_reacted")
        users.append(person.id)
        self._show_changed(message)
        item = {"type": "message", "channel": message.channel, "ts": message.ts}
        fields = {"user": person.id, "reaction": name, "item_user": message.author.id, "item": item}
        self.emit("reaction_added", fields)

    def find(self, channel: Channel, ts: str) -> Message:
        """Raises SlackError `message_not_found`."""
        message = self.messages.get(channel.id, {}).get(ts)
        if message is None:
            raise SlackError("message_not_found")
        return message

    def snapshot(self, person: str) -> Json:
        """All that this person may see; the shape is in `sandbox.slack.state`."""
        who = self.person(person)
        self.dm(who.id)
        channels = [channel for channel in self.channels.values() if who.id in channel.members]
        home = self.homes.get(who.id)
        return {
            "seq": self.seq,
            "team": {"id": TEAM, "name": TEAM_NAME, "domain": TEAM_NAME},
            "me": who.json(),
            "bot": self.bot.json(),
            "people": [one.json() for one in self.people.values()],
            "groups": [group.json() for group in self.groups.values()],
            "channels": [channel.page() for channel in sorted(channels, key=lambda one: bool(one.im_with))],
            "messages": {
                channel.id: [message.page() for message in self.messages.get(channel.id, {}).values()]
                for channel in channels
            },
            "ephemerals": [one.page() for one in self.ephemerals.values() if one.only_for == who.id],
            "views": [view.json() for view in self.views.get(who.id, [])],
            "home": home.json() if home else None,
            "commands": list(self.commands),
            "shortcuts": list(self.shortcuts),
        }

    # -- inside ---------------------------------------------------------------------------------

    def _message(self, channel: Channel, author: Person, text: str, **fields: Any) -> Message:
        fields = _with_ids(fields)
        return Message(channel.id, self.next_ts(), author, text, **fields)

    def _root(self, channel: Channel, message: Message) -> Message | None:
        """The message that `message` replies to; a reply to a reply hangs on the same one."""
        if message.thread_ts is None:
            return None
        root = self.messages.get(channel.id, {}).get(message.thread_ts)
        if root and root.thread_ts:
            root = self.messages[channel.id].get(root.thread_ts)
        if root is None:
            raise SlackError("thread_not_found")
        message.thread_ts = root.ts
        return root

    def _show_changed(self, message: Message) -> None:
        channel = self.channels[message.channel]
        if message.only_for:
            seen_by = [message.only_for]
            fields = {"person": message.only_for, "channel": channel.id, "message": message.page}
            self.changed("ephemeral_changed", seen_by, **fields)
        else:
            self.changed("message_changed", channel.members, channel=channel.id, message=message.page)

    def _hears(self, channel: Channel) -> bool:
        """Whether the app gets `message` events of the channel."""
        wanted = "message.im" if channel.im_with else "message.channels"
        return wanted in self.subscribed and self.bot.id in channel.members

    def _tell_app(self, channel: Channel, message: Message) -> None:
        """The app hears its own messages too, as with Slack: it has to ignore them itself."""
        if self._hears(channel):
            self._send_event(channel, payloads.message_event(message, channel))
        mentioned = f"<@{self.bot.id}>" in message.text and message.author is not self.bot
        if (
            mentioned
            and not channel.im_with
            and self.bot.id in channel.members
            and "app_mention" in self.subscribed
        ):
            self._send_event(channel, payloads.message_event(message, channel, "app_mention"))

    def _tell_changed(self, message: Message, subtype: str, fields: Json) -> None:
        channel = self.channels[message.channel]
        ts = self.next_ts()
        event = {
            "type": "message",
            "subtype": subtype,
            "hidden": True,
            "channel": channel.id,
            "channel_type": channel.type,
            "ts": ts,
            "event_ts": ts,
            **fields,
        }
        self._send_event(channel, event)

    def _send_event(self, channel: Channel, event: Json) -> None:
        self._deliver("events_api", payloads.event_callback(event, self.shared(channel)), None)


def _with_ids(fields: Json) -> Json:
    """Blocks and attachments as Slack keeps them."""
    kept = dict(fields)
    if blocks := fields.get("blocks"):
        kept["blocks"] = stored(blocks)
    if attachments := fields.get("attachments"):
        kept["attachments"] = stored_attachments(attachments)
    return kept
