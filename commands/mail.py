"""mail: whether you get a mail when a change that you asked for has ended."""

from __future__ import annotations

from dataclasses import dataclass

from bot.backends import Backends
from bot.command import Control
from bot.grammar import Typed, shape
from bot.language import N_, _
from bot.ports import Person
from bot.preferences import ON
from bot.reply import Reply, says
from commands.settings import must_send_mails


class OnOff(Typed, str):
    """Yes or no."""

    choices = ("on", "off")
    expected, example = N_("on or off"), "on"
    bare = shape("on|off")

    @classmethod
    def read(cls, text: str) -> OnOff:
        if text.lower() not in cls.choices:
            raise ValueError(f"{text} is not {cls.expected}")
        return cls(text.lower())


@dataclass(frozen=True)
class Mail(Control):
    """Say whether you get a mail when a change that you asked for has ended."""

    reads = True
    usage = "mail [<choice>]"
    examples = ("mail off", "mail")

    choice: OnOff | None = None

    def answer(self, asker: Person, on: Backends) -> Reply:
        own = must_send_mails(on)
        if self.choice is not None:
            on.preferences.choose(asker.id, mail=self.choice)
        chosen = on.preferences.of(asker.id).mail
        if not (chosen == ON if chosen else own.requesters):
            return says(_("You get no mails for what you ask for. `mail on` changes that."))
        if not asker.email:
            return says(_(":warning: You would get mails, but your Slack profile shows Shipmate no address."))
        return says(
            _(
                "You get a mail at {address} when a change that you asked for has ended. "
                "`mail off` changes that. A project's own list is operations' to change.",
                address=asker.email,
            )
        )
