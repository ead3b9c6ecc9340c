"""Keyboard and screen of the break-glass terminal: prompt_toolkit where a person sits, plain lines in a pipe."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Protocol

from prompt_toolkit import PromptSession
from prompt_toolkit.application import Application
from prompt_toolkit.completion import Completer
from prompt_toolkit.completion import Completion as Choice
from prompt_toolkit.document import Document
from prompt_toolkit.history import FileHistory, History, InMemoryHistory
from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent
from prompt_toolkit.layout import FormattedTextControl, Layout, Window

from bot.redact import redact

Frames = Iterator[list[str]]
"""What is shown of something under way, each time it has changed, up to its end."""


class Terminal(Protocol):
    live: bool
    """Whether a line may change after it was written."""

    def typed(self) -> Iterator[str]:
        """The lines of a person, up to Ctrl-D."""
        ...

    def say(self, line: str) -> None: ...

    def follow(self, frames: Frames) -> None:
        """Raises KeyboardInterrupt when the person has seen enough, and whatever `frames` raises."""
        ...


class Pipe:
    """Lines in, lines out: of what changes, what is new."""

    live = False

    def typed(self) -> Iterator[str]:
        yield from sys.stdin

    def say(self, line: str) -> None:
        print(line, flush=True)  # noqa: T201

    def follow(self, frames: Frames) -> None:
        said: list[str] = []
        for frame in frames:
            for line in frame:
                if line not in said:
                    self.say(line)
            said = frame


class Screen:
    """A person's terminal. `after`: what a line may go on with; `hint`: what Ctrl-C does while one watches."""

    live = True

    def __init__(self, history: Path, after: Callable[[str], Iterable[str]], hint: str) -> None:
        self._prompt: PromptSession[str] = PromptSession(
            history=_history(history), completer=_Words(after), complete_while_typing=False
        )
        self._hint = hint

    def typed(self) -> Iterator[str]:
        while True:
            try:
                yield self._prompt.prompt("shipmate> ")
            except KeyboardInterrupt:  # of a line that somebody thought better of
                continue
            except EOFError:
                return

    def say(self, line: str) -> None:
        print(line, flush=True)  # noqa: T201

    def follow(self, frames: Frames) -> None:
        """In place while it goes on; at its end the whole of it stays, however long."""
        shown: list[str] = []
        try:
            self._watch(frames, shown)
        finally:
            for line in shown:
                self.say(line)

    def _watch(self, frames: Frames, shown: list[str]) -> None:
        def text() -> str:
            return "\n".join([*shown, "", self._hint])

        async def draw() -> None:
            try:
                while frame := await asyncio.to_thread(next, frames, None):
                    shown[:] = frame
                    app.invalidate()
            except Exception as trouble:  # noqa: BLE001  # raised again where it was asked for
                app.exit(exception=trouble)
            else:
                app.exit()

        keys = KeyBindings()

        @keys.add("c-c")
        def _(event: KeyPressEvent) -> None:
            event.app.exit(exception=KeyboardInterrupt())

        window = Window(FormattedTextControl(text), wrap_lines=True, dont_extend_height=True)
        app: Application[None] = Application(Layout(window), key_bindings=keys, erase_when_done=True)

        def begin() -> None:
            app.create_background_task(draw())

        app.run(begin)


class _Words(Completer):
    def __init__(self, after: Callable[[str], Iterable[str]]) -> None:
        self._after = after

    def get_completions(self, document: Document, _event: object) -> Iterator[Choice]:
        line = document.text_before_cursor
        begun = line.rpartition(" ")[2]
        for word in self._after(line):
            yield Choice(word, start_position=-len(begun))


class _History(FileHistory):
    def store_string(self, string: str) -> None:
        super().store_string(redact(string).text)


def _history(path: Path) -> History:
    """For nobody else to read; where there is no place for it, of this sitting alone."""
    try:
        path.touch(mode=0o600)
        path.chmod(0o600)
    except OSError:
        return InMemoryHistory()
    return _History(str(path))
