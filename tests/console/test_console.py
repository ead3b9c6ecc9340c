"""The break-glass terminal: the same door, from a shell."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator

import pytest

from bot import plain
from bot.console import Seat, language_here, seat
from bot.faults import Refused
from bot.reply import Button, Buttons, Code, Reply, Text
from bot.settings import Settings
from sandbox.chat import Chat, eventually
from sandbox.crew import ROOT
from sandbox.server import Fault
from sandbox.stage import Stage
from sandbox.world import World
from tests import sample
from tests.commands.test_dry_run import GOOD, somebody_sets


def types(
    stage: Stage, *lines: str, email: str = "ops@shop.example", lang: str = "C.UTF-8"
) -> subprocess.CompletedProcess[str]:
    """One sitting at the terminal."""
    return subprocess.run(  # noqa: S603  # our own program
        [sys.executable, "-m", "bot", "console", "--as", email],
        input="\n".join(lines),
        env={**os.environ, **stage.variables, "TZ": "UTC", "LC_ALL": lang, "PYTHONUTF8": "1"},
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=50,
        check=False,
    )


@pytest.fixture
def slack_is_down(stage: Stage) -> Iterator[None]:
    stage.thread.call(stage.world.slack.faults.set, Fault("error", match="/api/", status=503))
    yield
    stage.thread.call(stage.world.slack.faults.clear)


def test_a_change_is_made_followed_and_shown_in_the_channel(stage: Stage, chat: Chat, world: World) -> None:
    sitting = types(stage, "scale web in trunk to 4")

    assert sitting.returncode == 0, sitting.stderr
    assert "web/trunk has 4 of 4 replicas ready" in sitting.stdout
    assert world.kubernetes.deployment("trunk", "web")["spec"]["replicas"] == 4
    shown = eventually(lambda: chat.said(), "its message in the channel")
    assert "scale web in trunk to 4" in shown[0].text


def test_what_it_asks_is_answered_there(stage: Stage, chat: Chat, world: World) -> None:
    chat.ends(chat.says("deploy web to trunk at r1839", by="engineer"))
    somebody_sets(stage, "trunk", GOOD)

    asked = types(stage, "deploy web to trunk", "whoami")
    found = re.search(r"proceed (\w{4})", asked.stdout)
    assert found, asked.stdout
    assert "role ops" in asked.stdout, "the next line was read"

    types(stage, f"proceed {found[1]}")
    eventually(lambda: world.kubernetes.image("trunk", "web").endswith("trunk-r1841-2"), "the deployment")


def test_what_starts_later_holds_no_terminal(stage: Stage) -> None:
    sitting = types(stage, "restart api in dev at tomorrow 06:30", "scheduled", "whoami")
    found = re.search(r"cancel (\w{4})", sitting.stdout)

    assert "restart api in dev" in sitting.stdout
    assert "role ops" in sitting.stdout, "the next line was read"
    assert found
    assert types(stage, f"cancel {found[1]}").returncode == 0


def test_it_speaks_the_language_of_the_terminal(stage: Stage) -> None:
    sitting = types(stage, "部署 web 到 nowhere", lang="zh_CN.UTF-8")

    assert "没有名为 nowhere 的环境" in sitting.stdout


@pytest.mark.parametrize(
    ("variables", "language"),
    [
        ({"LANG": "zh_CN.UTF-8"}, "zh"),
        ({"LANG": "zh_CN.UTF-8", "LC_ALL": "C"}, "en"),
        ({"LANG": "en_GB.UTF-8", "LC_MESSAGES": "zh_TW.UTF-8"}, "zh"),
        ({"LANG": "C"}, "en"),
        ({}, "en"),
    ],
)
def test_the_terminal_says_its_language(variables: dict[str, str], language: str) -> None:
    assert language_here(variables) == language


def test_it_works_while_slack_is_down(stage: Stage, world: World, slack_is_down: None) -> None:
    sitting = types(stage, "scale web in trunk to 4", "history web in trunk")

    assert "web/trunk has 4 of 4 replicas ready" in sitting.stdout
    assert world.kubernetes.deployment("trunk", "web")["spec"]["replicas"] == 4


def test_what_was_done_meanwhile_is_shown_when_slack_is_back(
    stage: Stage, chat: Chat, slack_is_down: None
) -> None:
    types(stage, "scale web in trunk to 4")

    stage.thread.call(stage.world.slack.faults.clear)

    shown = eventually(lambda: [said for said in chat.said() if "done" in said.text], "the message")
    assert len(shown) == 1


def test_a_question_is_answered_only_there(stage: Stage, chat: Chat) -> None:
    sitting = types(stage, "whoami", "status web in trunk", "frobnicate web")

    assert "role ops" in sitting.stdout
    assert "web/trunk" in sitting.stdout
    assert "I do not know frobnicate" in sitting.stdout
    assert chat.said() == []


def test_every_line_is_in_the_log(stage: Stage) -> None:
    sitting = types(stage, "whoami")

    assert "as=ops@shop.example text=whoami" in sitting.stderr


def test_an_account_that_is_not_listed_may_not_sit_down(stage: Stage) -> None:
    sitting = types(stage, "whoami", email="engineer@shop.example")

    assert sitting.returncode == 1
    assert "may not speak for engineer@shop.example" in sitting.stderr
    assert sitting.stdout == ""


def test_the_machines_account_decides() -> None:
    settings = sample.settings()

    assert seat(settings, "Ops@Shop.example", "olga") == Seat("olga", "ops@shop.example", "U0OPS", "T0SHOP")
    for account, email in (("mallory", "ops@shop.example"), ("olga", "qa@shop.example")):
        with pytest.raises(Refused):
            seat(settings, email, account)


def test_without_a_section_there_is_no_terminal() -> None:
    settings: Settings = sample.settings().model_copy(update={"console": None})

    with pytest.raises(Refused, match="not switched on"):
        seat(settings, "ops@shop.example", "olga")


def test_a_reply_is_written_as_a_person_reads_it() -> None:
    reply = Reply(
        "s",
        (
            Text(":x: *deploy web to trunk* by <@U0OPS> at <!date^0^{time}|00:00 UTC>: _a_ `b_c` &lt;x&gt;"),
            Code(("line \x1b[31mred\x1b[0m",)),
            Buttons((Button("Roll back", "rollback web in trunk"),)),
        ),
    )

    drawn = plain.lines(reply, {"U0OPS": "olga"}.__getitem__)

    assert drawn[0].startswith("✗ deploy web to trunk by @olga at ")
    assert drawn[0].endswith(": a b_c <x>")
    assert drawn[1:] == ["    line [31mred[0m", "  Roll back: rollback web in trunk"]
