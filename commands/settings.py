"""settings: what a person chose for themselves, and how they choose."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.actors import reading
from bot.backends import Backends
from bot.command import Control
from bot.faults import Refused
from bot.grammar import Project, Typed
from bot.language import LANGUAGES, N_, _, spoken
from bot.ports import Person
from bot.preferences import OFF, ON, Chosen, Quiet
from bot.reply import Block, Button, Buttons, Reply, Text
from bot.settings.mail import Mail
from bot.words import commas

SLACKS = "slack"
NIGHT = "22:00-07:00"
_LANGUAGES = {
    "en": "en", "english": "en", "英文": "en", "英语": "en",
    "zh": "zh", "chinese": "zh", "中文": "zh", "简体中文": "zh", "汉语": "zh",
    SLACKS: SLACKS, "auto": SLACKS, "default": SLACKS,
}  # fmt: skip


class Speech(Typed, str):
    """A language that Shipmate speaks, or whatever the person's Slack speaks."""

    choices = (*LANGUAGES, SLACKS)
    expected, example = N_("en, zh or slack"), "zh"

    @classmethod
    def read(cls, text: str) -> Speech:
        if (language := _LANGUAGES.get(text.lower())) is None:
            raise ValueError(f"{text} is not {cls.expected}")
        return cls(language)


class Switch(Typed, str):
    """Yes or no, after its keyword."""

    choices = (ON, OFF)
    expected, example = N_("on or off"), ON
    opens = frozenset({ON})

    @classmethod
    def read(cls, text: str) -> Switch:
        if text.lower() not in cls.choices:
            raise ValueError(f"{text} is not {cls.expected}")
        return cls(text.lower())


@dataclass(frozen=True)
class ShowSettings(Control):
    """Show and change what you chose for yourself: language, mails, direct messages, quiet hours."""

    reads = True
    usage = (
        "settings [language <language>] [mail <mail>] [for <project>] [messages <messages>] [quiet <quiet>]"
    )
    examples = (
        "settings",
        "settings language zh",
        "settings mail off for web",
        "settings messages on",
        "settings quiet 22:00-07:00",
    )
    aliases = ("preferences",)

    language: Speech | None = None
    mail: Switch | None = None
    project: Project | None = None
    messages: Switch | None = None
    quiet: Quiet | None = None

    @property
    def target(self) -> str:
        return ""

    def answer(self, asker: Person, on: Backends) -> Reply:
        if self.project and self.mail is None:
            raise Refused(_("`for` goes with `mail`."), _("For example `settings mail off for web`."))
        if self.mail is not None:
            must_send_mails(on)
            on.preferences.choose_mail(asker.id, self.mail, self.project)
        if self.messages is not None:
            on.preferences.choose(asker.id, messages=self.messages)
        if self.quiet is not None:
            on.preferences.choose(asker.id, quiet="" if self.quiet == OFF else self.quiet)
            on.outbox.hurry(asker.id)
        on.homes.chosen(asker.id)
        if self.language is not None:
            on.preferences.choose(asker.id, language="" if self.language == SLACKS else self.language)
            with reading(on.directory, asker.id, asker.team):
                return _shown(asker, on)
        return _shown(asker, on)


def must_send_mails(on: Backends) -> Mail:
    """How they are sent. Raises Refused where nobody gets any."""
    if on.settings.mail is None:
        raise Refused(_("Shipmate sends no mails here."), _("Operations set up `mail` in shipmate.yaml."))
    return on.settings.mail


def _shown(asker: Person, on: Backends) -> Reply:
    title = _("Your settings")
    return Reply(title, (Text(f"*{title}*"), *blocks(asker, on)), private=True)


def blocks(asker: Person, on: Backends) -> tuple[Block, ...]:
    """Each setting with what else it may be; drawn in the Home tab too."""
    chosen = on.preferences.of(asker.id)
    return (
        *_language(chosen),
        *_messages(chosen),
        *(_mail(asker, chosen, on) if on.settings.mail else ()),
        *_quiet(chosen, asker),
        *_follows(chosen),
    )


def _language(chosen: Chosen) -> tuple[Block, ...]:
    name = LANGUAGES[spoken()]
    says = (
        _("Language: *{language}*", language=name)
        if chosen.language
        else _("Language: *{language}*, as your Slack has it", language=name)
    )
    others = [code for code in LANGUAGES if code != spoken()]
    buttons = [Button(LANGUAGES[code], f"settings language {code}") for code in others]
    if chosen.language:
        buttons.append(Button(_("As in Slack"), f"settings language {SLACKS}"))
    return Text(says), Buttons(tuple(buttons))


def _messages(chosen: Chosen) -> tuple[Block, ...]:
    if chosen.messages == ON:
        says = _("Direct messages: *on*. You are told when a change that you asked for has ended.")
        return Text(says), Buttons((Button(_("Turn off"), "settings messages off"),))
    says = _("Direct messages: *off*. Your changes are told where you asked for them.")
    return Text(says), Buttons((Button(_("Turn on"), "settings messages on"),))


def _mail(asker: Person, chosen: Chosen, on: Backends) -> tuple[Block, ...]:
    assert on.settings.mail is not None
    wanted = chosen.mail == ON if chosen.mail else on.settings.mail.requesters
    if not wanted:
        says = _("Mails: *off*")
    elif asker.email:
        says = _("Mails: *on*, to {address}, when a change that you asked for has ended", address=asker.email)
    else:
        says = _(":warning: Mails: *on*, but your Slack profile shows Shipmate no address")
    differs = [project for project, said in sorted(chosen.mails.items()) if (said == ON) != wanted]
    if differs and wanted:
        says = _("{mails}; none for {projects}", mails=says, projects=_listed(differs))
    elif differs:
        says = _("{mails}; only for {projects}", mails=says, projects=_listed(differs))
    turn = Button(_("Turn off"), "settings mail off") if wanted else Button(_("Turn on"), "settings mail on")
    return Text(says), Buttons((turn,))


def _quiet(chosen: Chosen, asker: Person) -> tuple[Block, ...]:
    if not chosen.quiet:
        says = _("Quiet hours: *none*. News comes when it happens.")
        return Text(says), Buttons((Button(_("Quiet from 22:00 to 07:00"), f"settings quiet {NIGHT}"),))
    says = _(
        "Quiet hours: *{hours}* ({zone}). News waits until they end; what somebody needs of you does not.",
        hours=chosen.quiet,
        zone=asker.tz or "UTC",
    )
    return Text(says), Buttons((Button(_("No quiet hours"), f"settings quiet {OFF}"),))


def _follows(chosen: Chosen) -> tuple[Block, ...]:
    if not chosen.follows:
        return (Text(_("You follow no project. `follow` and its name: you are told of every change there.")),)
    says = _("You follow {projects}.", projects=_listed(chosen.follows))
    buttons = [
        Button(_("Unfollow {project}", project=project), f"unfollow {project}") for project in chosen.follows
    ]
    return Text(says), Buttons(tuple(buttons))


def _listed(projects: Sequence[str]) -> str:
    return commas(f"*{project}*" for project in projects)
