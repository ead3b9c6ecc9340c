"""Golden files in Chinese are Chinese: what a Chinese reader sees, beside commands and what systems say themselves."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.language import LANGUAGES
from bot.language.update import messages, of_code
from tests.golden.catalogue import chinese
from tests.golden.english import english_labels, sentences
from tests.golden.telling import SAID

FILES = sorted(path for path in SAID.rglob("*.txt") if chinese(path))
QUOTED = {
    "commits": ("A shorter search", "The basket keeps its order"),
    "lines of logs": (
        *("ERROR: cannot find symbol Basket", "oupon is void", "payments: connection refused"),
        *("config map shop",),  # settings of containers, as manifests name them
    ),
    "what people typed": ("the basket is empty",),
    "Jenkins": ("Waiting for next available executor on",),
    "Kubernetes": (
        *(
            "couldn't parse image name",
            "the container name is already in use",
            "is a directory",
            "no owner label",
        ),
        *("makes room for a more important pod", "maximum cpu usage per Container is", "but limit is"),
        *("readiness probe failed: HTTP", "liveness probe failed: HTTP", "file. No configuration found"),
    ),
}
"""Whose words they are -> what they say in the golden files: shown as it was said."""

TAGS = ("hotfix",)
"""Images of the goldens that are named by a word."""


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(SAID)))
def test_a_chinese_reader_reads_no_english_sentence(path: Path) -> None:
    quoted = [words for said in QUOTED.values() for words in said]
    found = {words for words in sentences(path.read_text()) if not any(words.endswith(own) for own in quoted)}

    assert not found


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(SAID)))
def test_a_chinese_reader_taps_chinese_buttons_or_commands(path: Path) -> None:
    assert set(english_labels(path.read_text())) <= {*LANGUAGES.values(), *TAGS}


def test_what_is_quoted_is_still_there() -> None:
    text = "\n".join(path.read_text() for path in FILES)

    assert [words for said in QUOTED.values() for words in said if words not in text] == []


def test_what_a_golden_gives_to_the_bot_is_what_the_bot_says() -> None:
    """No message is made up for a golden file: it would be English in all of them."""
    given = {message for path in Path(__file__).parent.glob("*.py") for message in of_code(path.read_text())}

    assert given - set(messages()) == set()


@pytest.mark.parametrize(
    ("shown", "found"),
    [
        ("启动中 web/trunk", []),
        ("Kubernetes did not answer in time，正在重试", ["Kubernetes did not answer in time"]),
        ("请输入 `deploy web to trunk` 。", []),
        ("*deploy web to trunk* · 进行中", []),
        ("<https://x.example|See what it says>", ["See what it says"]),
        ("[回滚] -> rollback web in trunk", []),
        ("[Try it once more] -> deploy web to trunk", ["Try it once more"]),
        ("Pod ErrImagePull", []),
    ],
)
def test_an_english_sentence_is_found(shown: str, found: list[str]) -> None:
    assert list(sentences(f"  in #deploys\n    section   {shown}\n")) == found


def test_what_somebody_else_reads_is_no_matter() -> None:
    assert list(sentences("  in #deploys, only for ops\n    section   Nothing was started today.\n")) == []
    assert list(sentences("  in #deploys, only for mei\n    section   Nothing was started today.\n")) != []


@pytest.mark.parametrize(
    ("label", "found"),
    [("Try again", True), ("重试", False), ("deploy web to trunk", False), ("trunk-r1841-1", False)],
)
def test_an_english_button_is_found(label: str, found: bool) -> None:
    assert bool(list(english_labels(f"  in #deploys\n    actions   [{label}] -> status\n"))) is found
