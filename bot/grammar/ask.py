"""What was found -> a problem: a message, and the commands that may have been meant."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.grammar.fill import Clash, Lacks, Several, Stray, Unfinished
from bot.grammar.found import Finding, Late, Loose, NotAValue, Place, Span
from bot.grammar.later import AMOUNTS, ZONES, doubted, meanings, says_later
from bot.grammar.problems import Ambiguous, Invalid, Leftover, Missing, Problem, Unknown
from bot.grammar.saying import MANY, first, leftover, listed, meant, shown
from bot.grammar.scan import Names
from bot.grammar.several import apart, second
from bot.grammar.slips import near, unglued, worth_offering
from bot.grammar.usage import PREPOSITIONS, Command, Slot, Usage, write
from bot.grammar.values import Name, Text, Typed, Verb, to_text
from bot.grammar.words import Word, named
from bot.language import N_, _
from bot.words import any_of, sentences

FEW = 5
_HEARD = frozenset({"2", "two", "too", "the", "a", "an", "of", "for", "onto", "up", "now", "back", "period"})
"""What dictation makes of `to`, and small words that people say: never offered as a value."""


@dataclass(frozen=True)
class Parsed:
    """The command that a text is."""

    command: Command


Again = Callable[[Sequence[Word]], Parsed | Problem | None]
"""Reads other words instead; None when enough has been tried."""


@dataclass(frozen=True)
class Asker:
    """Says what is wrong with `words`, which begin with the verb of `usage`."""

    usage: Usage
    names: Names
    words: Sequence[Word]
    again: Again

    def problem(self, finding: Finding) -> Problem:
        """The problem to show for `finding`."""
        match finding:
            case NotAValue(slot=slot, raw=raw, at=at):
                return self._no_value(slot, raw, at)
            case Late(raw=raw, at=at):
                return self._late(raw, at)
            case Place(raw=raw, at=at):
                return self._place(raw, at)
            case Stray(loose=loose, vacant=vacant):
                return self._stray(loose, vacant)
            case Clash(slot=slot, rivals=rivals, values=values):
                return self._clash(slot, rivals, values)
            case Several(word=word, slots=slots, readings=readings):
                kinds = any_of([_("the {kind}", kind=_label(slot)) for slot in slots])
                choices = [self.usage.text(reading) for reading in readings]
                which = _("Is {word} {kinds}?", word=shown(word), kinds=kinds)
                return Ambiguous(which, first(choices, MANY))
            case Unfinished(slot=slot):
                word = slot.keyword or slot.name
                return Leftover(_("Nothing follows {word}.", word=shown(word)), word)
            case Lacks(slot=slot, values=values):
                return self._lacks(slot, values)
        raise TypeError(finding)

    def _no_value(self, slot: Slot, raw: str, at: Span) -> Problem:
        if issubclass(slot.kind, Name):
            return self._names_apart([at.start]) or self._unknown([slot], raw, at, {})
        if slot is self.usage.starts and meanings(raw):
            return self._late(raw, at)
        if slot.kind is bool:
            option = slot.name.replace("_", "-")
            return Invalid(_("`--{option}` takes no value.", option=option), slot.name)
        example = slot.kind.example
        word = named(example) if slot.kind is Text else Word(example, example)
        parsed = self.again(self._with(at, word))
        text = write(parsed.command) if isinstance(parsed, Parsed) else self._example(slot)
        said = {"slot": slot.typed, "expected": _(slot.kind.expected), "example": text}
        message = N_("{slot}: I need {expected}, not {word}. For example `{example}`.")
        if not raw.strip():
            message = N_("{slot} is missing: I need {expected}. For example `{example}`.")
        return Invalid(_(message, word=shown(raw), **said), slot.name)

    def _example(self, slot: Slot) -> str:
        """A command with `slot` in it, of those that help shows."""
        known: tuple[str, ...] = getattr(self.usage.command, "examples", ())
        with_it = (example for example in known if f" {slot.keyword} " in example)
        return next(with_it, self.usage.command.usage)

    def _stray(self, loose: Sequence[Loose], vacant: Sequence[Slot]) -> Problem:
        stray = loose[0]
        said = " ".join(one.raw for one in loose)
        option = self._is_option(stray)
        if not option and (meant_so := self._several(loose) or self._as_option(loose)):
            return meant_so
        late = says_later(" ".join(one.text for one in loose))
        if late and (self.usage.may_wait or not said.isdecimal()) and said not in _HEARD and not option:
            return self._late(said, stray.at) if len(loose) == 1 else self._when(said)
        word = self.words[stray.at.start]
        lost = [] if option or self._in_doubt() else self._apart(stray)
        if lost:
            return leftover(stray.raw, lost)
        if not option and (names := [slot for slot in vacant if issubclass(slot.kind, Name)]):
            return self._unknown(names, stray.raw, stray.at, self._keywords(word))
        required = [slot for slot in vacant if slot.required]
        if not option and required and len(loose) == 1:
            return self._no_value(required[0], stray.raw, stray.at)
        suggestions = [] if self._in_doubt() else self._readable(self._repairs(loose, vacant))
        return leftover(said, suggestions)

    def _several(self, loose: Sequence[Loose]) -> Problem | None:
        """Two orders in a line, or two names where one belongs: which one?"""
        verbs = self.names.get(Verb, {})
        both = second(self.words, [stray.at.start for stray in loose], verbs)
        if both and not self._in_doubt() and isinstance(self.again(both[0]), Parsed):
            offers = first(self._readable(both))
            return Leftover(
                sentences(_("I take one command at a time."), meant(offers)), loose[0].raw, offers
            )
        return self._names_apart([stray.at.start for stray in loose])

    def _names_apart(self, strays: Sequence[int]) -> Problem | None:
        """`web and pay`, `trunk/product`: which of them?"""
        names = [self.names[slot.kind] for slot in self.usage.named]
        pieces = apart(self.words, strays, names)
        asked = self.again(pieces) if pieces else None
        return asked if isinstance(asked, Ambiguous) else None

    def _as_option(self, loose: Sequence[Loose]) -> Problem | None:
        """`dry run` for `--dry-run`: never offered without it."""
        said = "".join(stray.text for stray in loose).strip("()").replace("-", "")
        options = (slot.name.replace("_", "-") for slot in self.usage.slots if slot.kind is bool)
        meant_so = next((option for option in options if option.replace("-", "") == said), "")
        left_out = {i for stray in loose for i in range(*stray.at)}
        rest = [word for i, word in enumerate(self.words) if i not in left_out]
        offers = self._readable([[*rest, Word(f"--{meant_so}", f"--{meant_so}")]]) if meant_so else ()
        return leftover(" ".join(stray.raw for stray in loose), offers) if offers else None

    def _late(self, word: str, at: Span) -> Problem:
        """`at 22`: that may be when, or what of the code."""
        tries = ([Word(part, part) for part in meaning.split()] for meaning in meanings(word))
        offers = self._readable(self._with(at, *words) for words in tries)
        if len(offers) < 2:
            return self._when(word, offers, at)
        return Ambiguous(_("Is {word} a time, or something of the code?", word=shown(word)), tuple(offers))

    def _place(self, word: str, at: Span) -> Problem:
        """`deploy web to product from hidden`: what runs there is promoted, not built."""
        promote = Word("promote", "promote")  # not said: a command
        asked = self.again([promote, *self.words[1 : at.start - 1], *self.words[at.stop :]])
        offers = (write(asked.command),) if isinstance(asked, Parsed) else ()
        which = _(
            "{word} is an environment, and no line of the code. Write `branch {name}` if there is one of that name.",
            word=shown(word),
            name=word,
        )
        return Leftover(sentences(which, meant(offers)), word, offers)

    def _when(self, day: str, offers: Sequence[str] = (), at: Span | None = None) -> Problem:
        """`tomorrow` alone: never offered at once instead."""
        if at and self.usage.ends:
            prefixed = self.words[at.start].text in PREPOSITIONS
            start = at.start + prefixed
            end = Word(self.usage.ends.keyword, self.usage.ends.keyword)
            offers = self._readable([[*self.words[: at.start], end, *self.words[start:]]])
            if offers or prefixed:
                begins = _("It would begin at once; a time can only be its end.")
                return Leftover(sentences(begins, meant(offers)), day, tuple(offers))
        if not self.usage.may_wait:
            return leftover(day, [])
        when = N_("When is {word}? I need a time of day, such as `22:00` or `tomorrow 06:30`.")
        zone = N_("A time is one of your own zone; I take no other: {word}.")
        asked = _(zone if day.lower() in ZONES else when, word=shown(day))
        return Leftover(sentences(asked, meant(offers)), day, tuple(offers))

    def _apart(self, loose: Loose) -> Sequence[str]:
        """What it would be with the spaces that are missing in it."""
        known = [*self._known(self.usage.named), *self.usage.keywords, *PREPOSITIONS]
        pieces = unglued(self.words[loose.at.start], known)
        return self._readable([self._with(loose.at, *pieces)]) if pieces else ()

    def _repairs(self, loose: Sequence[Loose], vacant: Sequence[Slot]) -> Iterator[Sequence[Word]]:
        """The words with the stray one put right, given a keyword, or left out."""
        if any(stray.text in AMOUNTS and stray.text not in _HEARD for stray in loose):
            return  # without it, it is another number
        if len(loose) == 1 and loose[0].text not in _HEARD:
            at = loose[0].at
            stray = self.words[at.start]
            pool = self._keywords(stray) | self._known(vacant)
            yield from (self._with(at, pool[text]) for text in near(stray.key or stray.text, pool))
            for slot in vacant:
                if slot.keyword and worth_offering(slot, stray.text, self.names):
                    yield self._with(at, Word(slot.keyword, slot.keyword), stray)
        if not any(self._is_option(stray) for stray in loose):  # whoever asked for `--dry-rum` wants it
            left_out = {i for stray in loose for i in range(*stray.at)}
            yield [word for i, word in enumerate(self.words) if i not in left_out]

    def _unknown(self, slots: Sequence[Slot], raw: str, at: Span, keywords: Mapping[str, Word]) -> Unknown:
        pool = {**keywords, **self._known(slots)}
        close = [] if self._in_doubt() else near(raw.lower(), pool)
        suggestions = self._readable(self._with(at, pool[word]) for word in close)
        kinds = any_of([_(slot.kind.label) for slot in slots])
        message = _("I know no {kinds} {word}.", kinds=kinds, word=shown(raw))
        if suggestions:
            return Unknown(sentences(message, meant(suggestions)), raw, first(suggestions))
        every = (_(slot.kind.every, names=listed(self._all(slot))) for slot in slots)
        return Unknown(sentences(message, *every), raw)

    def _known(self, slots: Iterable[Slot]) -> dict[str, Word]:
        """Every name that could stand in one of `slots`."""
        names = [slot.kind for slot in slots if issubclass(slot.kind, Name)]
        return {word: named(name) for kind in names for word, name in self.names[kind].items()}

    def _keywords(self, stray: Word) -> dict[str, Word]:
        """What `stray` may be a slip for: `sicne`, `sicne=15m`, `--sicne`."""
        if stray.key and stray.value:
            value = stray.value.raw
            return {key: stray._replace(key=key, raw=f"{key}={value}") for key in self.usage.keys}
        if stray.text[:2] == "--":
            return {key: Word(f"--{key}", f"--{key}") for key in self.usage.keys}
        return {key: Word(key, key) for key in self.usage.keywords}

    def _is_option(self, loose: Loose) -> bool:
        return bool(self.words[loose.at.start].key) or loose.text[:2] == "--"

    def _clash(self, slot: Slot, rivals: Sequence[Any], values: Mapping[str, Any]) -> Ambiguous:
        choices = [self.usage.text({**values, slot.name: rival}) for rival in rivals]
        both = any_of(list(dict.fromkeys(shown(str(rival)) for rival in rivals)))
        which = _("Which {slot}: {both}? I take one at a time.", slot=_label(slot), both=both)
        return Ambiguous(which, first(choices, MANY))

    def _lacks(self, slot: Slot, values: Mapping[str, Any]) -> Missing:
        every = self._all(slot)
        so_far = self.usage.text(values) if slot.required else ""
        verb, said = self.usage.verb, tuple((name, to_text(value)) for name, value in values.items())
        if not every and issubclass(slot.kind, Typed):
            needed = (s for s in self.usage.slots if s.required and issubclass(s.kind, Typed))
            lacking = dict.fromkeys((*needed, slot))
            example = self.usage.text({**{s.name: s.kind.read(s.kind.example) for s in lacking}, **values})
            message = _(
                "{slot} is missing: I need {expected}. For example `{example}`.",
                slot=slot.typed,
                expected=_(slot.kind.expected),
                example=example,
            )
            return Missing(message, slot.name, (), so_far, verb, said)
        choices = [self.usage.text({**values, slot.name: slot.kind.read(value)}) for value in every[:MANY]]
        which = (
            N_("Which {slot}? There are {n}: {names}.") if len(every) > FEW else N_("Which {slot}? {names}.")
        )
        message = _(which, slot=_label(slot), n=len(every), names=listed(every))
        return Missing(message, slot.name, tuple(choices), so_far, verb, said)

    def _all(self, slot: Slot) -> list[str]:
        """Every value of `slot`, where they can be counted."""
        if issubclass(slot.kind, Name):
            return list(dict.fromkeys(self.names[slot.kind].values()))
        return list(slot.kind.choices)

    def _with(self, at: Span, *words: Word) -> list[Word]:
        """The words with others in place of those `at`."""
        replaced = self.words[at.start]
        if replaced.key in self.usage.keys:
            words = tuple(replaced._replace(raw=f"{replaced.key}={word.raw}", value=word) for word in words)
        return [*self.words[: at.start], *words, *self.words[at.stop :]]

    def _in_doubt(self) -> bool:
        """A person who says `not` or `if` is not offered the rest of the sentence."""
        doubts = (word for word in self.words if doubted(word.text) and not word.quoted)
        return not self.usage.command.reads and any(doubts)

    def _readable(self, tries: Iterable[Sequence[Word]]) -> Sequence[str]:
        return readable(tries, self.again)


def readable(tries: Iterable[Sequence[Word]], again: Again) -> Sequence[str]:
    """The command texts among `tries`, each put right as far as it needs to be."""
    texts: list[str] = []
    for words in tries:
        match again(words):
            case Parsed(command=command):
                texts.append(write(command))
            case Missing(so_far=text) if text:
                texts.append(text)
            case Unknown(suggestions=more) | Leftover(suggestions=more):
                texts += more
    return list(dict.fromkeys(texts))


def _label(slot: Slot) -> str:
    return _(slot.kind.label) if issubclass(slot.kind, Name) else slot.label
