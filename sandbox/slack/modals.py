"""Modals and the App Home (https://docs.slack.dev/surfaces/modals)."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from typing import Any

from sandbox.slack import limits
from sandbox.slack.blocks import stored
from sandbox.slack.records import Json, Person, SlackError, View
from sandbox.slack.workspace import Workspace

TRIGGER_SECONDS = 3.0
MAX_STACK = 3
MAX_VIEW_BYTES = 250_000


@dataclass
class Trigger:
    person: Person
    expires: float
    used: bool = False


class Modals:
    """Opens, pushes, updates and closes the views of a workspace; errors are `SlackError`s."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self.trigger_seconds = TRIGGER_SECONDS
        self._triggers: dict[str, Trigger] = {}

    def trigger(self, person: Person) -> str:
        """A trigger id: good once, for `trigger_seconds`."""
        number = self._workspace.number()
        trigger_id = f"{number}.{time.monotonic_ns()}.{number:032x}"
        self._triggers[trigger_id] = Trigger(person, time.monotonic() + self.trigger_seconds)
        return trigger_id

    def open(self, trigger_id: str, given: Json) -> View:
        """`views.open`: replaces what the person had open."""
        person = self._exchange(trigger_id)
        view = self._new(given, "modal")
        self._show(person.id, [view])
        return view

    def push(self, trigger_id: str, given: Json) -> View:
        """`views.push`: on top of the person's open modal, three deep at most."""
        person = self._exchange(trigger_id)
        return self.stack(person.id, given)

    def stack(self, person: str, given: Json) -> View:
        """Put a view on top of the person's open ones."""
        opened = self._workspace.views.get(person, [])
        if not opened:
            raise SlackError("not_found")
        if len(opened) >= MAX_STACK:
            raise SlackError("push_limit_reached")
        view = self._new(given, "modal")
        view.previous_id, view.root_id = opened[-1].id, opened[0].root_id
        self._show(person, [*opened, view])
        return view

    def update(self, view: View, given: Json, expected_hash: str | None = None) -> View:
        """`views.update` and the answer "update" to a submission."""
        if expected_hash and expected_hash != view.hash:
            raise SlackError("hash_conflict")
        fresh = self._new(given, view.given["type"])
        view.given, view.hash = fresh.given, fresh.hash
        person = self.owner(view)
        if self._workspace.homes.get(person) is view:
            self._workspace.changed("home", [person], person=person, view=view.json)
        else:
            self._show(person, self._workspace.views[person])
        return view

    def publish(self, person: Person, given: Json, expected_hash: str | None = None) -> View:
        """`views.publish`: the person's App Home."""
        before = self._workspace.homes.get(person.id)
        if before and expected_hash and expected_hash != before.hash:
            raise SlackError("hash_conflict")
        view = self._new(given, "home")
        if before:
            view.id = view.root_id = before.id
        self._workspace.homes[person.id] = view
        self._workspace.changed("home", [person.id], person=person.id, view=view.json)
        return view

    def close(self, person: str, view: View) -> None:
        """Close one view; what lies under it shows again."""
        self._show(person, [one for one in self._workspace.views[person] if one is not view])

    def close_all(self, person: str) -> None:
        self._show(person, [])

    def view(self, view_id: str | None, external_id: str | None = None) -> View:
        """Any open modal or published home. Raises SlackError `not_found`."""
        for stack in [*self._workspace.views.values(), list(self._workspace.homes.values())]:
            for view in stack:
                if view.id == view_id or (external_id and view.given.get("external_id") == external_id):
                    return view
        raise SlackError("not_found")

    def owner(self, view: View) -> str:
        """The id of the person who sees the view."""
        for person, stack in self._workspace.views.items():
            if view in stack:
                return person
        return next(person for person, home in self._workspace.homes.items() if home is view)

    def answer(self, view: View, answer: Any) -> None:
        """Do what the app's acknowledgement of a submission says (`response_action`); nothing: close it."""
        person = self.owner(view)
        match answer:
            case {"response_action": "errors", "errors": errors}:
                fields = {"person": person, "view_id": view.id, "errors": errors}
                self._workspace.changed("view_errors", [person], **fields)
            case {"response_action": "update", "view": given}:
                self.update(view, given)
            case {"response_action": "push", "view": given}:
                self.stack(person, given)
            case {"response_action": "clear"}:
                self.close_all(person)
            case _:
                self.close(person, view)

    def _exchange(self, trigger_id: str) -> Person:
        trigger = self._triggers.get(trigger_id)
        if trigger is None:
            raise SlackError("invalid_trigger_id")
        if trigger.used:
            raise SlackError("exchanged_trigger_id")
        if time.monotonic() > trigger.expires:
            raise SlackError("expired_trigger_id")
        trigger.used = True
        return trigger.person

    def _new(self, given: Json, kind: str) -> View:
        self._workspace.given("view", given)
        found = limits.view_problems(given, kind)
        if found:
            raise SlackError("invalid_arguments", *found)
        if len(json.dumps(given)) > MAX_VIEW_BYTES:
            raise SlackError("view_too_large")
        number = self._workspace.number()
        view_id = f"V{number:09X}"
        kept = given | {"blocks": stored(given["blocks"])}
        return View(view_id, kept, hash=f"{int(time.time())}.{number:08x}", root_id=view_id)

    def _show(self, person: str, views: list[View]) -> None:
        self._workspace.views[person] = views
        shown = [view.json() for view in views]
        self._workspace.changed("views", [person], person=person, views=shown)
