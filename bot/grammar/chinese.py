"""Chinese words of a line -> the English words of the grammar, so that both have one set of rules.

Chinese is written without spaces: `部署web到trunk`, `日志web最近15分钟错误`. A run of Chinese characters is
cut into words of the table; a run that is not made of them alone stays as it is, and is then not understood:
nothing is guessed. Only the words change: places in the line stay, so that a text (what to search for, a
reason) is still read as it was typed.
"""

import re
from collections.abc import Collection, Mapping, Sequence
from enum import Enum
from itertools import pairwise
from typing import NamedTuple

from bot.grammar.chinese_numbers import (
    CLOCK,
    DELAY,
    EVENING,
    LENGTH,
    NUMERALS,
    before_time,
    delay_of,
    length_of,
    literal,
    moment,
    number_of,
)
from bot.grammar.chinese_words import COMMANDS, COUNTING, DOUBTFUL, LOOKING, NOISE, SMALL, TAKING
from bot.grammar.segment import segment
from bot.grammar.words import Word

_TEXT_FOLLOWS = {"grep": False, "because": True}
"""What these are followed by is text: one word, or all the rest."""
_AS_TYPED = frozenset({"not", "if", "unless", "after", "then", "and", "or", "sometime", "weekend", "tonight"})
_UNITS = frozenset({"s", "min", "h", "d", "w"})
_PLACED = frozenset({"from", "to", "in"})
_NUMBERED = frozenset({"from", "to", "by", "replacing"})
_WEIGHED = LOOKING | TAKING | DOUBTFUL | COUNTING
_NEXT_WEEK = frozenset(
    f"下{week}{day}" for week in ("周", "星期", "个星期") for day in ("", *"一二三四五六日天")
)
_CHINESE = r"\u3400-\u4dbf\u4e00-\u9fff\u3007"
_HAS_CHINESE = re.compile(f"[{_CHINESE}]")
_PIECE = re.compile(rf"[{_CHINESE}]+|[^{_CHINESE}]+")
_QUOTES = re.compile(rf"(?<=[{_CHINESE}])(?=[“「『])|(?<=[”」』])(?=[{_CHINESE}])")


def spaced(line: str) -> str:
    """`line` with a space between a Chinese character and a quotation: `搜索「订单 4711」`."""
    return line if line.isascii() else _QUOTES.sub(" ", line)


class Doubt(Enum):
    """Why a line that could be a change is asked about."""

    LOOKS = "looks"  # a word of looking before a change
    AMOUNT = "amount"  # a number that may be how many, or how many more
    COUNTED = "counted"  # a number of versions, or of something else that is only counted
    ASKS = "asks"  # a statement, a question or an estimate as well as an order


class Reading(NamedTuple):
    """The words in English, and why they must not be acted on, if so."""

    words: tuple[Word, ...]
    doubt: Doubt | None = None


class Chinese:
    """`verbs`: what may begin a command -> its verb, in English. `names`: what may stand for a project or an
    environment, Chinese ones among them. `reads`: the verbs of commands that change nothing, in which a doubt does
    no harm."""

    def __init__(self, verbs: Mapping[str, str], names: Collection[str], reads: Collection[str]) -> None:
        self._verbs = verbs
        self._reads = reads
        self._names = frozenset(names)
        meanings: dict[str, str] = {**SMALL, **COMMANDS}
        self._meanings = meanings | {name: name for name in names if _HAS_CHINESE.search(name)}
        self._known = self._meanings.keys() | NOISE | _WEIGHED | _NEXT_WEEK

    def read(self, words: Sequence[Word]) -> Reading:
        """`words` with the Chinese ones in English, and the verb first where that is not in doubt."""
        if not any(_HAS_CHINESE.search(word.text) for word in words):
            return Reading(tuple(words))
        found: list[Word] = []
        for word in words:
            follows = _TEXT_FOLLOWS.get(found[-1].text) if found and not found[-1].quoted else None
            rest = any(_TEXT_FOLLOWS.get(before.text) for before in found)
            if word.quoted or word.value or follows is not None or rest or not _HAS_CHINESE.search(word.text):
                found.append(word)
            else:
                found += self._split(word)
        ordered = self._verb_first(found)
        return self._weighed(ordered, stated=ordered is not found and self._stated(found, ordered[0]))

    def _weighed(self, words: list[Word], *, stated: bool) -> Reading:
        """What is small and means something only beside other words: taken, passed over, or doubted."""
        verb = self._verb([word.text for word in words if word.text not in _WEIGHED])
        taken: list[Word] = []
        marks: list[str] = []
        reason = next((i for i, word in enumerate(words) if _TEXT_FOLLOWS.get(word.text)), len(words))
        for i, word in enumerate(words):
            before = words[i - 1].text if i else ""
            after = words[i + 1].text if i + 1 < len(words) else ""
            if i > reason or word.quoted or before in _TEXT_FOLLOWS or word.text not in _NOTED:
                taken.append(word)
            elif word.text in NUMERALS:
                taken.append(_counted(word, verb, before, after))
            elif word.text == "tonight":
                taken.append(word._replace(text="today", raw="today") if EVENING.fullmatch(after) else word)
            elif word.text == "为" and verb == "scale":
                taken.append(word._replace(text="to", raw="to"))
            elif word.text not in TAKING and _tells(word.text, verb, before, after, verb in self._reads):
                marks.append(word.text)
        return Reading(tuple(taken), _doubt(verb, taken, marks, stated=stated, reads=verb in self._reads))

    def _verb(self, texts: Sequence[str]) -> str:
        """As the grammar finds it: one word, or two (`roll back`)."""
        return self._verbs.get(" ".join(texts[:2])) or self._verbs.get(texts[0], "") if texts else ""

    def _stated(self, said: list[Word], verb: Word) -> bool:
        """`web product 重启` tells of a restart as well as it asks for one; `把web重启` does not."""
        before = said[: said.index(verb)]
        if self._verbs[verb.text] in self._reads or any(word.text in TAKING for word in before):
            return False
        texts = ["", *(word.text for word in before)]
        return any(name in self._names and last not in _PLACED for last, name in pairwise(texts))

    def _split(self, word: Word) -> list[Word]:
        """The words that `word` is made of; itself when they are not all known."""
        found: list[Word] = []
        at = 0
        while at < len(word.raw):
            if clock := CLOCK.match(word.raw, at):
                found += moment(clock, word.start)
                at = clock.end()
                continue
            if delay := DELAY.match(word.raw, at):
                found += delay_of(delay, word.start)
                at = delay.end()
                continue
            if length := LENGTH.match(word.raw, at):
                found.append(length_of(length, word.start))
                at = length.end()
                continue
            piece = _PIECE.match(word.raw, at)
            assert piece is not None
            if not _HAS_CHINESE.match(piece[0]):
                found += _other(piece, word.start)
                at = piece.end()
                continue
            stop = before_time(word.raw, at, piece.end())
            meant = self._run(word.raw[at:stop], word.start + at)
            if meant is None:
                return [word]
            found += meant
            at = stop
            if found and found[-1].text in _TEXT_FOLLOWS and at < len(word.raw):
                return [*found, literal(word.raw[at:], word.start + at)]
        return found

    def _run(self, run: str, start: int) -> list[Word] | None:
        """The words of a run of Chinese characters; None when they are not all known."""
        pieces = segment(run, self._known, lambda piece: number_of(piece) is not None)
        if not pieces:
            return self._with_text(run, start)
        found = []
        for piece in pieces:
            kept = piece if piece in _WEIGHED | _NEXT_WEEK or number_of(piece) is not None else ""
            meaning = self._meanings.get(piece, kept)
            if meaning:
                raw = (
                    piece if meaning in _AS_TYPED else meaning
                )  # never a value, and said back as it was typed
                found.append(Word(meaning, raw, start, start + len(piece)))
            start += len(piece)
        return found

    def _with_text(self, run: str, start: int) -> list[Word] | None:
        """`搜索连接超时`: the words up to one that text follows, and the text."""
        for stop in range(len(run) - 1, 0, -1):
            pieces = segment(run[:stop], self._known, lambda piece: number_of(piece) is not None)
            if pieces and self._meanings.get(pieces[-1]) in _TEXT_FOLLOWS:
                before = self._run(run[:stop], start)
                return [*(before or ()), literal(run[stop:], start + stop)]
        return None

    def _verb_first(self, words: list[Word]) -> list[Word]:
        """`把web部署到trunk`: Chinese puts the verb later. Moved when there is just one."""
        if not words or words[0].text in self._verbs:
            return words  # the very list: nothing was moved
        verbs = [
            i for i, word in enumerate(_before_text(words)) if word.text in self._verbs and not word.quoted
        ]
        if len(verbs) != 1:
            return words
        return [words[verbs[0]], *words[: verbs[0]], *words[verbs[0] + 1 :]]


def _counted(word: Word, verb: str, before: str, after: str) -> Word:
    """A number in Chinese characters, in digits where a number is meant: `两个` may be `the two of them`."""
    meant = after in _UNITS or before in ("limit", "since") or verb == "scale"
    number = str(number_of(word.text))
    return word._replace(text=number, raw=number) if meant else word


def _tells(mark: str, verb: str, before: str, after: str, reads: bool) -> bool:
    """Whether the small word says something here that must be asked about."""
    match mark:
        case "个":
            return not reads and verb != "scale" and (before.isdecimal() or before in NUMERALS)
        case "上":
            return after[:1].isdecimal() or after in NUMERALS or after == "previous"
    return not reads


def _doubt(verb: str, words: list[Word], marks: list[str], *, stated: bool, reads: bool) -> Doubt | None:
    if not verb:
        return None  # nothing is acted on without one
    if LOOKING.intersection(marks):
        return Doubt.LOOKS
    if verb == "scale" and any(
        word.text.isdecimal() and before.text not in _NUMBERED for before, word in pairwise(words)
    ):
        return Doubt.AMOUNT
    if verb == "rollback" and any(word.text in _UNITS or word.text == "ago" for word in words):
        return Doubt.COUNTED  # `三天前` is no version 3
    if COUNTING.intersection(marks) or (
        not reads and any(word.text in NUMERALS and not word.quoted for word in _before_text(words))
    ):
        return Doubt.COUNTED
    return Doubt.ASKS if marks or stated else None


def _before_text(words: Sequence[Word]) -> Sequence[Word]:
    """Without a text at the end, such as a reason: what stands in it is not read."""
    reasons = (i for i, word in enumerate(words) if word.text in _TEXT_FOLLOWS and not word.quoted)
    return words[: next(reasons, len(words))]


def _other(piece: re.Match[str], start: int) -> list[Word]:
    """What stands between Chinese words, without the punctuation at its ends."""
    raw = piece[0].strip(",;:!")
    at = start + piece.start() + piece[0].find(raw)
    return [literal(raw, at)] if raw else []


_NOTED = _WEIGHED | NUMERALS | {"tonight"}
