"""Chinese lines mean what their English ones mean; tests/data/phone.txt has many more."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from babel.messages.pofile import read_po
from hypothesis import given
from hypothesis import strategies as st

from bot.catalogue import Catalogue
from bot.examples import word_of
from bot.grammar import Grammar, Missing, Parsed, write
from bot.grammar.chinese_words import COMMANDS, NOISE, SMALL
from bot.grammar.segment import segment
from bot.language import CHINESE, speaking
from tests import sample
from tests.grammar.sample import COMMANDS as SAMPLES
from tests.grammar.sample import ENVIRONMENTS, PROJECTS

CATALOGUE = Catalogue(sample.settings())
ROOT = Path(__file__).parents[2]
GOLDEN = ROOT / "tests" / "golden" / "said"
GRAMMAR = Grammar(SAMPLES, PROJECTS, ENVIRONMENTS, {"生产": "product", "测试环境": "trunk"})
MEANS = {
    "部署 web 到 生产": "deploy web to product",
    "发布web到测试环境": "deploy web to trunk",
    "部署 web 到 trunk 明天下午3点半": "deploy web to trunk at tomorrow 15:30",
    "部署web到trunk明天06:30": "deploy web to trunk at tomorrow 06:30",
    "部署 web 到 trunk 今晚十点": "deploy web to trunk at today 22:00",
    "部署 web 到 trunk 周一 09:00": "deploy web to trunk at monday 09:00",
    "日志 web trunk 最近两小时": "logs web in trunk since 2h",
    "日志 web trunk 最近十五分钟": "logs web in trunk since 15m",
    "日志 web trunk 最近一天": "logs web in trunk since 1d",
    "日志 web trunk 最近半小时": "logs web in trunk since 30m",
    "日志web在trunk最近半个小时": "logs web in trunk since 30m",
    "日志web在trunk最近一个半小时": "logs web in trunk since 90m",
    "日志 web trunk 最近1个半小时": "logs web in trunk since 90m",
    "日志 web trunk 最近1.5小时": "logs web in trunk since 90m",
    "日志 web trunk 最近两个小时": "logs web in trunk since 2h",
    "日志 web trunk 最近十二个半小时": "logs web in trunk since 750m",
    "日志 web trunk 最近一刻钟": "logs web in trunk since 15m",
    "日志 web trunk 最近三刻钟": "logs web in trunk since 45m",
    "日志 web trunk 搜索 在trunk里报错 最多20条": 'logs web in trunk grep "在trunk里报错" limit 20',
}


@pytest.mark.parametrize(("line", "meaning"), MEANS.items())
def test_a_chinese_line(line: str, meaning: str) -> None:
    parsed = GRAMMAR.parse(line)

    assert isinstance(parsed, Parsed), parsed
    assert write(parsed.command) == meaning


@pytest.mark.parametrize(
    "length", ["半天", "半", "两三个半小时", "两三个小时", "几个小时", "一个半", "二刻钟"]
)
def test_a_length_that_may_mean_several_is_none(length: str) -> None:
    assert not isinstance(GRAMMAR.parse(f"锁定 web trunk {length}"), Parsed)


def test_every_command_has_a_chinese_word() -> None:
    verbs = {command.verb for command in Catalogue(sample.settings()).commands}

    assert verbs - set(COMMANDS.values()) == set()


def test_what_it_is_called_on_the_screen_can_be_typed() -> None:
    """The label of its button, the head of its form, its word in help."""
    with speaking(CHINESE):
        shown = {word: own.verb for own in CATALOGUE.commands for word in (own.title(), word_of(own.verb))}

    for word, verb in shown.items():
        assert COMMANDS.get(word, "build" if word == "构建" else "") == verb, word


def test_every_chinese_command_that_is_shown_is_understood() -> None:
    """In any message of the catalogue, and in anything that the golden files show."""
    with (ROOT / "bot/language/zh_CN/LC_MESSAGES/shipmate.po").open("rb") as file:
        said = [str(entry.string) for entry in read_po(file)]
    said += [path.read_text("utf-8") for path in GOLDEN.rglob("*") if path.is_file()]
    codes = {code for text in said for code in re.findall("`([^`]+)`", text) if begins_with_a_verb(code)}
    assert len(codes) > 40

    for code in codes:
        typed = re.sub(r"\{[^}]*\}", "k7f3", code)
        parsed = CATALOGUE.parse(typed)
        understood = isinstance(parsed, (Parsed, Missing))
        assert understood or code.split()[0] == code, (code, parsed)


def begins_with_a_verb(code: str) -> bool:
    word = re.match("[\u4e00-\u9fff]+", code)
    return bool(word) and (word[0] if word else "") in COMMANDS


def test_a_word_means_one_thing() -> None:
    assert COMMANDS.keys().isdisjoint(SMALL)
    assert NOISE.isdisjoint({*COMMANDS, *SMALL})


@given(st.text(st.characters(categories=["Lo"], min_codepoint=0x4E00, max_codepoint=0x9FFF), min_size=1))
def test_what_is_searched_for_is_not_translated(text: str) -> None:
    parsed = GRAMMAR.parse(f"日志 web trunk 搜索 {text}")

    assert isinstance(parsed, Parsed), parsed
    assert getattr(parsed.command, "text", "") == text


@given(st.lists(st.sampled_from(["日志", "日", "志", "看", "看日志", "web"]), min_size=1, max_size=8))
def test_a_run_of_known_words_is_cut_into_known_words(words: list[str]) -> None:
    known = {"日志", "日", "志", "看", "看日志", "web"}

    pieces = segment("".join(words), known)

    assert "".join(pieces) == "".join(words)
    assert set(pieces) <= known
    assert len(pieces) <= len(words)


def test_a_run_with_something_unknown_is_not_cut() -> None:
    assert segment("看日志吗", {"看", "日志"}) == []
