"""What is said comes out in the language spoken, and nothing is said that has no translation."""

import json
import logging
import re
from datetime import datetime
from pathlib import Path
from string import Formatter
from zoneinfo import ZoneInfo

import pytest
from babel.messages.pofile import read_po

from bot.faults import Refused
from bot.language import CATALOGUES, Told, _, counted, language_of, retold, speaking
from bot.language.update import messages, of_code, updated
from bot.operation import Operation, Origin, Outcome, Stuck, Waiting, seen_from_json, seen_to_json
from bot.policy import Policy
from bot.ports import Person, Seen
from bot.redact.formatter import RedactingFormatter
from bot.words import at_moment_in, duration
from tests import sample
from tests.said import ROOT, unsaid
from tests.said import speaking as files


@pytest.mark.parametrize("language", CATALOGUES)
def test_the_catalogue_holds_what_the_code_says(language: str) -> None:
    """If not: `make words`, then translate what has none."""
    assert CATALOGUES[language].read_text() == updated(language)


@pytest.mark.parametrize("language", CATALOGUES)
def test_every_text_is_translated_and_shows_the_same_values(language: str) -> None:
    with CATALOGUES[language].open("rb") as file:
        wrong = [
            f"{entry.id!r}: {entry.string!r}" for entry in read_po(file) if entry.id and not _fits(entry)
        ]
    assert not wrong, "\n".join(wrong)


def test_a_text_can_be_said_again_in_another_language_also_from_json() -> None:
    told = _("{thing} is late", thing=counted("{n} mail", "{n} mails", 2))

    kept = json.loads(json.dumps(told.to_plain() if isinstance(told, Told) else None), object_hook=retold)

    assert told == "2 mails is late"
    assert kept == told
    with speaking("zh"):
        assert kept.again() == "2 mails is late"  # no translation: English rather than nothing


def test_an_unknown_language_is_english() -> None:
    with speaking("tlh"):
        assert counted("{n} mail", "{n} mails", 1) == "1 mail"


def test_every_message_is_plain_text() -> None:
    """An f-string would put its values into the message, which then has no translation."""
    assert not [message for message in messages() if not message]


def test_a_message_is_found_wherever_it_stands() -> None:
    source = """say(f"{_('in an f-string')}", _("{outer}", outer=_("within another"), n=counted("one", "many", 2)))"""

    assert set(of_code(source)) == {"in an f-string", "{outer}", "within another", ("one", "many")}


@pytest.mark.parametrize(
    ("code", "found"),
    [
        ('says(f"{n} ready")', True),
        ('says("done")', True),
        ('x = "nothing was started"', True),
        ('x = f"{n} of {m} ready"', True),
        ('says(_("done"))', False),
        ('log.info("nothing was started")', False),
        ('raise ValueError("nothing was started")', False),
        ('Button(_("Go"), f"deploy {p} to {e}")', False),
        ('x = "nothing was started"  # not said: a key', False),
        ('def f():\n    "Nothing was started."', False),
    ],
)
def test_what_counts_as_text(tmp_path: Path, code: str, found: bool) -> None:
    file = tmp_path / "code.py"
    file.write_text(code)

    assert bool(unsaid(file)) is found


@pytest.mark.parametrize("file", list(files()))
def test_nothing_is_said_past_the_catalogue(file: str) -> None:
    """Give it to `_`; `tests/said.py` says what counts as text."""
    found = unsaid(ROOT / file)

    assert not found, "\n".join(found)


def test_what_an_operation_keeps_is_said_in_the_language_of_whoever_reads_it() -> None:
    took = _("took {duration}", duration=duration(125 * 60))
    operation = Operation(
        id="k7f3",
        verb="deploy",
        text="deploy web to dev",
        kind="change",
        actor=Person("U0MEI", "mei"),
        origin=Origin("C1"),
        plan={"shows": [duration(240)]},
        waiting=Waiting("x", 0, 0, trouble=duration(240)),
        stuck=Stuck(duration(240)),
        outcome=Outcome(str(took)),
    )

    with speaking("zh"):
        read = operation.anew()

    assert read.outcome is not None
    assert read.waiting is not None
    assert read.stuck is not None
    assert read.outcome.summary == "took 2 小时 5 分钟"
    assert [*read.plan["shows"], read.waiting.trouble, read.stuck.problem] == ["4 分钟"] * 3
    assert read.anew() == operation


def test_where_room_is_short_evidence_is_kept_rather_than_what_a_text_is_made_of() -> None:
    why = _("{n} min", n=_("{n} h", n=_("{n} d", n="x" * 100)))
    lines = tuple(f"line {number} of the log" for number in range(8))
    operation = Operation(
        id="k7f3",
        verb="deploy",
        text="deploy web to dev",
        kind="change",
        actor=Person("U0MEI", "mei", language="zh"),
        origin=Origin("C1"),
        outcome=Outcome(why, excerpt=lines),
    )

    slim = operation.slim(most=len(operation.to_json().encode()) - 1)

    assert slim.outcome is not None
    assert slim.outcome.excerpt == lines
    assert slim.anew().outcome == slim.outcome
    assert slim.outcome.summary.endswith("天 小时 分钟")


def test_what_a_watcher_saw_is_said_in_the_language_of_whoever_reads_it() -> None:
    kept = seen_to_json(Seen(False, progress=duration(240), value={"left": duration(125 * 60)}))

    with speaking("zh"):
        read = seen_from_json(kept)

    assert read == Seen(False, progress="4 分钟", value={"left": "2 小时 5 分钟"})


@pytest.mark.parametrize(
    ("language", "written"), [("en", "Tue 24 Nov 14:05 CET"), ("zh", "11月24日周二 14:05 CET")]
)
def test_a_date_is_written_as_the_language_has_it(language: str, written: str) -> None:
    at = datetime(2026, 11, 24, 14, 5, tzinfo=ZoneInfo("Europe/Berlin"))

    with speaking(language):
        assert at_moment_in(at) == written


@pytest.mark.parametrize(
    ("locale", "language"),
    [
        ("zh-CN", "zh"),
        ("zh_TW.UTF-8", "zh"),
        ("zh", "zh"),
        ("en-US", "en"),
        ("fr-FR", ""),
        ("", ""),
        ("C", ""),
    ],
)
def test_a_locale_gives_a_language(locale: str, language: str) -> None:
    assert language_of(locale) == language


def test_logs_stay_english() -> None:
    with speaking("zh"):
        late = duration(240)
        record = logging.LogRecord("x", logging.INFO, "", 0, "%s: %s", (late, Refused(late)), None)
        line = RedactingFormatter().format(record)

    assert line == "4 min: 4 min"


def test_what_a_policy_remembers_of_one_reader_is_not_told_to_another() -> None:
    settings = sample.settings()
    policy = Policy(settings.roles, settings.targets(), settings.slack.teams, ("deploy",))
    engineer = Person("U0ENGINEER", "engineer", team="T0SHOP")

    english = str(policy.allowed(engineer)[0])
    with speaking("zh"):
        chinese = str(policy.allowed(engineer)[0])

    assert english == "deploy: all projects in dev and trunk"
    assert chinese == "deploy: 所有项目（dev 和 trunk）"


def _fits(entry: object) -> bool:
    ids, said = entry.id, entry.string  # type: ignore[attr-defined]
    ids = ids if isinstance(ids, (tuple, list)) else (ids,)
    said = said if isinstance(said, (tuple, list)) else (said,)
    return all(said) and all(_places(text) == _places(ids[-1]) and _marks(text) for text in said)


def _places(text: str) -> set[str | None]:
    return {name for _text, name, _spec, _how in Formatter().parse(text) if name is not None}


def _marks(text: str) -> bool:
    """Slack draws `*bold*` and `code` only with white space or punctuation around; Chinese has no spaces."""
    return not re.search(
        r"[一-鿿][`*]|[`*][一-鿿]",
        re.sub(r"`[^`]*`|\*[^*]*\*", lambda found: found[0][0] + found[0][-1], text),
    )
