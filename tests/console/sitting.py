"""A person at the terminal: keys go into a pseudo-terminal, and an emulator says what its screen shows."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path

import pexpect
import pyte

from sandbox.chat import eventually
from sandbox.crew import ROOT

COLUMNS, ROWS = 90, 40
TAB, CTRL_C, CTRL_D, UP = "\t", "\x03", "\x04", "\x1b[A"


class _Screen(pyte.Screen):
    """Answers what programs ask their terminal: where its cursor is, for one."""

    answer: Callable[[str], object]

    def write_process_input(self, data: str) -> None:
        self.answer(data)


class Sitting:
    """`python -m bot console --as <email>`, with `home` as the home of whoever sits there."""

    def __init__(self, variables: Mapping[str, str], home: Path, email: str = "ops@shop.example") -> None:
        self.process: pexpect.spawn[bytes] = pexpect.spawn(
            sys.executable,
            ["-m", "bot", "console", "--as", email],
            env={
                **os.environ,
                **variables,
                "HOME": str(home),
                "TERM": "xterm",
                "LC_ALL": "C.UTF-8",
                "TZ": "UTC",
            },
            cwd=str(ROOT),
            dimensions=(ROWS, COLUMNS),
            timeout=0,
        )
        self._screen = _Screen(COLUMNS, ROWS)
        self._screen.answer = self.process.send
        self._stream = pyte.ByteStream(self._screen)
        self.past: list[str] = []
        """What the screen showed, each time it was looked at and was not as before."""

    def looks(self) -> str:
        """The screen as it is now."""
        with suppress(pexpect.TIMEOUT, pexpect.EOF):
            while True:
                self._stream.feed(self.process.read_nonblocking(65536, timeout=0))
        rows = "\n".join(row.rstrip() for row in self._screen.display).rstrip()
        if not self.past or self.past[-1] != rows:
            self.past.append(rows)
        return rows

    def shows(self, text: str, within: float = 30) -> str:
        """The screen, once it shows `text`."""
        try:
            eventually(lambda: text in self.looks(), f"on the screen: {text}", within)
        except AssertionError as late:
            raise AssertionError(f"{late}\n{self.looks()}") from None
        return self.looks()

    def presses(self, keys: str) -> None:
        self.process.send(keys)

    def types(self, line: str) -> None:
        """At the prompt, as a person would: not before it is there."""
        self._prompted()
        self.process.send(line)
        self.shows(f"shipmate> {line}")
        self.process.send("\r")
        eventually(lambda: not self.looks().endswith(f"shipmate> {line}"), "the line to be taken", 30)

    def leaves(self) -> int:
        """Ctrl-D at the prompt; the exit status."""
        self._prompted()
        self.presses(CTRL_D)
        eventually(lambda: self.looks() is not None and not self.process.isalive(), "it to end", 30)
        return int(self.process.exitstatus or 0)

    def _prompted(self) -> None:
        eventually(lambda: self.looks().rpartition("\n")[2] == "shipmate>", "the prompt", 30)
