"""The break-glass terminal: the same door from a shell, for when Slack itself is down.

Who may use it, and whom they speak for, stands in `shipmate.yaml`; who sits at the terminal is what the
machine says (the account that runs the process, https://docs.python.org/3/library/os.html#os.getuid). What is
typed passes the same parse, policy and ledger as a message would, is written to the log, and is shown in a
channel as soon as Slack answers again.
"""

from __future__ import annotations

import logging
import os
import pwd
import secrets
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from redis.exceptions import RedisError

from bot import plain
from bot.catalogue import Catalogue
from bot.command import Change
from bot.dispatcher import Dispatcher, Request
from bot.faults import Refused, Unavailable
from bot.grammar import Parsed
from bot.language import ENGLISH, N_, _, language_of, speaking
from bot.ledger import Ledger
from bot.lifecycle import State
from bot.operation import Operation, Origin
from bot.ports import Directory
from bot.settings import Settings
from bot.views import showing

if TYPE_CHECKING:
    from bot.app import App

log = logging.getLogger(__name__)

LOOK_SECONDS = 0.2
GOES_NO_FURTHER = (State.AWAITING_APPROVAL, State.STUCK, State.ASKING, State.SCHEDULED)
"""Until somebody says something, or its time has come: what to type next must be typed here."""
GREETING = N_("Shipmate, as {email}. Type `help`, or Ctrl-D to leave. What you do here is logged.")


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
    return pwd.getpwuid(os.getuid()).pw_name


@dataclass
class Console:
    """One sitting. `say` prints a line."""

    seat: Seat
    channel: str
    """Where changes are shown, once Slack answers; empty: nowhere."""
    language: str
    """What this terminal speaks."""
    dispatcher: Dispatcher
    ledger: Ledger
    catalogue: Catalogue
    directory: Directory
    say: Callable[[str], None]
    _names: dict[str, str] = field(default_factory=dict)

    def handle(self, text: str) -> None:
        """Answer one line, and follow what it starts until it ends or needs a person."""
        with speaking(self.language):
            self._handle(text)

    def _handle(self, text: str) -> None:
        key = f"console:{secrets.token_hex(12)}"
        log.warning("console account=%s as=%s text=%s", self.seat.account, self.seat.email, text)
        parsed = self.catalogue.parse(text)
        change = isinstance(parsed, Parsed) and isinstance(parsed.command, Change)
        origin = Origin(self.channel if change else "", source="console", key=key)
        reply = self.dispatcher.decide(
            Request(text, self.seat.user, self.seat.team, origin, language=self.language)
        )
        if reply is not None:
            self._show(plain.lines(reply, self._name))
            return
        try:
            operation_id = self.ledger.requested(key)
            if operation_id:
                self._follow(operation_id)
        except RedisError:
            self.say(_("Redis does not answer. What was started goes on when it is back: ask `status` then."))

    def _follow(self, operation_id: str) -> None:
        """Each line of its message once, as it changes. Ctrl-C ends the watching, not the operation."""
        try:
            said: list[str] = []
            for operation in self._states(operation_id):
                place, usual = self.ledger.place(operation), self.ledger.usual(operation)
                drawn = plain.lines(showing(operation, place, usual), self._name)
                self._show(line for line in drawn if line not in said)
                said = drawn
        except KeyboardInterrupt:
            self.say(_("It goes on without you: `status`, or `cancel {id}` to stop it.", id=operation_id))

    def _states(self, operation_id: str) -> Iterator[Operation]:
        """The operation each time it was written, up to its end or a question."""
        version = 0
        while True:
            operation = self.ledger.get(operation_id)
            if operation is None:
                return
            if operation.version != version and (operation.kind == "change" or operation.final):
                version = operation.version
                yield operation
            if operation.final or operation.state in GOES_NO_FURTHER:
                return
            time.sleep(LOOK_SECONDS)

    def _show(self, lines: Iterable[str]) -> None:
        for line in lines:
            self.say(line)

    def _name(self, member: str) -> str:
        """Slack may be down, which is why somebody sits here: an id will do then."""
        if member not in self._names:
            try:
                self._names[member] = self.directory.person(member, self.seat.team).name
            except (Refused, Unavailable):
                self._names[member] = member
        return self._names[member]


def run(app: App, email: str, language: str) -> int:
    """Exit status: 1 when the person may not sit here."""
    try:
        with speaking(language):
            taken = seat(app.settings, email, this_account())
    except Refused as refusal:
        log.warning("console refused account=%s as=%s", this_account(), email)
        print(refusal.words, file=sys.stderr)  # noqa: T201
        return 1
    assert app.settings.console is not None
    channel = app.settings.console.channel or ""
    console = Console(
        taken,
        channel,
        language,
        app.dispatcher,
        app.ledger,
        app.catalogue,
        app.directory,
        say=lambda line: print(line),  # noqa: T201
    )
    if sys.stdin.isatty():
        with speaking(language):
            print(_(GREETING, email=taken.email))  # noqa: T201
    for text in _typed(app.catalogue):
        if text.strip():
            console.handle(text)
    return 0


def _typed(catalogue: Catalogue) -> Iterator[str]:
    """Lines from the keyboard with completion and history, or from a pipe."""
    if not sys.stdin.isatty():
        yield from sys.stdin
        return
    from prompt_toolkit import PromptSession
    from prompt_toolkit.completion import WordCompleter
    from prompt_toolkit.history import FileHistory

    history = Path.home() / ".shipmate_history"
    history.touch(mode=0o600)
    session: PromptSession[str] = PromptSession(
        history=FileHistory(str(history)),
        completer=WordCompleter(list(catalogue.words())),
        complete_while_typing=False,
    )
    while True:
        try:
            yield session.prompt("shipmate> ")
        except KeyboardInterrupt:
            continue
        except EOFError:
            return
