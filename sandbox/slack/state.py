"""The sandbox's Slack workspace: what people may do in it, and what they may see.

`Slack` is plain Python in the sandbox's one event loop (from another thread: `SlackServer.call`).
Every `person` argument is an id (`U0ENGINEER`) or a name (`engineer`), every `channel` an id
(`C0DEPLOYS`) or a name (`#deploys`). Unknown ones raise `KeyError`; an act Slack's own client would not
offer (speaking in a channel one is no member of, pressing a button that is not there) `LookupError`.

Shapes (all JSON-able; the same objects as Slack's API has, https://docs.slack.dev/reference/objects):

person      {"id": "U0ENGINEER", "name": "engineer", "real_name": "Eva Engineer", "team_id": "T0SHOP",
             "is_bot": false, "is_restricted": false, "deleted": false, "tz": "Europe/Berlin",
             "profile": {"email": ..., "display_name": ..., "real_name": ..., "image_48": ""}}
channel     {"id": "C0DEPLOYS", "name": "deploys", "is_channel": true, "is_im": false,
             "is_archived": false, "num_members": 5, "members": ["U0ENGINEER", ...]}
            an IM with the bot: {"id": "D0ENGINEER", "is_im": true, "user": "U0ENGINEER", "members": [...]}
            (`user` is the person; the page of that person shows it under the bot's name)
group       {"id": "S0RELEASE", "handle": "release", "name": "release", "users": ["U0OPS"]}
message     {"type": "message", "ts": "1700000000.000100", "channel": "C0DEPLOYS", "team": "T0SHOP",
             "user": "U0SHIPMATE", "text": "mrkdwn with entities",
             and only where there is one:
             "blocks": [...] (each has a block_id), "attachments": [...], "metadata": {...},
             "bot_id": "B0SHIPMATE", "app_id": "A0SHIPMATE", "bot_profile": {...}   posted by a bot
             "client_msg_id": "..."                                               typed by a person
             "thread_ts": "..."    in a thread; equal to ts for the message the thread hangs on
             "reply_count": 2, "reply_users": [...], "latest_reply": "ts"          thread parent
             "subtype": "thread_broadcast" | "file_share" | "bot_message",
             "edited": {"user": ..., "ts": ...}, "reactions": [{"name", "users", "count"}],
             "files": [file], "is_ephemeral": true, "person": "U0..."}             only that person sees it
file        {"id": "F...", "name": "console.txt", "title": ..., "mimetype": "text/plain", "size": 12,
             "url_private": "http://...", "preview": "first 2,000 characters of a text file"}
view        {"id": "V...", "type": "modal" | "home", "title": {...}, "submit": {...}, "close": {...},
             "blocks": [...], "callback_id": "", "private_metadata": "", "hash": "...",
             "state": {"values": {}}, "previous_view_id": null, "root_view_id": "V...", ...}
            Values of a form (the `values` arguments): {block_id: {action_id: value}}, each value
            {"type": "plain_text_input", "value": "text"} or
            {"type": "static_select", "selected_option": {...option object...}} or
            {"type": "checkboxes", "selected_options": [...]}, ... as in
            https://docs.slack.dev/reference/interaction-payloads/view-interactions-payload

change      one of these, each with "seq" (1, 2, 3, ... over the workspace):
            {"type": "message", "channel": id, "message": message}            a new message
            {"type": "message_changed", "channel": id, "message": message}    text, reply_count, reactions
            {"type": "message_deleted", "channel": id, "ts": ts}
            {"type": "ephemeral", "person": id, "channel": id, "message": message}
            {"type": "ephemeral_changed", "person": id, "channel": id, "message": message}
            {"type": "ephemeral_deleted", "person": id, "channel": id, "ts": ts}
            {"type": "views", "person": id, "views": [view, ...]}             open modals, topmost last;
                                                                              []: all closed
            {"type": "view_errors", "person": id, "view_id": id, "errors": {block_id: text}}
            {"type": "home", "person": id, "view": view}                      App Home published
            {"type": "interaction_failed", "person": id, "channel": id | null, "error": "operation_timeout"}
                                                                              the bot did not acknowledge
            {"type": "channel", "channel": channel}                           added, joined, left, archived
            {"type": "person", "person": person}                              added or changed

snapshot    {"seq": 17, "team": {"id": "T0SHOP", "name": "shop", "domain": "shop"},
             "me": person, "bot": person, "people": [person, ...], "groups": [group, ...],
             "channels": [channel, ...] (public ones they are in, then their IM with the bot),
             "messages": {channel id: [message, ...]} (oldest first, thread replies included),
             "ephemerals": [message, ...], "views": [view, ...], "home": view | null,
             "commands": ["/ship"],
             "shortcuts": [{"name": "What changed?", "type": "message" | "global", "callback_id": ...}]}
"""

from __future__ import annotations

import asyncio
import uuid
from typing import Any

from sandbox.slack import blocks, limits, payloads
from sandbox.slack.delivery import Envelope
from sandbox.slack.directory import Deliver
from sandbox.slack.modals import Modals
from sandbox.slack.records import Channel, Json, Message, Person, SlackError, View
from sandbox.slack.responses import Responses
from sandbox.slack.workspace import Workspace


class Slack(Workspace):
    """The workspace as people use it.

    Inherited: `add_person`, `add_channel`, `add_group`, `invite`, `remove`, `archive`, `dm`, `person`,
    `channel`, `subscribe`, `snapshot`, and the app's side (`post`, `update`, `delete`, ...).
    """

    def __init__(self, deliver: Deliver, commands: tuple[str, ...] = ("/ship",)) -> None:
        super().__init__(deliver, commands)
        self.modals = Modals(self)
        self.responses = Responses(self)

    def say(self, person: str, channel: str, text: str, thread_ts: str | None = None) -> str:
        """Type `text` and press Enter; returns the message's ts.

        The text is stored and sent as Slack does it (`sandbox.slack.typed`): entities, mentions, links.
        """
        who, where = self._present(person, channel)
        if where.is_archived:
            raise LookupError(f"#{where.name} is archived")
        sent = self.typed(text)
        return self.post(where, who, sent, thread_ts=thread_ts, client_msg_id=str(uuid.uuid4())).ts

    def slash(self, person: str, channel: str, command: str, text: str = "") -> str:
        """Type `/ship text`; returns the envelope's id. The answer comes as an ephemeral or a message."""
        who, where = self._present(person, channel)
        if command not in self.commands:
            raise LookupError(f"{command} is not a valid command")
        response_url = self.responses.give("commands", who, where)
        trigger = self.modals.trigger(who)
        payload = payloads.command(who, where, command, self.typed(text), response_url, trigger)

        def answered(envelope: Envelope) -> None:
            if envelope.error:
                error = _failure(envelope)
                self.post_ephemeral(where, self.slackbot, who, f'{command} failed with the error "{error}"')
            elif answer := envelope.answer.result():
                self.responses.show(who, where, answer)

        return self._deliver("slash_commands", payload, answered).id

    def press(
        self,
        person: str,
        channel: str,
        ts: str,
        action_id: str,
        block_id: str | None = None,
        value: str | None = None,
        selected_option: str | list[str] | None = None,
        values: Json | None = None,
    ) -> str:
        """Use an interactive element of a message or of the person's ephemeral; returns the envelope's id.

        `value`: for a button, which of several with this action_id (its own value is what is sent); for an
        input the text or id given. `selected_option`: the value(s) of the chosen option(s) of a select,
        overflow, radio or checkboxes. `values`: state of the message's other inputs.
        """
        who, where = self._present(person, channel)
        message = self._seen(who, where, ts)
        block, element = blocks.find(message.all_blocks(), action_id, block_id, value)
        chosen = blocks.chosen(element, value, selected_option)
        container = {
            "type": "message",
            "message_ts": message.ts,
            "channel_id": where.id,
            "is_ephemeral": message.only_for is not None,
        }
        if message.thread_ts:
            container["thread_ts"] = message.thread_ts
        return self._interact(
            who,
            "block_actions",
            container=container,
            trigger_id=self.modals.trigger(who),
            channel={"id": where.id, "name": where.name or "directmessage"},
            message=message.json(),
            state={"values": blocks.initial(message.all_blocks()) | (values or {})},
            response_url=self.responses.give("actions", who, where, message),
            actions=[payloads.action(block, element, chosen)],
        ).id

    def press_view(
        self,
        person: str,
        view_id: str,
        action_id: str,
        block_id: str | None = None,
        value: str | None = None,
        selected_option: str | list[str] | None = None,
        values: Json | None = None,
    ) -> str:
        """The same in an open modal or in the App Home."""
        who = self.person(person)
        view = self._view_of(who, view_id)
        block, element = blocks.find(view.given["blocks"], action_id, block_id, value)
        chosen = blocks.chosen(element, value, selected_option)
        self._fill(view, values)
        return self._interact(
            who,
            "block_actions",
            container={"type": "view", "view_id": view.id},
            trigger_id=self.modals.trigger(who),
            view=view.json(),
            actions=[payloads.action(block, element, chosen)],
        ).id

    async def suggest(self, person: str, view_id: str, action_id: str, typed: str = "") -> list[Json]:
        """Type into an external select of an open view: the options that the app offers within 3 s.

        Raises LookupError when it offers none in time, SlackError for options that Slack would not take.
        """
        who = self.person(person)
        view = self._view_of(who, view_id)
        block, element = blocks.find(view.given["blocks"], action_id, None, None)
        if element["type"] != "external_select":
            raise LookupError(f"{action_id!r} is no external select")
        if len(typed) < int(element.get("min_query_length", 3)):
            return []
        fields = {"action_id": action_id, "block_id": block["block_id"], "value": typed}
        container = {"type": "view", "view_id": view.id}
        payload = payloads.interaction(
            "block_suggestion", who, container=container, view=view.json(), **fields
        )
        done: asyncio.Future[Envelope] = asyncio.get_running_loop().create_future()
        self._deliver("interactive", payload, done.set_result)
        envelope = await done
        answer = envelope.answer.result() if envelope.error is None else None
        if not isinstance(answer, dict) or "options" not in answer:
            raise LookupError("The options cannot be loaded")
        self.given("options", answer["options"])
        if found := limits.options_problems(answer["options"]):
            raise SlackError("invalid_arguments", *found)
        return list(answer["options"])

    def submit_view(self, person: str, view_id: str, values: Json | None = None) -> str:
        """Press the modal's submit button; the answer (closed, errors, updated) comes as a change."""
        who = self.person(person)
        view = self._view_of(who, view_id)
        self._fill(view, values)

        def answered(envelope: Envelope) -> None:
            if envelope.error is None and view in self.views.get(who.id, []):
                self.modals.answer(view, envelope.answer.result())

        fields = {"trigger_id": self.modals.trigger(who), "view": view.json(), "response_urls": []}
        return self._interact(who, "view_submission", answered, **fields).id

    def close_view(self, person: str, view_id: str) -> None:
        """Press the modal's close button (sends `view_closed` if the view asked for it)."""
        who = self.person(person)
        view = self._view_of(who, view_id)
        self.modals.close(who.id, view)
        if view.given.get("notify_on_close"):
            self._interact(who, "view_closed", view=view.json(), is_cleared=False)

    def shortcut(
        self, person: str, callback_id: str, channel: str | None = None, ts: str | None = None
    ) -> str:
        """A global shortcut or, with channel and ts, a message shortcut; returns the envelope's id."""
        who = self.person(person)
        fields: Json = {
            "callback_id": callback_id,
            "trigger_id": self.modals.trigger(who),
            "action_ts": self.next_ts(),
        }
        if channel is None or ts is None:
            return self._interact(who, "shortcut", **fields).id
        who, where = self._present(person, channel)
        message = self._seen(who, where, ts)
        fields |= {
            "message_ts": ts,
            "message": message.json(),
            "channel": {"id": where.id, "name": where.name or "directmessage"},
            "response_url": self.responses.give("actions", who, where, message),
        }
        return self._interact(who, "message_action", **fields).id

    def open_home(self, person: str) -> None:
        """Open the app's Home tab (fires `app_home_opened`)."""
        who = self.person(person)
        home = self.homes.get(who.id)
        shown = {"view": home.json()} if home else {}
        self.emit("app_home_opened", {"user": who.id, "channel": self.dm(who.id), "tab": "home", **shown})

    def react(self, person: str, channel: str, ts: str, name: str) -> None:
        """Add an emoji reaction (`name` without colons)."""
        who, where = self._present(person, channel)
        self.add_reaction(self._seen(who, where, ts), who, name)

    # -- inside ---------------------------------------------------------------------------------

    def _present(self, person: str, channel: str) -> tuple[Person, Channel]:
        who = self.person(person)
        where = self.channel(channel)
        if who.id not in where.members:
            raise LookupError(f"{who.name} is not in {where.name or where.id}")
        return who, where

    def _seen(self, who: Person, where: Channel, ts: str) -> Message:
        """A message of the channel or the person's own ephemeral. Raises LookupError."""
        ephemeral = self.ephemerals.get(ts)
        if ephemeral and ephemeral.only_for == who.id and ephemeral.channel == where.id:
            return ephemeral
        message = self.messages.get(where.id, {}).get(ts)
        if message is None:
            raise LookupError(f"no message {ts} in {where.name or where.id}")
        return message

    def _view_of(self, who: Person, view_id: str) -> View:
        shown = [*self.views.get(who.id, []), self.homes.get(who.id)]
        for view in shown:
            if view and view.id == view_id:
                return view
        raise LookupError(f"{who.name} has no view {view_id} open")

    def _fill(self, view: View, values: Json | None) -> None:
        """Put what the person filled in into the view; the rest keeps what it had or its initial value."""
        view.values = blocks.initial(view.given["blocks"]) | view.values | (values or {})

    def _interact(self, who: Person, kind: str, done: Any = None, **fields: Any) -> Envelope:
        def answered(envelope: Envelope) -> None:
            try:
                if done:
                    done(envelope)
                error = _failure(envelope) if envelope.error else None
            except SlackError as refused:  # the app's answer is not one Slack takes
                error = refused.code
            if error:
                channel = fields.get("channel", {}).get("id")
                self.changed("interaction_failed", [who.id], person=who.id, channel=channel, error=error)

        return self._deliver("interactive", payloads.interaction(kind, who, **fields), answered)


def _failure(envelope: Envelope) -> str:
    """What Slack shows the person (https://docs.slack.dev/interactivity/implementing-slash-commands)."""
    return "operation_timeout" if envelope.error == "http_timeout" else "dispatch_failed"
