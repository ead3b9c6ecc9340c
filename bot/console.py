"""The break-glass terminal: the same door from a shell, for when Slack itself is down.

Who may use it, and whom they speak for, stands in `shipmate.yaml`; who sits at the terminal is what the
machine says (the account that runs the process, https://docs.python.org/3/library/os.html#os.getuid). What is
typed passes the same parse, policy and ledger as a message would, is written to the log, and is shown in a
channel as soon as Slack answers again.
"""

from __future__ import annotations

import json
import logging
import os
import pwd
import secrets
import signal
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

from redis.exceptions import RedisError

from bot import plain
from bot.command import Change
from bot.completion import Completion
from bot.dispatcher import Request
from bot.faults import Refused, Unavailable
from bot.grammar import Environment, Name, Parsed, Project, Verb
from bot.language import ENGLISH, N_, _, language_of, speaking
from bot.lifecycle import State
from bot.logbook import REFUSED
from bot.operation import Operation, Origin
from bot.settings import Settings
from bot.terminal import Pipe, Screen, Terminal
from bot.views import showing

if TYPE_CHECKING:
    from bot.app import App

log = logging.getLogger(__name__)

LOOK_SECONDS = 0.2
GOES_NO_FURTHER = (State.STUCK, State.ASKING, State.SCHEDULED)
"""Until somebody says something, or its time has come: what to type next must be typed here."""
GREETING = N_("Shipmate, as {email}. Type `help`, or Ctrl-D to leave. What you do here is logged.")
HINT = N_("Ctrl-C ends the watching, not the operation.")


@dataclass(frozen=True)
class Seat:
    """Whom the person at the terminal speaks for."""

    account: str
    email: str
    user: str
    team: str


def seat(settings: Settings, email: str, account: str) -> Seat:
    """Raises Refused unless the configuration lets that account of the machine speak for `email`."""
    if settings.console is None:
        raise Refused(
            _("The terminal is not switched on."),
            _("Operations add a section `console` to shipmate.yaml."),
        )
    for entry in settings.console.accounts:
        if entry.account == account and entry.email.casefold() == email.casefold():
            return Seat(account, entry.email, entry.user, settings.slack.teams[0])
    raise Refused(
        _("The account {account} of this machine may not speak for {email}.", account=account, email=email),
        _("Operations list who may in shipmate.yaml, under `console`."),
    )


def language_here(variables: Mapping[str, str]) -> str:
    """Of the terminal, by its locale: it may have no Chinese letters, whatever the person reads in Slack.

    https://pubs.opengroup.org/onlinepubs/9799919799/basedefs/V1_chap08.html#tag_08_02 (precedence)
    """
    locale = variables.get("LC_ALL") or variables.get("LC_MESSAGES") or variables.get("LANG") or ""
    return language_of(locale) or ENGLISH


def this_account() -> str:
    """Who runs this process, by the machine's own word; variables of the environment do not count."""
    user_id = os.getuid()
    try:
        return pwd.getpwuid(user_id).pw_name
    except KeyError:  # a container's user is a number: it has no name there
        return str(user_id)


@dataclass
class Console:
    """One sitting."""

    seat: Seat
    channel: str
    """Where changes are shown, once Slack answers; empty: nowhere."""
    language: str
    """What this terminal speaks."""
    app: App
    terminal: Terminal
    _names: dict[str, str] = field(default_factory=dict)

    def handle(self, text: str) -> None:
        """Answer one line, and follow what it starts until it ends or needs a person."""
        with speaking(self.language):
            try:
                self._handle(text)
            except RedisError:
                words = N_(
                    "Redis does not answer. What was started goes on when it is back: ask `status` then."
                )
                self.terminal.say(_(words))

    def _handle(self, text: str) -> None:
        key = f"console:{secrets.token_hex(12)}"
        _record(self.app, self.seat.account, self.seat.email, text)
        parsed = self.app.catalogue.parse(text)
        change = isinstance(parsed, Parsed) and isinstance(parsed.command, Change)
        origin = Origin(self.channel if change else "", source="console", key=key)
        request = Request(text, self.seat.user, self.seat.team, origin, language=self.language)
        reply = self.app.dispatcher.decide(request)
        if reply is not None:
            for line in plain.lines(reply, self._name):
                self.terminal.say(line)
        elif operation_id := self.app.ledger.requested(key):
            self._follow(operation_id)

    def _follow(self, operation_id: str) -> None:
        """Its message as it changes. Ctrl-C ends the watching, not the operation."""
        try:
            frames = self._frames(operation_id)
            first = next(frames, [])
            operation = self.app.ledger.get(operation_id)
            if operation is None or operation.final:  # the answer to a question: nothing to watch
                Pipe().follow(chain([first], frames))
            else:
                self.terminal.follow(chain([first], frames))
        except KeyboardInterrupt:
            words = N_("It goes on without you: `status`, or `cancel {id}` to stop it.")
            self.terminal.say(_(words, id=operation_id))

    def _frames(self, operation_id: str) -> Iterator[list[str]]:
        """Its message each time it reads otherwise, up to its end or to a question."""
        ledger, version = self.app.ledger, 0
        shown: list[str] = []
        while (operation := ledger.get(operation_id)) is not None:
            news = operation.version != version or self.terminal.live  # the time that is left goes by itself
            version = operation.version
            if news and (operation.kind == "change" or operation.outcome):
                place, usual = ledger.place(operation), ledger.usual(operation)
                drawn = plain.lines(showing(operation, place, usual), self._name)
                if drawn != shown:
                    yield drawn
                shown = drawn
            if operation.final or self._must_type(operation):
                return
            time.sleep(LOOK_SECONDS)

    def _must_type(self, operation: Operation) -> bool:
        """Whether what comes next must be typed here. Others approve: who sits here can wait for that."""
        waits = operation.state is State.AWAITING_APPROVAL
        return operation.state in GOES_NO_FURTHER or (waits and not self.terminal.live)

    def _name(self, member: str) -> str:
        """Slack may be down, which is why somebody sits here: an id will do then."""
        if member not in self._names:
            try:
                self._names[member] = self.app.directory.person(member, self.seat.team).name
            except (Refused, Unavailable):
                self._names[member] = member
        return self._names[member]


def run(app: App, email: str, language: str) -> int:
    """Exit status: 1 when the person may not sit here."""
    signal.signal(signal.SIGINT, signal.default_int_handler)  # Ctrl-C ends the watching, not the terminal
    account = this_account()
    with speaking(language):
        try:
            taken = seat(app.settings, email, account)
        except Refused as refusal:
            _record(app, account, email, REFUSED)
            print(refusal.words, file=sys.stderr)  # noqa: T201
            return 1
        terminal = _terminal(app, taken)
    assert app.settings.console is not None
    console = Console(taken, app.settings.console.channel or "", language, app, terminal)
    with suppress(KeyboardInterrupt):  # between two lines of a pipe
        for text in terminal.typed():
            if text.strip():
                console.handle(text)
    return 0


def audit(app: App) -> int:
    """Print what was typed at terminals, a JSON object a line. Exit status: 1 when Redis does not answer."""
    try:
        for entry in app.logbook.read():
            print(json.dumps(asdict(entry), ensure_ascii=False))  # noqa: T201
    except RedisError:
        print(_("Redis does not answer."), file=sys.stderr)  # noqa: T201
        return 1
    return 0


def _record(app: App, account: str, email: str, text: str) -> None:
    """In the log of the process, and beside the operations; without Redis nothing can be started anyway."""
    log.warning("console account=%s as=%s text=%s", account, email, text)
    with suppress(RedisError):
        app.logbook.write(account, email, text)


def _terminal(app: App, taken: Seat) -> Terminal:
    if not sys.stdin.isatty():
        return Pipe()
    logging.getLogger().setLevel(logging.CRITICAL)  # that Slack is down, which they know, would run into it
    logging.getLogger("bot").setLevel(logging.ERROR)  # our own faults: a reference must be found somewhere
    settings = app.settings
    names: dict[type[Name], tuple[str, ...]] = {
        Project: tuple(settings.projects),
        Environment: tuple(settings.environments),
        Verb: tuple(command.verb for command in app.catalogue.commands),
    }
    completion = Completion(
        app.catalogue.commands, names, lambda: [operation.id for operation in app.ledger.active()]
    )
    screen = Screen(Path.home() / ".shipmate_history", completion.after, _(HINT))
    screen.say(_(GREETING, email=taken.email))
    return screen
