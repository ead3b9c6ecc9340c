"""Words -> values that were given by keyword, and loose words, which are still to find their slot."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import zip_longest
from typing import Any

from bot.grammar.found import Given, Late, Loose, NotAValue, Place, Span
from bot.grammar.times import Moment, joins
from bot.grammar.usage import PREPOSITIONS, Slot, Usage
from bot.grammar.values import Environment, Line, Name, Pattern, Project, Ref, Text, Typed
from bot.grammar.words import POLITE, Word

Names = Mapping[type[Name], Mapping[str, str]]
"""For each type, every word that names one (lower case, aliases too) -> the name itself."""

_TARGET: tuple[type[Name], type[Name]] = (Project, Environment)
_PHRASE = 6  # words: the longest value is `an hour and a half ago`


@dataclass
class Scan:
    """One pass over the words after the verb. Raises NotAValue."""

    usage: Usage
    names: Names
    line: str
    words: Sequence[Word]
    given: list[Given] = field(default_factory=list)
    loose: list[Loose] = field(default_factory=list)
    wanting: list[Slot] = field(default_factory=list)
    """Slots whose keyword was said, with no value after it."""

    def __post_init__(self) -> None:
        i = 1
        while i < len(self.words):
            i = self._next(i)

    def _next(self, i: int) -> int:
        word = self.words[i]
        usage = self.usage
        if word.quoted:
            return self._loose(i)
        if word.text == "in" and (usage.starts or usage.ends) and (length := self._moment(i)):
            return self._begin(Span(i, i + length))
        if word.key and word.value and (slot := usage.keys.get(word.key)):
            return self._keyed(slot, word.value, i)
        if word.text[:2] == "--" and (slot := usage.keys.get(word.text[2:])):
            if slot.kind is bool:
                self.given.append(Given(slot, True, Span(i, i + 1), word.text, False))
                return i + 1
            return self._take(slot, i + 1)
        if slot := usage.keywords.get(word.text):
            if self._is_name(word) and not self._accepts(slot, i + 1):
                return self._loose(i)
            return self._take(slot, i + 1, preposition=word.text in PREPOSITIONS)
        if self._is_name(word):
            return self._loose(i)
        if usage.ends and word.text in PREPOSITIONS and (length := self._moment(i + 1)):
            if word.text == "to":
                return self._take(usage.ends, i + 1)
            return self._whole(Span(i, i + 1 + length))
        if word.text in PREPOSITIONS and i + 1 < len(self.words) and not self._reserved(self.words[i + 1]):
            if word.text == "from" and self.words[i + 1].text.isdecimal():
                return self._former(i)
            return i + 1  # another preposition than the usage's: the word after it speaks for itself
        return i + 1 if word.text in POLITE else self._loose(i)

    def _keyed(self, slot: Slot, value: Word, i: int) -> int:
        """`since=15m`, and `since=15 min`."""
        if not value.text and slot.kind is not bool:
            self.wanting.append(slot)
            return i + 1
        found = None if slot.kind is bool else self._value(slot, [value, *self.words[i + 1 :]], 0)
        if not found:
            raise NotAValue(slot, value.raw, Span(i, i + 1))
        stop = i + found[1]
        self.given.append(Given(slot, found[0], Span(i, stop), value.text, False))
        return stop

    def _take(self, slot: Slot, i: int, *, preposition: bool = False) -> int:
        """The value of `slot` from word `i` on."""
        if slot.kind is Text:
            return self._text(slot, i)
        if i >= len(self.words) or (self._reserved(self.words[i]) and not self._accepts(slot, i)):
            self.wanting.append(slot)
            return i
        word = self.words[i]
        if preposition and self._looks_otherwise(slot, i):
            return self._loose(i, slot)
        if preposition:
            self._must_be_code(slot, i)
        if found := self._value(slot, self.words, i):
            value, stop = found
            self.given.append(Given(slot, value, Span(i, stop), word.text, preposition))
            return stop
        if preposition:
            return self._loose(i, slot)
        raise NotAValue(slot, word.raw, Span(i, i + 1))

    def _must_be_code(self, slot: Slot, i: int) -> None:
        """Raises Late for `at 22` and `at noon`, unless it is quoted or what follows says what it is."""
        word = self.words[i]
        if word.quoted:
            return
        lines = self.names.get(Line, {})
        if slot.kind is Ref and lines and word.text in self.names[Environment] and word.text not in lines:
            raise Place(word.raw, Span(i, i + 1))
        if self.usage.doubts(slot, word.text):
            stop = i + 1
            while word.text.isalpha() and stop < len(self.words) and self._is_small(self.words[stop]):
                stop += 1
            raise Late(" ".join(said.raw for said in self.words[i:stop]), Span(i, stop))

    def _is_small(self, word: Word) -> bool:
        """Whether it only belongs to the word before it: `end of day`."""
        return not (word.quoted or word.key or self._reserved(word) or self._is_name(word))

    def _moment(self, i: int) -> int:
        """Of how many words the point in time is made that is said there; 0: there is none."""
        return _length(Moment.bare, self._ahead(self.words, i)) if i < len(self.words) else 0

    def _begin(self, at: Span) -> int:
        """`in 2 hours`: when to begin, for what may begin later."""
        if self.usage.starts is None:
            return self._whole(at)
        said = " ".join(word.text for word in self.words[slice(*at)])
        try:
            moment = Moment.read(said)
        except ValueError:
            raise NotAValue(self.usage.starts, said, at) from None
        self.given.append(Given(self.usage.starts, moment, at, said, False))
        return at.stop

    def _looks_otherwise(self, slot: Slot, i: int) -> bool:
        """`at tomorrow 06:30` could be a branch of that name, and by its looks is a time."""
        if (
            self.words[i].quoted or not issubclass(slot.kind, Typed) or slot.kind.bare is None
        ):  # without looks, its keyword decides
            return False
        ahead = self._ahead(self.words, i)
        others = [_length(other.kind.bare, ahead) for other in self.usage.loose if other is not slot]
        return max(others, default=0) > _length(slot.kind.bare, ahead)

    def _text(self, slot: Slot, i: int) -> int:
        """A quoted passage, or everything up to the next keyword that has a value after it, or to the end."""
        words, stop = self.words, i
        if i < len(words) and words[i].quoted and (not slot.rest or i + 1 == len(words)):
            stop, raw = i + 1, words[i].raw
        else:
            while stop < len(words) and (slot.rest or not self._ends_text(stop)):
                stop += 1
            raw = self.line[words[i].start : words[stop - 1].end] if stop > i else ""
        if stop == i:
            self.wanting.append(slot)
            return i
        try:
            value = Text.read(raw)
        except ValueError:
            raise NotAValue(slot, raw, Span(i, stop)) from None
        self.given.append(Given(slot, value, Span(i, stop), raw, False))
        return stop

    def _ends_text(self, i: int) -> bool:
        word = self.words[i]
        if word.quoted:
            return False
        if word.key in self.usage.keys or (word.text[:2] == "--" and word.text[2:] in self.usage.keys):
            return True
        slot = self.usage.keywords.get(word.text)
        if slot:
            return self._accepts(slot, i + 1)
        follows = self.words[i + 1] if i + 1 < len(self.words) else None
        return word.text in PREPOSITIONS and follows is not None and self._is_name(follows)

    def _accepts(self, slot: Slot, i: int) -> bool:
        """Whether word `i` begins a value of `slot`."""
        if i >= len(self.words):
            return False
        word = self.words[i]
        if self._reserved(word) and not self._may_open(slot, word):
            return False
        return slot.kind is Text or self._value(slot, self.words, i) is not None

    def _may_open(self, slot: Slot, word: Word) -> bool:
        """Whether a value of `slot` may begin with `word`, although it means something by itself."""
        if issubclass(slot.kind, Name):
            return word.text in self.names[slot.kind]
        return issubclass(slot.kind, Typed) and word.text in slot.kind.opens

    def _value(self, slot: Slot, words: Sequence[Word], i: int) -> tuple[Any, int] | None:
        """The value of `slot` that begins at word `i`, and where it stops."""
        word = words[i]
        if issubclass(slot.kind, Name):
            name = self.names[slot.kind].get(word.text)
            return None if name is None else (slot.kind(name), i + 1)
        stop = i + 1
        if slot.kind.phrase and not word.quoted and len(words) > i + 1:
            stop = i + (_length(slot.kind.phrase, self._ahead(words, i)) or 1)
        try:
            return slot.kind.read(" ".join(word.raw for word in words[i:stop])), stop
        except ValueError:
            return None

    def _loose(self, i: int, asked: Slot | None = None) -> int:
        word = self.words[i]
        stop = i + 1
        if not word.quoted and not self._is_name(word):
            if target := self._target(word.text, Span(i, stop)):
                self.given += target
                return stop
            ahead = self._ahead(self.words, i)
            stop = i + max([1, *(_length(slot.kind.bare, ahead) for slot in self.usage.loose)])
            code = next((slot for slot in self.usage.slots if slot.kind is Ref), None)
            if code and stop == i + 1 and fits(code, Loose(word.text, word.raw, Span(i, stop)), self.names):
                self._must_be_code(code, i)
        words = self.words[i:stop]
        text, raw = " ".join(word.text for word in words), " ".join(word.raw for word in words)
        self.loose.append(Loose(text, raw, Span(i, stop), bool(word.quoted), asked))
        return stop

    def _former(self, i: int) -> int:
        """`scale web from 3`: that is how many there are, not how many there shall be."""
        return self._whole(Span(i, i + 2))

    def _whole(self, at: Span) -> int:
        """Words that mean something only together."""
        text = " ".join(word.text for word in self.words[slice(*at)])
        self.loose.append(Loose(text, text, at))
        return at.stop

    def _target(self, text: str, at: Span) -> list[Given]:
        """`web/product`, as Shipmate itself writes a target."""
        if "/" not in text:
            return []
        slots = {slot.kind: slot for slot in self.usage.named}
        parts = dict(zip(_TARGET, text.rpartition("/")[::2], strict=True))
        if not all(kind in slots and part in self.names[kind] for kind, part in parts.items()):
            return []
        return [
            Given(slots[kind], kind(self.names[kind][part]), at, part, False) for kind, part in parts.items()
        ]

    def _ahead(self, words: Sequence[Word], i: int) -> str:
        """Word `i` and the next few that could belong to its value, with a space after each."""
        texts = [words[i].text]
        for word, after in zip_longest(words[i + 1 : i + _PHRASE], words[i + 2 : i + _PHRASE]):
            dated = word.text in ("at", "on") and joins(texts[-1], word.text, after.text if after else "")
            if word.quoted or (self._reserved(word) and not dated):
                break
            texts.append(word.text)
        return " ".join(texts) + " "

    def _reserved(self, word: Word) -> bool:
        """Whether `word` belongs to the sentence rather than to a value."""
        if word.quoted:
            return False
        keys = self.usage.keys
        return (
            word.text in self.usage.keywords
            or word.text in PREPOSITIONS
            or word.key in keys
            or (word.text[:2] == "--" and word.text[2:] in keys)
        )

    def _is_name(self, word: Word) -> bool:
        return any(word.text in self.names[slot.kind] for slot in self.usage.named)


def _length(shape: Pattern | None, ahead: str) -> int:
    """How many of the words `ahead` have this shape together."""
    match = shape.match(ahead) if shape else None
    return match[0].count(" ") + 1 if match else 0


def fits(slot: Slot, loose: Loose, names: Names) -> bool:
    """Whether `loose` may stand for `slot` without its keyword."""
    if issubclass(slot.kind, Name):
        return loose.text in names[slot.kind]
    if loose.quoted:
        return slot.kind is Text
    if not issubclass(slot.kind, Typed) or not slot.kind.bare:
        return False
    if slot.kind is Moment and slot.keyword not in PREPOSITIONS:
        return False  # a time beside `lock` may be its end, and may be its beginning
    match = slot.kind.bare.match(loose.text + " ")
    return match is not None and match.end() == len(loose.text)


def value_of(slot: Slot, loose: Loose, names: Names) -> Any:
    """The value of `slot` that `loose`, which fits it, stands for. Raises NotAValue."""
    if issubclass(slot.kind, Name):
        return slot.kind(names[slot.kind][loose.text])
    try:
        return slot.kind.read(loose.raw)
    except ValueError:
        raise NotAValue(slot, loose.raw, loose.at) from None
