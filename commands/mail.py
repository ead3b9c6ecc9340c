"""mail: whether you get a mail when a change that you asked for has ended."""

from __future__ import annotations

from dataclasses import dataclass

from bot.backends import Backends
from bot.command import Control
from bot.faults import Refused
from bot.grammar import Typed, shape
from bot.language import N_, _
from bot.ledger import PREFIX
from bot.mailroom import wants
from bot.ports import Person
from bot.reply import Reply, says


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

    usage = "mail [<choice>]"
    examples = ("mail off", "mail")

    choice: OnOff | None = None

    def answer(self, asker: Person, on: Backends) -> Reply:
        if on.settings.mail is None:
            raise Refused(_("Shipmate sends no mails here."), _("Operations set up `mail` in shipmate.yaml."))
        redis = on.ledger.redis
        if self.choice is not None:
            redis.hset(PREFIX + "mail:people", asker.id, self.choice)
        if not wants(redis, on.settings, asker.id):
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
