"""A scene, told in chat words, and written down as everybody in the chat sees it: the golden file.

Whatever the bot shows after each thing that a person does stands under it: new messages, replies in threads,
ephemerals, direct messages, modals, and messages that have changed, each as it is once nothing moves any more.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from bot.ledger import Ledger
from bot.lifecycle import State
from bot.operation import Operation
from sandbox.chat import Chat, Said, eventually
from sandbox.slack.records import BOT, Json, Message
from sandbox.stage import Stage
from tests.conftest import forget
from tests.golden import drawn
from tests.golden.plainly import same
from tests.surface.discipline import breaches, told_directly

SAID = Path(__file__).parent / "said"
INDENT = "    "
"""Before each line of what is said."""
STILL = (State.SCHEDULED, State.AWAITING_APPROVAL, State.ASKING, State.STUCK)
"""States in which an operation waits for a person or for its time."""

PROJECTS = ("web", "api", "shop", "pay")
ENVIRONMENTS = ("dev", "trunk", "hidden", "product")

Story = Callable[["Telling"], None]
SCENES: set[Path] = set()
"""The golden files that belong to a scene."""


class Telling:
    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.chat: Chat = stage.chat
        self.world = stage.world
        self._lines: list[str] = []
        self._shown: dict[str, list[str]] = {}
        self._directly: set[str] = set()
        self._ledger = Ledger(stage.redis)
        eventually(self._open, "the pods of the morning")

    # -- what people do

    def says(self, text: str, by: str, channel: str = "#deploys", until: str = "") -> Said:
        """`until`: words to wait for; else for all that is under way to end, or to wait for somebody."""
        self._line(f"{by} in {channel}: @shipmate {text}")
        return self._after(self.chat.says(text, by=by, channel=channel), until)

    def writes(self, text: str, by: str, until: str = "") -> Said:
        self._line(f"{by} in a direct message: {text}")
        return self._after(self.chat.writes(text, by=by), until)

    def slash(self, text: str, by: str, channel: str = "#deploys", until: str = "") -> Said:
        self._line(f"{by} in {channel}: /ship {text}")
        return self._after(self.chat.slash(text, by=by, channel=channel), until)

    def taps(self, said: Said, label: str, by: str, until: str = "") -> Said:
        self._line(f"{by} taps [{label}]")
        return self._after(self.chat.taps(said, label, by=by), until)

    def happens(self, what: str, do: Callable[[], Any], until: str = "") -> None:
        """Something that is no message of a person: `what` it is stands in the golden file."""
        self._line(f"({what})")
        do()
        self._look(until)

    def sees(self, view: Json) -> Json:
        """A modal or a Home tab, as it stands."""
        self._lines += [f"  shows a {view['type']}", *(f"{INDENT}{line}" for line in drawn.view(view)), ""]
        return view

    def notes(self, told: dict[str, str]) -> None:
        """Texts that stand in no message: beside a field, in a mail."""
        for where, words in told.items():
            self._lines += [
                f"  {where}",
                *(f"{INDENT}{'':<{drawn.NAMED}}{line}".rstrip() for line in words.split("\n")),
                "",
            ]

    def tells_directly(self, *people: str) -> None:
        """Who gets direct messages in this scene, and why stands in it; nobody else does."""
        self._directly |= set(people)

    def disciplined(self) -> None:
        """Raises AssertionError where something was posted that should not have been."""
        slack = self.world.slack.slack
        assert self.stage.thread.call(breaches, slack) == []
        assert self.stage.thread.call(told_directly, slack) == self._directly

    def id_of(self, said: Said) -> str:
        """The operation's, by its message."""
        return str((said.message.metadata or {})["event_payload"]["key"])

    # -- what is seen of it

    def text(self) -> str:
        ids = [key.rpartition(":")[2] for key in self.stage.redis.scan_iter("shipmate:op:*")]
        return same("\n".join(self._lines).rstrip() + "\n", ids)

    def still(self, until: str = "") -> None:
        """Wait until everything is said and nothing moves."""
        if until:
            eventually(lambda: until in "\n".join(self._all_words()), f"these words: {until}")
        eventually(self._quiet, "everything that was asked for to end", 60)

    def _open(self) -> bool:
        """Whether every pod of the morning is ready."""
        found = [self.world.kubernetes.deployment(where, name) for where in ENVIRONMENTS for name in PROJECTS]
        return all(one["status"].get("readyReplicas") == one["spec"]["replicas"] for one in found)

    def _quiet(self) -> bool:
        redis = self.stage.redis
        moving = [one for one in self._ledger.active() if not self._waits(one)]
        return not moving and not redis.exists("shipmate:active:query", "shipmate:outbox")

    def _waits(self, operation: Operation) -> bool:
        return operation.state in STILL or self._ledger.place(operation) is not None

    def _after(self, said: Said, until: str) -> Said:
        self._look(until)
        return said

    def _line(self, words: str) -> None:
        self._lines += [words, ""]

    def _look(self, until: str = "") -> None:
        self.still(until)
        for message in self._messages():
            seen = drawn.message(message.text, message.blocks)
            seen += [f"file      {file['name']}: {file['title']}" for file in message.files]
            if self._shown.get(message.ts) == seen:
                continue
            changed = "changed, " if message.ts in self._shown else ""
            self._shown[message.ts] = seen
            self._lines += [f"  {changed}{self._where(message)}", *(f"{INDENT}{line}" for line in seen), ""]

    def _where(self, message: Message) -> str:
        slack = self.world.slack.slack
        channel = slack.channels[message.channel]
        place = (
            f"to {slack.people[channel.im_with].name} directly" if channel.im_with else f"in #{channel.name}"
        )
        thread = ", in the thread" if message.thread_ts else ""
        only = f", only for {slack.people[message.only_for].name}" if message.only_for else ""
        return f"{place}{thread}{only}"

    def _messages(self) -> list[Message]:
        """Everything the bot has said: place by place, as what is said in two of them has no order."""

        def order(message: Message) -> tuple[str, float]:
            return self._where(message), float(message.ts)

        return self.stage.thread.call(lambda: sorted(self._said(), key=order))

    def _said(self) -> Iterator[Message]:
        slack = self.world.slack.slack
        for posted in [*slack.messages.values(), slack.ephemerals]:
            yield from (message for message in posted.values() if message.author.id == BOT)

    def _all_words(self) -> Iterator[str]:
        return (Said(message).text for message in self._messages())


def scene(story: Story) -> Callable[..., None]:
    """Makes a story a test: what is seen of it is what its golden file says."""
    folder, name = story.__module__.rpartition(".test_")[2], story.__name__.removeprefix("test_")
    path = SAID / folder / f"{name}.txt"
    SCENES.add(path)

    def test(stage: Stage, request: pytest.FixtureRequest) -> None:
        telling = Telling(stage)
        try:
            story(telling)
            text = telling.text()
            telling.disciplined()
        finally:
            forget(stage)  # what waits for somebody, or for its time
        golden(path, f"# {story.__doc__}\n\n{text}", request.config.getoption("--rewrite-goldens"))

    test.__name__, test.__doc__ = story.__name__, story.__doc__
    return test


def golden(path: Path, text: str, rewrite: bool) -> None:
    """Raises AssertionError with the difference."""
    if rewrite:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return
    before = path.read_text() if path.exists() else ""
    told = difflib.unified_diff(before.splitlines(), text.splitlines(), path.name, "said now", lineterm="")
    assert text == before, "\n".join(
        [f"{path.name} says otherwise. If it is better now: make golden, and look at git diff", *told]
    )
