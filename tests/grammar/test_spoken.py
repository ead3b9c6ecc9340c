"""What a Chinese reader is shown of a command is Chinese, and means the same when it is typed."""

from __future__ import annotations

from typing import cast

import pytest

from bot.catalogue import Catalogue
from bot.command import Command
from bot.grammar import Parsed
from bot.language import CHINESE, speaking
from bot.spoken import in_words
from tests import sample

CATALOGUE = Catalogue(sample.settings())
MORE = (
    "rollback web in product to releases-r1798-40 replacing releases-r667-1",
    "deploy web to trunk at r1841 at tomorrow 06:30",
    "deploy web to dev at feature/x",
    "scale web in trunk to 6 from 3 for 2h",
    "scale web in trunk by -2",
    "restart web in product --when-unlocked",
    "deploy web to trunk --dry-run",
    'lock web in trunk for 2h because "test to in because for"',
)


@pytest.mark.parametrize("text", [*MORE, *(text for own in CATALOGUE.commands for text in own.examples)])
def test_it_means_the_same(text: str) -> None:
    meant = CATALOGUE.parse(text)
    assert isinstance(meant, Parsed)
    canonical = CATALOGUE.text(cast(Command, meant.command))

    with speaking(CHINESE):
        said = in_words(canonical)

    assert CATALOGUE.parse(said) == meant, said
    assert in_words(canonical) == canonical, "in English as it is"
