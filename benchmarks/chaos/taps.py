"""People who look at the bot's messages and tap: approvals, decisions, second thoughts, and some of it twice.

What is tapped is decided by the seed; when, by what the messages show. In the quiet at the end only questions
are answered, so that everything can end.
"""

from __future__ import annotations

import random
import threading
import time
from dataclasses import dataclass, field
from typing import Any

from benchmarks.chaos.people import Asked
from benchmarks.chaos.script import Line
from sandbox.chat import Said
from sandbox.slack.records import BOT, Message
from sandbox.world import World, WorldThread

LOOK_SECONDS = 0.4
AGAIN_SECONDS = 4.0
"""A tap is lost when the bot dies; the question then still stands."""
AGAIN = frozenset({"Trigger again", "None of them"})
"""What makes a job build once more for an operation that may have a build already."""
QUESTIONS = frozenset({"Adopt", "Trigger again", "None of them", "Try again", "Give up", "Go on", "Stop"})
TEMPTING = {"Cancel": 0.04, "Leave the line": 0.15, "Roll back": 0.3, "Try again": 0.2}
"""Label -> share of the messages with that button that somebody taps."""
TWICE = 0.3


@dataclass
class Taps:
    """`expire`: of the approvals asked for in the first so many seconds some are left to expire, a minute later."""

    seed: int
    thread: WorldThread
    expire: float
    asked: list[Asked] = field(default_factory=list)
    decisions: int = 0
    again: int = 0
    """How often a build was asked for once more by a person."""
    _quiet: threading.Event = field(default_factory=threading.Event)
    _stop: threading.Event = field(default_factory=threading.Event)
    _left: set[str] = field(default_factory=set)
    _tried: dict[str, tuple[int, float]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._dice = random.Random(f"taps {self.seed}")
        self._began = time.monotonic()
        self._tapper = threading.Thread(target=self._run, name="taps")

    def start(self) -> None:
        self._tapper.start()

    def only_questions(self) -> None:
        self._quiet.set()

    def stop(self) -> None:
        self._stop.set()
        self._tapper.join()

    def _run(self) -> None:
        while not self._stop.wait(LOOK_SECONDS):
            for message in self.thread.call(_with_buttons, self.thread.world):
                self._consider(message)

    def _consider(self, message: Message) -> None:
        buttons = Said(message).buttons
        if "Approve" in buttons:
            self._approve(message, buttons)
        elif buttons.keys() & {"Give up", "Go on"}:
            self._decide(message, buttons)
        elif "Go on" in buttons:
            self._confirm(message, buttons)
        elif not self._quiet.is_set() and self._first_look(message, buttons):
            tempting = [label for label in TEMPTING if label in buttons]
            label = self._dice.choice(tempting) if tempting else ""
            if label and self._dice.random() < TEMPTING[label]:
                self._tap(message, buttons[label], "ops")

    def _first_look(self, message: Message, buttons: dict[str, Any]) -> bool:
        return self._tries(message, f"{sorted(buttons)}") == 0

    def _tries(self, message: Message, state: str) -> int:
        """How often somebody has acted on this state of a message; -1 while that may yet take effect."""
        key = f"{message.ts} {state}"
        tries, at = self._tried.get(key, (0, 0.0))
        if time.monotonic() - at < AGAIN_SECONDS:
            return -1
        self._tried[key] = (tries + 1, time.monotonic())
        return tries

    def _approve(self, message: Message, buttons: dict[str, Any]) -> None:
        """By on-call, who is never the one that asked; by that one too, in vain. Refused for long: denied."""
        tries = self._tries(message, "approve")
        if tries < 0:
            return
        fate = random.Random(f"approval {self.seed} {message.ts}").random()
        if message.ts in self._left or (fate < 0.2 and time.monotonic() - self._began < self.expire):
            self._left.add(message.ts)
            return
        if tries == 0 and fate < 0.25:
            self._tap(message, buttons["Approve"], "ops")
        label = "Deny" if tries > 2 or fate > 0.9 else "Approve"
        self._tap(message, buttons[label], "oncall")

    def _decide(self, message: Message, buttons: dict[str, Any]) -> None:
        if self._tries(message, "decide") < 0:
            return
        labels = [label for label in buttons if label.split(" #")[0] in QUESTIONS]
        label = self._dice.choice(labels)
        self.decisions += 1
        self.again += label in AGAIN
        self._tap(message, buttons[label], "ops", twice=False)

    def _confirm(self, message: Message, buttons: dict[str, Any]) -> None:
        """A version that was rolled back from is to be set again: mostly that is meant."""
        if self._tries(message, "confirm") >= 0:
            self._tap(message, buttons["Go on" if self._dice.random() < 0.8 else "Stop"], "ops")

    def _tap(self, message: Message, button: dict[str, Any], person: str, twice: bool = True) -> None:
        for _ in range(1 + (twice and self._dice.random() < TWICE)):
            asked = self.thread.call(_press, self.thread.world, message, button, person)
            if asked:
                self.asked.append(asked)


def _with_buttons(world: World) -> list[Message]:
    everything = (message for channel in world.slack.slack.messages.values() for message in channel.values())
    return [message for message in everything if message.author.id == BOT and Said(message).buttons]


def _press(world: World, message: Message, button: dict[str, Any], person: str) -> Asked | None:
    """None when the button has gone meanwhile."""
    if button not in Said(message).buttons.values():
        return None
    world.slack.slack.press(person, message.channel, message.ts, button["action_id"], None, button["value"])
    line = Line(0, person, message.channel, button["value"])
    key = f"tap:{message.channel}:{message.ts}:{button['value']}"
    return Asked(line, message.channel, key, world.slack.envelopes[-1])
