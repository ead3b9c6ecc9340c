"""The commands there are, and the grammar over them: text <-> command."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from bot.command import Change, Command, StandIn, discover
from bot.grammar import Grammar, Parsed, Problem, write
from bot.grammar.fill import Defaults
from bot.grammar.parse import NO_DEFAULTS
from bot.language import _

if TYPE_CHECKING:
    from bot.settings import Settings


class UnknownSteps(Exception):
    """A recorded command that this version cannot replay: another version of Shipmate opened it."""

    def __init__(self, text: str) -> None:
        super().__init__(_("This version of Shipmate does not know how to go on with `{text}`.", text=text))


class Catalogue:
    """Raises ValueError when two commands share a verb or alias, or a usage and its fields disagree."""

    def __init__(self, settings: Settings) -> None:
        self.commands = discover("commands")
        aliases = {alias: name for name, env in settings.environments.items() for alias in env.aliases}
        self._protected = {name for name, env in settings.environments.items() if env.protected}
        self._grammar = Grammar(
            self.commands,
            list(settings.projects),
            list(settings.environments),
            aliases=aliases,
            lines=settings.lines(),
        )

    def parse(self, text: str, defaults: Defaults = NO_DEFAULTS) -> Parsed | Problem:
        """`defaults`: names that go without saying where the text was said."""
        parsed = self._grammar.parse(text, defaults)
        return Parsed(cast(Command, parsed.command).resolved()) if isinstance(parsed, Parsed) else parsed

    def english(self, value: str) -> str:
        """One value of a form, as a phone writes it, as it is read in a command."""
        return self._grammar.english(value)

    def command(self, text: str) -> Command:
        """The command that `write` gave as text. Raises UnknownSteps."""
        parsed = self.parse(text)
        if not isinstance(parsed, Parsed):
            raise UnknownSteps(text)
        return cast(Command, parsed.command)

    def text(self, command: Command) -> str:
        """Canonical: what `command` reads again."""
        return write(command.asked if isinstance(command, StandIn) else command)

    def question(self, text: str) -> str:
        """What to ask before a button says `text`: only for changes to a protected environment."""
        parsed = self.parse(text)
        if not isinstance(parsed, Parsed) or not isinstance(parsed.command, Change):
            return ""
        target = parsed.command.target
        protected = target.partition("/")[2] in self._protected
        return _("This changes {target}.", target=target) if protected else ""

    def named(self, verb: str) -> type[Command] | None:
        """The command that a verb or an alias names."""
        named = verb.lower()
        return next((c for c in self.commands if named == c.verb or named in c.aliases), None)
