"""Goldens that need no server: a table of cases, each with the words that a person reads then, in both languages."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import pytest

from bot.faults import Failed, Refused, Unavailable
from bot.language import ENGLISH, LANGUAGES, speaking
from bot.reply import Reply
from integrations import slack_blocks
from tests.golden import drawn
from tests.golden.plainly import same
from tests.golden.telling import INDENT, SAID, SCENES, golden

Words = str | Reply | Exception
Cases = Callable[[], Iterable[tuple[str, Words]]]


def table(cases: Cases) -> Callable[..., None]:
    """Makes cases a test: what is said in each is what its golden files say. Its docstring is their heading."""
    return _test(cases, str)


def table_of_now(cases: Cases) -> Callable[..., None]:
    """Like `table`, of words that tell the time of day."""
    return _test(cases, lambda text: same(text, ()))


def _test(cases: Cases, plainly: Callable[[str], str]) -> Callable[..., None]:
    folder, name = cases.__module__.rpartition(".test_")[2], cases.__name__.removeprefix("test_")
    paths = {code: SAID / folder / f"{name}{'' if code == ENGLISH else '.' + code}.txt" for code in LANGUAGES}
    SCENES.update(paths.values())

    @pytest.mark.parametrize("language", LANGUAGES)
    def test(language: str, request: pytest.FixtureRequest) -> None:
        lines = [f"# {cases.__doc__}", ""]
        with speaking(language):
            for case, words in cases():
                lines += [f"({case})", "", *(f"{INDENT}{line}" for line in _lines(words)), ""]
        golden(
            paths[language],
            plainly("\n".join(lines).rstrip() + "\n"),
            request.config.getoption("--rewrite-goldens"),
        )

    test.__name__, test.__doc__ = cases.__name__, cases.__doc__
    return test


def raised(do: Callable[[], object]) -> Failed | Refused | Unavailable:
    """What `do` ends with."""
    with pytest.raises((Failed, Refused, Unavailable)) as caught:
        do()
    assert isinstance(caught.value, (Failed, Refused, Unavailable))
    return caught.value


def _lines(words: Words) -> list[str]:
    match words:
        case Reply():
            return drawn.message(slack_blocks.summary(words), slack_blocks.blocks(words))
        case Refused(offers=offers):
            buttons = [drawn.named("button", f"[{label}] -> {command}") for label, command in offers]
            return [*drawn.named("refused", words.words), *(line for one in buttons for line in one)]
        case Unavailable():
            return drawn.named("silent", words.words)
    return drawn.named("says", str(words))
