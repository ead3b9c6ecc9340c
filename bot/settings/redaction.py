"""The section `redact` of `shipmate.yaml`."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, Field

from bot.redact import compiled
from bot.settings.section import Section
from bot.settings.values import SAID, Pairs, Text, nothing, wrong


def _compiles(text: str) -> str:
    try:
        compiled(text)
    except ValueError as error:
        words = f"expected a regular expression of RE2 (github.com/google/re2/wiki/Syntax): {error}"
        raise wrong(SAID, words) from None
    return text


LinearPattern = Annotated[Text, AfterValidator(_compiles)]


class Redact(Section):
    """What is hidden in everything that Shipmate posts, besides secrets, which are always hidden."""

    id_numbers: bool = Field(default=True, description="Chinese resident identity numbers.")
    phone_numbers: bool = Field(
        default=True, description="Chinese mobile numbers, and numbers written with their country (+44 ...)."
    )
    bank_cards: bool = Field(default=True, description="Numbers of bank cards, and of accounts (IBAN).")
    patterns: Pairs[LinearPattern] = Field(
        default_factory=nothing,
        description="More to hide: regular expressions by name, in the syntax of RE2. Of one with a group only "
        "the group is hidden.",
    )

    def numbers(self) -> tuple[str, ...]:
        """Names of the presets that are on."""
        return tuple(name for name in ("id_numbers", "phone_numbers", "bank_cards") if getattr(self, name))
