"""The language that Shipmate speaks at this moment, and its catalogue.

Every text that a person reads is an English message with named places, given to `_`, `counted` or, where it
is only kept for later, `N_`. It comes out in the language of whoever reads it, as `speaking` has set it for
the work at hand. Logs and settings are of operators: they stay English and do not pass here.

The catalogues are GNU gettext's PO files (https://www.gnu.org/software/gettext/manual/html_node/PO-Files.html),
read by `babel` when the first text of a language is needed; `python -m bot.language.update` keeps them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from pathlib import Path
from typing import Any

from babel.messages.pofile import read_po

ENGLISH, CHINESE = "en", "zh"
LANGUAGES = {ENGLISH: "English", CHINESE: "简体中文"}
"""Each by its code, in its own words."""
CATALOGUES = {CHINESE: Path(__file__).parent / "zh_CN" / "LC_MESSAGES" / "shipmate.po"}

LOCALES = {ENGLISH: "en", CHINESE: "zh_Hans_CN"}
"""As babel, and so the CLDR, calls them."""

MOMENT, DAY, YEAR = "moment", "day", "year"
"""How much of a moment is written: its day and time; with the day of the week; with the year."""
PATTERNS = {
    ENGLISH: {MOMENT: "dd MMM HH:mm", DAY: "EEE dd MMM HH:mm", YEAR: "d MMM yyyy HH:mm"},
    CHINESE: {MOMENT: "M月d日 HH:mm", DAY: "M月d日EEE HH:mm", YEAR: "y年M月d日 HH:mm"},
}
"""Patterns of the CLDR (https://unicode.org/reports/tr35/tr35-dates.html#Date_Format_Patterns), which each
language has in an order of its own."""

KEY = "_"
"""Of the message, in the JSON of a text."""

_spoken: ContextVar[str] = ContextVar("spoken", default="")
_own = ENGLISH


class Told(str):
    """A text that remembers what it was made of, so that it can be said again in another language.

    Joined to other text it becomes an ordinary `str`, which stays as it was said.
    """

    message: str
    many: str
    """The plural; empty: the message has none."""
    values: Mapping[str, Any]
    language: str

    @classmethod
    def of(cls, message: str, values: Mapping[str, Any], many: str = "") -> Told:
        told = cls(_render(message, values, many))
        told.message, told.many, told.values, told.language = message, many, values, _spoken.get()
        return told

    def __str__(self) -> str:
        """Itself: an exception that was raised with it gives it back whole."""
        return self

    def __deepcopy__(self, memo: object) -> Told:
        return self

    def again(self) -> Told:
        """The same in the language spoken now."""
        return self if self.language == _spoken.get() else Told.of(self.message, self.values, self.many)

    def to_plain(self) -> dict[str, Any]:
        """As JSON has it; `retold` reads it back."""
        parts: dict[str, Any] = {KEY: self.message}
        if self.many:
            parts["many"] = self.many
        if self.values:
            parts["with"] = {name: plain(value) for name, value in self.values.items()}
        return parts


def _(message: str, /, **values: Any) -> str:
    """`message` in the language spoken now, `{name}` being `values["name"]`; texts among them are said anew."""
    return Told.of(message, values)


def counted(one: str, many: str, n: int, /, **values: Any) -> str:
    """`one` or `many` as the language spoken now has it for `n`, which both show as `{n}`."""
    return Told.of(one, {"n": n, **values}, many)


def N_(message: str, /) -> str:  # noqa: N802  # gettext's own name for it
    """Marks a text for the catalogue that is kept in English and said by `_` later."""
    return message


def anew(text: str) -> str:
    """A text in the language spoken now, if it remembers what it was made of; else as it is."""
    return text.again() if isinstance(text, Told) else text


@contextmanager
def speaking(language: str) -> Iterator[None]:
    """Within it texts come out in `language`; for one that is not known, in the shop's own."""
    token = _spoken.set(language if language in LANGUAGES else "")
    try:
        yield
    finally:
        _spoken.reset(token)


def spoken() -> str:
    """The code of the language spoken now."""
    return _spoken.get() or _own


def use(language: str) -> None:
    """From now on this process speaks `language` to whoever has none of their own."""
    global _own
    _own = language


def language_of(locale: str) -> str:
    """Of `zh-CN`, `zh_TW.UTF-8` or `en-GB`; empty: one that Shipmate does not speak."""
    code = locale[:2].lower()
    return code if code in LANGUAGES and not locale[2:3].isalpha() else ""


def plain(value: Any) -> Any:
    """What JSON can hold of a text or a value within one."""
    if isinstance(value, Told):
        return value.to_plain()
    return value if isinstance(value, (str, int, float, bool)) or value is None else str(value)


def retold(kept: Any) -> Any:
    """What `plain` gave, in the language spoken now; anything else as it is. Serves as `json`'s object_hook."""
    if not isinstance(kept, dict) or KEY not in kept:
        return kept
    values = {name: retold(value) for name, value in kept.get("with", {}).items()}
    return Told.of(kept[KEY], values, kept.get("many", ""))


def _render(message: str, values: Mapping[str, Any], many: str) -> str:
    said = {name: anew(value) for name, value in values.items()}
    return _translated(message, many, said.get("n", 1)).format(**said)


def _translated(message: str, many: str, n: Any) -> str:
    forms = _messages(spoken()).get(message)
    if forms:
        return forms[0] if not many or n == 1 or len(forms) == 1 else forms[-1]
    return many if many and n != 1 else message


@cache
def _messages(language: str) -> Mapping[str, tuple[str, ...]]:
    """English message -> its translation, one for each plural form; without those that have none yet."""
    if language not in CATALOGUES:
        return {}
    with CATALOGUES[language].open("rb") as file:
        entries = read_po(file)
    forms: dict[str, tuple[str, ...]] = {}
    for entry in entries:
        ids, said = entry.id, entry.string
        one = ids[0] if isinstance(ids, (tuple, list)) else ids
        them = tuple(said) if isinstance(said, (tuple, list)) else (said,)
        if one and all(them):
            forms[one] = tuple(map(str, them))
    return forms
