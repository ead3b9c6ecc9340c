"""Numbers that belong to people: told from other numbers by their check digits. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from stdnum import iban, luhn
from stdnum.iso7064 import mod_11_2

Spans = Iterator[tuple[int, int]]
"""Start and end of what is to be hidden."""

# Not \w: a number may stand right behind a Chinese character.
_BEFORE = r"(?<![A-Za-z0-9_.+/%-])"
_AFTER = r"(?![A-Za-z0-9_-]|\.\d|%)(?! ?(?:bytes|[kKMG]i?B|B|ms|us|ns|s|rows|docs)\b)"
_NO_SIZE = "".join(f"(?<!{name}=)" for name in ("bytes", "size", "length", "offset", "used"))

# GB 11643: six digits of a place, a date of birth, three of a sequence, a check character.
_ID = re.compile(
    rf"{_BEFORE}[1-8]\d{{5}}([ -]?)(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\1\d{{3}}[\dXx]{_AFTER}"
)
# Beginnings and lengths of the issuers: https://en.wikipedia.org/wiki/Payment_card_number
_CARD = re.compile(  # the longest first: a shorter number may stand at its beginning
    rf"{_BEFORE}(?:62\d\d(?:[ -]\d{{4}}){{3}}[ -]\d{{1,3}}"
    rf"|(?:4\d{{3}}|5[1-5]\d\d|2[2-7]\d\d|35\d\d|6[0245]\d\d)(?:[ -]?\d{{4}}){{3}}"
    rf"|62\d{{14,17}}|3[47]\d\d[ -]?\d{{6}}[ -]?\d{{5}}){_AFTER}"
)
_MOBILE = re.compile(
    rf"{_BEFORE}{_NO_SIZE}1(?:3\d|4[5-9]|5[0-35-9]|6[2567]|7[0-8]|8\d|9[0-35-9])"
    rf"(?:\d{{8}}|-\d{{4}}-\d{{4}}| \d{{4}} \d{{4}}){_AFTER}"
)
# E.164: a plus, a country, at most 15 digits.
_INTERNATIONAL = re.compile(
    rf"{_BEFORE}\+(?=[1-9])(?=(?:[ ()-]{{0,2}}\d){{9,15}}(?!\d))"
    rf"\d{{1,3}}(?:[ ()-]{{0,2}}\d{{2,12}}){{1,5}}{_AFTER}"
)
_IBAN = re.compile(r"(?<!\w)[A-Z]{2}\d{2}(?:[ ]?[A-Z0-9]{4}){2,7}(?:[ ]?[A-Z0-9]{1,4})?(?!\w)")


@dataclass(frozen=True)
class Kind:
    """`find` gives what is to be hidden of a text; `gates` (RE2) match small letters wherever that is anything."""

    find: Callable[[str], Spans]
    gates: tuple[str, ...]


def ids(text: str) -> Spans:
    """Chinese resident identity numbers."""
    return _checked(text, _ID, lambda number: bool(mod_11_2.is_valid(re.sub("[ -]", "", number.upper()))))


def phones(text: str) -> Spans:
    """Chinese mobile numbers, and numbers that are written with their country."""
    yield from _checked(text, _MOBILE, bool)
    yield from _checked(text, _INTERNATIONAL, bool)


def cards(text: str) -> Spans:
    """Numbers of bank cards, and of accounts (IBAN)."""
    yield from _checked(text, _CARD, lambda number: bool(luhn.is_valid(re.sub("[ -]", "", number))))
    yield from _checked(text, _IBAN, lambda number: bool(iban.is_valid(number)))


IDS = Kind(ids, (r"[1-8]\d{5}[ -]?(?:19|20)\d{6}",))
PHONES = Kind(phones, (r"1[3-9]\d[ -]?\d{4}[ -]?\d{4}", r"\+[1-9]"))
CARDS = Kind(
    cards,
    (r"\d{4}[ -]?\d{4}[ -]?\d{4}", r"3[47]\d\d[ -]?\d{6}", "[a-z]{2}[0-9]{2} ?[a-z0-9]{4} ?[a-z0-9]{4}"),
)


def _checked(text: str, pattern: re.Pattern[str], valid: Callable[[str], bool]) -> Spans:
    return (found.span() for found in pattern.finditer(text) if valid(found[0]))
