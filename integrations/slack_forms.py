"""Forms as modals: drawn from `bot.forms`, read on submit, and handed to the dispatcher as text.

Selects inside input blocks emit nothing on phones until the view is submitted, so nothing here waits for
them: the state of the view is read once, when it comes back.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import replace
from typing import Any

from redis.exceptions import RedisError
from slack_bolt import Ack, App

from bot.actors import reading
from bot.command import Command
from bot.dispatcher import Dispatcher, Request
from bot.faults import Refused, Unavailable
from bot.forms import Field, Form, Forms, Ready, Wrong
from bot.language import N_, _
from bot.mrkdwn import inert
from bot.operation import Origin
from bot.ports import Person
from bot.reply import Block, Buttons, Context, Reply, Text
from integrations import slack_blocks
from integrations.slack_views import Json, Views, clean

log = logging.getLogger(__name__)

FORM, PLAN, LAUNCHER = "form", "plan", "launcher"
"""`callback_id`s of views."""
PROJECTS = "projects"
"""`action_id` of the field that is offered projects; that of any other is its name."""
MOST_TITLE = 24
NO_MEMORY = N_(
    "Shipmate's own memory (Redis) does not answer. Nothing was started; please try again in a minute."
)


class SlackForms:
    def __init__(self, forms: Forms, dispatcher: Dispatcher, views: Views) -> None:
        self._forms = forms
        self._dispatcher = dispatcher
        self._views = views

    def listen(self, app: App) -> None:
        app.options(PROJECTS)(self._offer)
        app.view(FORM)(self._filled_in)
        app.view(PLAN)(self._agreed)
        app.shortcut("ship")(self._ship)

    def opens(self, request: Request, trigger_id: str, view_id: str = "") -> bool:
        """Whether a form, or the launcher, gets the words that the request lacks. Returns before it is shown.

        `view_id`: the modal in whose place it is shown; empty: there is none. What goes wrong here is the
        dispatcher's to tell; where Slack does not show the form, the answer is its text.
        """
        try:
            with self._reading(request.user_id, request.team):
                view = self._view(request)
        except (Refused, Unavailable, RedisError):
            return False
        if view is None:
            return False
        said = replace(request, text=request.text or "help")
        if view_id:
            self._views.update_soon(view_id, view)
        else:
            self._views.open(trigger_id, view, lambda: self._dispatcher.handle(said))
        return True

    def answered(self, view: Json, request: Request) -> None:
        """A button of the launcher has said its command: the answer stands behind it."""
        if view.get("callback_id") == LAUNCHER:
            with self._reading(request.user_id, request.team):
                self._views.update_soon(view["id"], answered_view(request.origin.channel))

    def _view(self, request: Request) -> Json | None:
        actor, channel = (
            self._forms.on.directory.person(request.user_id, request.team),
            request.origin.channel,
        )
        if not request.text.strip():
            commands = self._forms.launcher(actor)
            return launcher(commands, channel) if commands else None
        form = self._forms.asked(request.text, actor, channel)
        return form_view(form, channel) if form else None

    def _ship(self, ack: Ack, body: Json) -> None:
        user = body["user"]["id"]
        origin = Origin(user, source="direct", key=f"shortcut:{body['trigger_id']}")
        request = Request("", user, _team(body), origin)
        if not self.opens(request, body["trigger_id"]):
            self._dispatcher.handle(replace(request, text="help"))
        ack()

    def _offer(self, ack: Ack, payload: Json, body: Json) -> None:
        """https://docs.slack.dev/reference/interaction-payloads/block_suggestion-payload"""
        verb = json.loads(body["view"]["private_metadata"])["verb"]
        try:
            names = self._forms.projects(verb, payload.get("value", ""), self._actor(body))
        except (Refused, Unavailable, RedisError) as trouble:
            log.warning("no projects are offered: %s", trouble)
            names = []
        ack(options=[_option(name) for name in names])

    def _filled_in(self, ack: Ack, body: Json, view: Json) -> None:
        with self._reading(body["user"]["id"], _team(body)):
            ack(**self._answer(body, view))

    def _answer(self, body: Json, view: Json) -> Json:
        """To a form that was filled in: what is wrong with it, its plan, or nothing more."""
        told = json.loads(view["private_metadata"])
        try:
            ready = self._forms.read(told["verb"], dict(_values(view)), self._actor(body))
        except Wrong as wrong:
            return {"response_action": "errors", "errors": _beside(wrong.errors, view)}
        except (Refused, Unavailable) as trouble:
            return {"response_action": "errors", "errors": _beside({"": str(trouble)}, view)}
        except RedisError:
            return {"response_action": "errors", "errors": _beside({"": _(NO_MEMORY)}, view)}
        if not ready.asks_first:
            self._do(ready.text, told["channel"], body, view)
            return {"response_action": "clear"}
        if ready.dry_run:
            origin = Origin(view["id"], "", "modal", f"plan:{view['id']}:{view['hash']}", told["channel"])
            self._dispatcher.handle(Request(ready.dry_run, body["user"]["id"], _team(body), origin))
        plan = plan_view(ready.text, told["channel"], known(ready))
        return {"response_action": "update", "view": clean(plan)}

    def _agreed(self, ack: Ack, body: Json, view: Json) -> None:
        told = json.loads(view["private_metadata"])
        self._do(told["text"], told["channel"], body, view)
        ack(response_action="clear")

    def _do(self, text: str, channel: str, body: Json, view: Json) -> None:
        """Recorded before acknowledged. A view that is submitted twice is one request."""
        user = body["user"]["id"]
        origin = Origin(channel or user, source="modal", key=f"modal:{view['root_view_id']}")
        self._dispatcher.handle(Request(text, user, _team(body), origin))

    def _reading(self, user: str, team: str) -> AbstractContextManager[None]:
        """Whose screen it is: forms speak their language."""
        return reading(self._forms.on.directory, user, team)

    def _actor(self, body: Json) -> Person:
        return self._forms.on.directory.person(body["user"]["id"], _team(body))


def _team(body: Json) -> str:
    return str(body["user"].get("team_id") or (body.get("team") or {}).get("id", ""))


def answered_view(channel: str) -> Json:
    where = (
        _("The answer is in {channel}.", channel=f"<#{channel}>")
        if channel.startswith("C")
        else _("The answer is in our direct messages.")
    )
    text = {"type": "mrkdwn", "text": where}
    done = _modal(LAUNCHER, _("Ship"), [{"type": "section", "text": text}], {"channel": channel})
    return {**done, "close": _plain(_("Close"))}


def launcher(commands: tuple[type[Command], ...], channel: str) -> Json:
    """Each command that has a form, and what needs none."""
    rows = [
        {
            "type": "section",
            "text": {"type": "mrkdwn", "text": f"*{command.title()}*\n{command.summary()}"},
            "accessory": _button(command.title(), command.verb),
        }
        for command in commands
    ]
    others = [_button(_(word.capitalize()), word) for word in ("status", "board", "help")]
    blocks: list[Json] = [*rows, {"type": "divider"}, {"type": "actions", "elements": others}]
    return _modal(LAUNCHER, _("Ship"), blocks, {"channel": channel})


def _button(label: str, command: str) -> Json:
    """`say:` makes it one that says its command, wherever it stands."""
    text = {"type": "plain_text", "text": label}
    return {"type": "button", "action_id": f"say:{command}", "text": text, "value": command}


def form_view(form: Form, channel: str) -> Json:
    head = {"type": "context", "elements": [{"type": "mrkdwn", "text": form.summary}]}
    blocks = [head, *map(_input, form.fields)]
    told = {"verb": form.verb, "channel": channel}
    return {**_modal(FORM, _(form.verb.capitalize()), blocks, told), "submit": _plain(_("Continue"))}


def plan_view(text: str, channel: str, blocks: list[Json]) -> Json:
    """What would be done; its submit button does it."""
    verb = _(text.partition(" ")[0].capitalize())
    told = {"text": text, "channel": channel}
    return {**_modal(PLAN, _("{verb}?", verb=verb), blocks, told), "submit": _plain(verb)}


def planned(reply: Reply, channel: str) -> Json:
    """The answer of a dry run in place of what was known before: its button is the view's submit."""
    says = [
        button.command for block in reply.blocks if isinstance(block, Buttons) for button in block.buttons
    ]
    kept = tuple(block for block in reply.blocks if not isinstance(block, Buttons))
    drawn = slack_blocks.blocks(replace(reply, blocks=kept))
    return plan_view(says[0], channel, drawn) if says else _modal(PLAN, _("Not now"), drawn, {})


def known(ready: Ready) -> list[Json]:
    """The plan as far as it is known without asking any system."""
    lines = [f"*{inert(ready.text)}*", *(f"• {inert(line)}" for line in ready.shows)]
    blocks: list[Block] = [Text("\n".join(lines))]
    if ready.question:
        blocks.append(Text(f":warning: {inert(ready.question)}"))
    if ready.dry_run:
        blocks.append(Context(_("Looking at what runs there now…")))
    return slack_blocks.blocks(Reply(ready.text, tuple(blocks)))


def _modal(callback_id: str, title: str, blocks: list[Json], told: Json) -> Json:
    return {
        "type": "modal",
        "callback_id": callback_id,
        "title": _plain(title[:MOST_TITLE]),
        "close": _plain(_("Cancel")),
        "blocks": blocks,
        "private_metadata": json.dumps(told),
    }


def _input(field: Field) -> Json:
    """A field's name is its block's id, so that what is wrong with it is told there."""
    block: Json = {
        "type": "input",
        "block_id": field.slot,
        "label": _plain(field.label),
        "optional": not field.required,
        "element": _ELEMENTS[field.kind](field),
    }
    return {**block, "hint": _plain(field.hint)} if field.hint else block


def _projects(field: Field) -> Json:
    select: Json = {"type": "external_select", "action_id": PROJECTS, "min_query_length": 0}
    select["placeholder"] = _plain(_("Type a few letters"))
    return {**select, "initial_option": _option(field.value)} if field.value else select


def _choice(field: Field) -> Json:
    options = [_option(choice) for choice in field.choices]
    select: Json = {"type": "static_select", "action_id": field.slot, "options": options}
    return {**select, "initial_option": _option(field.value)} if field.value in field.choices else select


def _flag(field: Field) -> Json:
    yes = {"text": _plain(_("Yes")), "value": "yes"}
    box: Json = {"type": "checkboxes", "action_id": field.slot, "options": [yes]}
    return {**box, "initial_options": [yes]} if field.value else box


def _typed(kind: str, **more: Any) -> Callable[[Field], Json]:
    def draw(field: Field) -> Json:
        element: Json = {"type": kind, "action_id": field.slot, **more}
        return {**element, "initial_value": field.value} if field.value else element

    return draw


_ELEMENTS: dict[str, Callable[[Field], Json]] = {
    "project": _projects,
    "choice": _choice,
    "flag": _flag,
    "number": _typed("number_input", is_decimal_allowed=False),
    "line": _typed("plain_text_input"),
    "text": _typed("plain_text_input", multiline=True, max_length=500),
}


def _values(view: Json) -> Iterator[tuple[str, str]]:
    """Slot -> text, of what was filled in.

    https://docs.slack.dev/reference/interaction-payloads/view-interactions-payload
    """
    for slot, elements in view["state"]["values"].items():
        for element in elements.values():
            chosen = element.get("selected_option") or next(iter(element.get("selected_options") or ()), None)
            value = chosen["value"] if chosen else element.get("value")
            if value:
                yield slot, str(value)


def _beside(errors: Any, view: Json) -> dict[str, str]:
    """Each beside its field, or the first one where it has none: Slack takes no other block ids."""
    slots = [block["block_id"] for block in view["blocks"] if block["type"] == "input"]
    return {
        slot if slot in slots else slots[0]: clean(_plain(words))["text"] for slot, words in errors.items()
    }


def _option(name: str) -> Json:
    return {"text": _plain(name[:75]), "value": name}


def _plain(text: str) -> Json:
    return {"type": "plain_text", "text": text}
