"""How each command is written, and what for: what `help` and the command's name answer, in both languages."""

from __future__ import annotations

from functools import partial

import pytest

from bot.language import LANGUAGES
from tests.golden.quiet import Cases, Quiet, rendered
from tests.golden.telling import SAID, SCENES, golden

PATHS = {language: SAID / "help" / f"{language}.txt" for language in LANGUAGES}
SCENES.update(PATHS.values())


def commands(shop: Quiet) -> Cases:
    for command in shop.app.catalogue.commands:
        yield f"help {command.verb}", partial(shop.asks, f"help {command.verb}")
    for person in ("ops", "qa"):
        yield f"help, by {person}", partial(shop.asks, "help", person)
    yield "help scale, by somebody who may not", lambda: shop.asks("help scale", "qa")


@pytest.mark.parametrize("language", LANGUAGES)
def test_help(language: str, quiet: Quiet, request: pytest.FixtureRequest) -> None:
    text = rendered("How each command is written.", quiet, (commands,), language)
    golden(PATHS[language], text, request.config.getoption("--rewrite-goldens"))
