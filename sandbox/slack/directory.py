"""Who and what is in the workspace, and how changes of it are told to the page and to the app."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Iterable
from typing import Any

from sandbox.slack import payloads
from sandbox.slack.delivery import Done, Envelope, Kind
from sandbox.slack.records import BOT, BOT_ID, SLACKBOT, TEAM, Channel, Group, Json, Person
from sandbox.slack.typed import typed

Subscriber = Callable[[Json], None]
Witness = Callable[[str, Any], None]
Deliver = Callable[[Kind, Json, Done | None], Envelope]
EVERYBODY = ("here", "channel", "everyone")
SUBSCRIBED = frozenset({"app_mention", "message.im", "app_home_opened"})


class Directory:
    def __init__(self, deliver: Deliver) -> None:
        self.subscribed: set[str] = set(SUBSCRIBED)
        """Event types the app gets, as in its manifest; also known: `message.channels`, `user_change`, ..."""
        self.people: dict[str, Person] = {}
        self.channels: dict[str, Channel] = {}
        self.groups: dict[str, Group] = {}
        self.seq = 0
        """Number of the latest change."""
        self.witnesses: list[Witness] = []
        """Each is told everything that the app gives to be shown, as it came and before it is looked at:
        ("message", {"text", "blocks"}), ("view", view) or ("options", [option, ...])."""
        self._deliver = deliver
        self._subscribers: dict[int, tuple[Subscriber, str | None]] = {}
        self._numbers = itertools.count(1)
        self._last_ts = 0
        self.bot = Person(BOT, "shipmate", "Shipmate", "", bot_id=BOT_ID)
        self.slackbot = Person(SLACKBOT, "slackbot", "Slackbot", "", bot_id="B0SLACKBOT")
        self.people |= {self.bot.id: self.bot, self.slackbot.id: self.slackbot}

    # -- who and where --------------------------------------------------------------------------

    def add_person(
        self,
        id: str,  # noqa: A002 - the field's name in Slack's API
        name: str,
        real_name: str,
        email: str,
        restricted: bool = False,
        team: str = TEAM,
        is_bot: bool = False,
        tz: str = "Europe/Berlin",
        locale: str = "en-US",
    ) -> Person:
        """Add or replace a person. `restricted`: a guest. `team`: other than `T0SHOP` for strangers.
        Replacing sends `user_change` if the app subscribed to it."""
        bot_id = f"B{id[1:]}" if is_bot else None
        return self.add(Person(id, name, real_name, email, restricted, team, bot_id, tz=tz, locale=locale))

    def add(self, person: Person) -> Person:
        known = person.id in self.people
        self.people[person.id] = person
        self.changed("person", None, person=person.json)
        if known:
            self.emit("user_change", {"user": person.json()})
        return person

    def add_channel(self, name: str, members: Iterable[str], bot: bool = True) -> str:
        """A public channel of these people and, unless `bot` is false, the app; returns its id."""
        name = name.lstrip("#")
        people = [self.person(member).id for member in members]
        everybody = dict.fromkeys([*people, BOT] if bot else people)
        channel = Channel(f"C0{_id_part(name)}", name, list(everybody))
        return self._add_channel(channel)

    def add_group(self, handle: str, members: Iterable[str]) -> str:
        """A user group; returns its id."""
        users = [self.person(member).id for member in members]
        group = Group(f"S0{_id_part(handle)}", handle, users)
        self.groups[group.id] = group
        return group.id

    def dm(self, person: str) -> str:
        """The id of the person's IM with the app; opened on first use."""
        who = self.person(person)
        channel_id = f"D{who.id[1:]}"
        if channel_id not in self.channels:
            self._add_channel(Channel(channel_id, "", [who.id, BOT], im_with=who.id))
        return channel_id

    def invite(self, person: str, channel: str) -> None:
        where, who = self.channel(channel), self.person(person)
        if who.id not in where.members:
            where.members.append(who.id)
            self.changed("channel", where.members, channel=where.page)
            self.emit("member_joined_channel", {"user": who.id, "channel": where.id, "team": who.team_id})

    def remove(self, person: str, channel: str) -> None:
        """Take somebody (or the app) out of a channel."""
        where, who = self.channel(channel), self.person(person)
        everybody = list(where.members)
        where.members.remove(who.id)
        self.changed("channel", everybody, channel=where.page)

    def archive(self, channel: str) -> None:
        where = self.channel(channel)
        where.is_archived = True
        self.changed("channel", where.members, channel=where.page)

    def person(self, ref: str) -> Person:
        """By id or name. Raises KeyError."""
        if ref in self.people:
            return self.people[ref]
        for person in self.people.values():
            if person.name == ref.lstrip("@"):
                return person
        raise KeyError(f"no person {ref!r}")

    def channel(self, ref: str) -> Channel:
        """By id or name. Raises KeyError."""
        if ref in self.channels:
            return self.channels[ref]
        for channel in self.channels.values():
            if channel.name and channel.name == ref.lstrip("#"):
                return channel
        raise KeyError(f"no channel {ref!r}")

    # -- changes and events -----------------------------------------------------------------------

    def changed(self, kind: str, seen_by: Iterable[str] | None, **fields: Any) -> None:
        """Tell the subscribers; a field that is a function is called only if there are any."""
        self.seq += 1
        if not self._subscribers:
            return
        shown = {name: value() if callable(value) else value for name, value in fields.items()}
        change = {"type": kind, "seq": self.seq, **shown}
        audience = None if seen_by is None else set(seen_by)
        for callback, person in list(self._subscribers.values()):
            if person is None or audience is None or person in audience:
                callback(change)

    def subscribe(self, callback: Subscriber, person: str | None = None) -> Callable[[], None]:
        """Call back with every change (that `person` may see); returns what ends it."""
        key = self.number()
        self._subscribers[key] = (callback, self.person(person).id if person else None)

        def end() -> None:
            self._subscribers.pop(key, None)

        return end

    def given(self, kind: str, thing: Any) -> None:
        """Tell the witnesses what the app gives to be shown."""
        for witness in self.witnesses:
            witness(kind, thing)

    def emit(self, kind: str, fields: Json, shared: bool = False) -> None:
        """Send an event if the app subscribed to it (`kind`: its name, or `message.im` and the like)."""
        if kind in self.subscribed:
            event = {"type": kind, "event_ts": self.next_ts()} | fields
            self._deliver("events_api", payloads.event_callback(event, shared), None)

    def next_ts(self) -> str:
        """The next message timestamp: seconds since 1970 with microseconds, never the same twice."""
        self._last_ts = max(self._last_ts + 1, time.time_ns() // 1000)
        return f"{self._last_ts // 1_000_000}.{self._last_ts % 1_000_000:06d}"

    def number(self) -> int:
        return next(self._numbers)

    def shared(self, channel: Channel) -> bool:
        """Whether people of another workspace are in the channel."""
        return any(self.people[member].team_id != TEAM for member in channel.members)

    def typed(self, text: str) -> str:
        """`text` as Slack keeps what a person types: entities, mentions, links."""
        return typed(text, self._mention, self._channel_reference)

    def _mention(self, name: str) -> str | None:
        if name in EVERYBODY:
            return f"<!{name}>"
        for group in self.groups.values():
            if group.handle == name:
                return f"<!subteam^{group.id}>"
        for person in self.people.values():
            if person.name == name.lower():
                return f"<@{person.id}>"
        return None

    def _channel_reference(self, name: str) -> str | None:
        for channel in self.channels.values():
            if channel.name == name.lower():
                return f"<#{channel.id}|{channel.name}>"
        return None

    def _add_channel(self, channel: Channel) -> str:
        self.channels[channel.id] = channel
        self.changed("channel", channel.members, channel=channel.page)
        return channel.id


def _id_part(name: str) -> str:
    return "".join(letter for letter in name.upper() if letter.isalnum())
