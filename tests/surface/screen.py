"""What somebody has on their screen beside the messages: modals, the Home tab, shortcuts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sandbox.chat import eventually, words
from sandbox.slack.records import Json
from sandbox.stage import Stage


@dataclass(frozen=True)
class Screen:
    """One person's."""

    stage: Stage
    person: str

    @property
    def _slack(self) -> Any:
        return self.stage.world.slack.slack

    def _call(self, do: Callable[..., Any], *args: Any, **options: Any) -> Any:
        return self.stage.thread.call(do, *args, **options)

    @property
    def views(self) -> list[Json]:
        """Open modals, topmost last."""
        views: list[Json] = self._call(self._slack.snapshot, self.person)["views"]
        return views

    @property
    def view(self) -> Json:
        return self.views[-1]

    def types(self, text: str, channel: str = "#deploys") -> None:
        """`/ship <text>`."""
        self._call(self._slack.slash, self.person, channel, "/ship", text)

    def shows(self, title: str, said: str = "") -> Json:
        """Wait for a modal with this title, and these words in it."""

        def look() -> Json | None:
            views = self.views
            fits = views and views[-1]["title"]["text"] == title
            return views[-1] if fits and said in shown(views[-1]) else None

        view = eventually(look, f"a modal {title!r} with {said!r}")
        assert view is not None
        return view

    def closes(self) -> None:
        """Wait until no modal is open."""
        eventually(lambda: not self.views, "the modal to be closed")

    def offers(self, typed: str = "") -> list[str]:
        """Type into the field of projects."""
        answer = self._slack.suggest(self.person, self.view["id"], "projects", typed)
        return [option["value"] for option in self.stage.thread.run(answer)]

    def submits(self, **values: str) -> str:
        """Fill fields in and press the button; returns the envelope's id."""
        state: Json = {}
        for block in self.view["blocks"]:
            if block["type"] == "input" and block["block_id"] in values:
                element = block["element"]
                filled = _filled(element, values[block["block_id"]])
                state[block["block_id"]] = {element["action_id"]: filled}
        return self._pressed(state)

    def _pressed(self, state: Json) -> str:
        """Press until the app has answered: Slack tells people to, when it took too long (a busy machine)."""
        name: str = self._call(self._slack.submit_view, self.person, self.view["id"], state)
        sent = next(each for each in reversed(self.stage.world.slack.envelopes) if each.id == name)
        eventually(lambda: sent.answer.done() or sent.error, "an answer to the form")
        return self._pressed(state) if sent.error else name

    def taps(self, label: str, view: Json) -> None:
        """A button in a view."""
        found = next(button for button in buttons(view) if button["text"]["text"] == label)
        self._call(self._slack.press_view, self.person, view["id"], found["action_id"], None, found["value"])

    def refused(self, **values: str) -> dict[str, str]:
        """Fill in and press; what is then told beside the fields."""
        heard: list[Json] = []
        leave = self._call(self._slack.subscribe, heard.append, self.person)
        try:
            self.submits(**values)
            told = eventually(lambda: [c for c in heard if c["type"] == "view_errors"], "errors in the modal")
            return dict(told[-1]["errors"])
        finally:
            self._call(leave)


def home(stage: Stage, person: str, said: str = "") -> Json:
    """What stands in their Home tab, once these words do."""

    def look() -> Json | None:
        view: Any = stage.thread.call(stage.world.slack.slack.snapshot, person)["home"]
        return view if view and said in shown(view) else None

    view = eventually(look, f"{said!r} in the Home tab of {person}")
    assert view is not None
    return view


def opens(stage: Stage, person: str, said: str = "") -> Json:
    stage.thread.call(stage.world.slack.slack.open_home, person)
    return home(stage, person, said)


def shown(view: Json) -> str:
    return "\n".join(words(view["blocks"]))


def fields(view: Json) -> dict[str, str]:
    """Block id -> what stands in it before anybody touched it."""
    found = {}
    for block in view["blocks"]:
        if block["type"] == "input":
            element = block["element"]
            option = element.get("initial_option") or {}
            found[block["block_id"]] = option.get("value") or element.get("initial_value") or ""
    return found


def buttons(view: Json) -> list[Json]:
    found = []
    for block in view["blocks"]:
        elements = [*block.get("elements", []), block.get("accessory") or {}]
        found += [element for element in elements if element.get("type") == "button"]
    return found


def _filled(element: Json, value: str) -> Json:
    kind = element["type"]
    if kind == "checkboxes":
        return {"type": kind, "selected_options": element["options"]}
    if kind.endswith("_select"):
        option = {"text": {"type": "plain_text", "text": value}, "value": value}
        return {"type": kind, "selected_option": option}
    return {"type": kind, "value": value}
