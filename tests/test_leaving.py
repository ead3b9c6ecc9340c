"""Nothing that is to be hidden leaves: whoever wrote it, and wherever it stands in a message."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

import bot.redact
from bot import plain
from bot.environment import Environment
from bot.redact import Redactor, redact
from bot.redact.formatter import RedactingFormatter
from bot.reply import Button, Buttons, Code, Context, Fields, Reply, Text
from bot.settings import BadSettings, load, secrets_of
from integrations import slack_blocks
from tests import sample

OWN = "own-t0ken-of-jenkins"
LEAK = f"it said {OWN} and password=hunter2 for 13812345678"
CLEAN = "it said ‹hidden› and password=‹hidden› for ‹hidden›"
REPLY = Reply(
    LEAK,
    (
        Text(LEAK),
        Context(LEAK),
        Fields(((LEAK, LEAK),)),
        Code((LEAK, "-----BEGIN PRIVATE KEY-----", "abc", "-----END PRIVATE KEY-----")),
        Buttons((Button(LEAK, "say hello", confirm=LEAK),)),
    ),
)
"""As a careless command would write it."""


@pytest.fixture(autouse=True)
def process() -> Iterator[None]:
    """This process holds a secret."""
    before = bot.redact._current
    bot.redact.use(Redactor(own=[OWN]))
    yield
    bot.redact.use(before)


def test_no_block_and_no_push_notification_shows_a_secret() -> None:
    sent = json.dumps([slack_blocks.summary(REPLY), slack_blocks.blocks(REPLY)], ensure_ascii=False)

    assert not any(secret in sent for secret in (OWN, "hunter2", "13812345678", "abc"))
    assert sent.count("password=‹hidden›") == 8


def test_the_terminal_shows_no_secret() -> None:
    shown = "\n".join(plain.lines(REPLY, str))

    assert not any(secret in shown for secret in (OWN, "hunter2", "13812345678"))


def test_a_log_shows_no_secret_not_even_in_a_traceback() -> None:
    try:
        raise RuntimeError(LEAK)
    except RuntimeError as error:
        info = (type(error), error, error.__traceback__)
    record = logging.LogRecord("x", logging.ERROR, "x.py", 1, "said %s", (OWN,), info)

    written = RedactingFormatter("%(message)s").format(record)

    assert written.startswith("said ‹hidden›\nTraceback")
    assert written.endswith(f"RuntimeError: {CLEAN}")


def test_a_command_of_a_button_stays_what_it_is() -> None:
    reply = Reply("", (Buttons((Button("Wider", 'logs web grep "password=hunter2"'),)),))
    assert slack_blocks.blocks(reply)[0]["elements"][0]["value"] == 'logs web grep "password=hunter2"'


def test_every_secret_of_the_settings_and_of_the_environment_is_known() -> None:
    settings = sample.settings()
    environment = Environment.read({
        "SLACK_BOT_TOKEN": "xoxb-1", "SLACK_APP_TOKEN": "xapp-1", "SLACK_SIGNING_SECRET": "sign",
        "REDIS_URL": "redis://:p%40ss@cache/0",
    })  # fmt: skip

    assert settings.jenkins["main"].token.get_secret_value() in set(secrets_of(settings))
    assert set(environment.secrets()) == {"xoxb-1", "xapp-1", "sign", "p@ss"}


def test_what_is_hidden_is_configured(tmp_path: Path) -> None:
    path = tmp_path / "shipmate.yaml"
    path.write_text(
        sample.PATH.read_text() + "\nredact: {phone_numbers: false, patterns: {customer: 'K-\\d{4}'}}\n"
    )
    settings = load(path, sample.ENV)
    assert settings.redact.numbers() == ("id_numbers", "bank_cards")
    assert dict(settings.redact.patterns) == {"customer": r"K-\d{4}"}


@pytest.mark.parametrize("pattern", ["(a", "(?<=a)b"])
def test_a_pattern_that_is_none_is_told_with_its_line(tmp_path: Path, pattern: str) -> None:
    path = tmp_path / "shipmate.yaml"
    path.write_text(sample.PATH.read_text() + f"\nredact: {{patterns: {{customer: '{pattern}'}}}}\n")
    with pytest.raises(
        BadSettings, match=r"redact\.patterns\.customer: expected a regular expression of RE2"
    ):
        load(path, sample.ENV)


def test_a_process_without_settings_hides_secrets_already() -> None:
    bot.redact.use(Redactor())
    assert redact("password=hunter2").hidden == 1
