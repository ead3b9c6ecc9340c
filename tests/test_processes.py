"""`python -m bot`: what it says when it cannot start, how it stops, and what it does while Redis is away."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from sandbox.chat import Chat, eventually
from sandbox.stage import SAMPLE, Stage, staged
from tests.conftest import PACE, open_shop
from tests.sample import ENV

ROOT = Path(__file__).parents[1]
VARIABLES = {
    **ENV,
    "SLACK_BOT_TOKEN": "xoxb-1",
    "SLACK_APP_TOKEN": "xapp-1",
    "SLACK_API_URL": "http://127.0.0.1:9/api/",
    "REDIS_URL": "redis://127.0.0.1:9/0",
    "SHIPMATE_CONFIG": str(SAMPLE),
}
SOON = 5.0


def run(process: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """`python -m bot <process>` with nothing around it, to its end."""
    return subprocess.run(  # noqa: S603  # our own argument list
        [sys.executable, "-m", "bot", process],
        env=environment(variables), cwd=ROOT, capture_output=True, text=True, timeout=20, check=False,
    )  # fmt: skip


def environment(variables: Mapping[str, str]) -> dict[str, str]:
    return {"PATH": os.environ["PATH"], **VARIABLES, **variables}


def last_line(ended: subprocess.CompletedProcess[str]) -> str:
    assert "Traceback" not in ended.stderr
    return ended.stderr.strip().splitlines()[-1]


# -- starting


def test_a_sound_file_is_called_right() -> None:
    ended = run("check")

    assert (ended.returncode, ended.stderr) == (0, "")
    assert ended.stdout == f"{SAMPLE} is right: 4 projects.\n"


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ("replicas: {min: 1, max: 20}", "replicas: {min: 1, max: many}", ':49: defaults.target.replicas.max: expected a number from 0 to 500, found "many"'),
        ("source: svn", "sauce: svn", ":54: projects.web.sauce: unknown key; did you mean source?"),
        ("cluster: main", "cluster: mian", ""),
        ("commands: [status, logs]", "commands: [stauts, logs]", ""),
        ("clusters:", "clusters: [", ":1"),
    ],
)
def test_a_mistake_is_one_line_with_its_place_and_what_was_expected(
    tmp_path: Path, before: str, after: str, said: str
) -> None:
    config = tmp_path / "shipmate.yaml"
    config.write_text(SAMPLE.read_text().replace(before, after, 1))

    ended = run("check", SHIPMATE_CONFIG=str(config))

    assert ended.returncode == 1
    assert ended.stdout == ""
    (line,) = ended.stderr.splitlines()
    assert line.startswith(f"{config}:")
    assert line.removeprefix(f"{config}:").split(":")[0].isdecimal()
    assert said in line


@pytest.mark.parametrize(
    ("process", "variables", "said"),
    [
        ("worker", {"SHIPMATE_CONFIG": "/nowhere/shipmate.yaml"}, "/nowhere/shipmate.yaml: no such file"),
        ("watcher", {"JENKINS_TOKEN": ""}, "${JENKINS_TOKEN} is not set in the environment, or is empty"),
        ("bot", {"SLACK_APP_TOKEN": "", "SLACK_BOT_TOKEN": ""}, "Set SLACK_BOT_TOKEN and SLACK_APP_TOKEN in the environment first."),
        ("web", {"SLACK_BOT_TOKEN": ""}, "Set SLACK_BOT_TOKEN in the environment first."),
        ("web", {"PORT": "many"}, "PORT must be a number, not 'many'."),
        ("web", {"PORT": "99999"}, "PORT"),
        ("web", {"PORT": "0", "HOST": "no.such.host.invalid"}, "HOST"),
        ("check", {"LOG_LEVEL": "LOUD"}, "LOG_LEVEL"),
        ("worker", {"REDIS_URL": "localhost:6379"}, "REDIS_URL"),
        ("watcher", {"REDIS_URL": "redis://localhost:port/0"}, "REDIS_URL"),
        ("bot", {"SLACK_API_URL": "slack.example"}, "SLACK_API_URL"),
    ],
)
def test_what_cannot_start_says_why_in_one_line(process: str, variables: dict[str, str], said: str) -> None:
    ended = run(process, **variables)

    assert ended.returncode == 1
    assert said in last_line(ended)


# -- a stage whose Redis may be killed


@pytest.fixture(scope="module")
def frail(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    with staged(tmp_path_factory.mktemp("frail"), PACE, crew=("bot", "worker", "watcher", "web")) as stage:
        yield stage


@pytest.fixture
def stage(frail: Stage) -> Stage:
    open_shop(frail)
    return frail


@pytest.fixture
def chat(stage: Stage) -> Chat:
    return stage.chat


def test_a_port_in_use_is_said_in_one_line(stage: Stage) -> None:
    variables = {**stage.variables, "PORT": str(stage.world.jenkins.port)}

    ended = run("web", **variables)

    assert ended.returncode == 1
    assert variables["PORT"] in last_line(ended)


def test_tokens_that_slack_refuses_are_said_in_one_line(stage: Stage) -> None:
    ended = run("bot", **{**stage.variables, "SLACK_APP_TOKEN": "xapp-wrong"})

    assert ended.returncode == 1
    assert last_line(ended) == "Slack refuses the tokens: invalid_auth."


def test_without_redis_people_are_told_and_nothing_starts_and_then_all_is_well(
    chat: Chat, stage: Stage
) -> None:
    stage.redis_server.kill()
    try:
        answers = [
            chat.says("deploy web to dev", by="engineer"),
            chat.slash("deploy web to dev", by="engineer"),
            chat.writes("deploy web to dev", by="engineer"),
        ]
    finally:
        stage.redis_server.start()

    words = ":warning: Shipmate's own memory (Redis) does not answer. Nothing was started; please try again in a minute."
    assert [answer.shown for answer in answers] == [words] * 3
    assert not stage.world.jenkins.triggers
    said = chat.ends(chat.says("deploy web to dev", by="engineer"), within=20)
    assert "is live on web/dev" in said.text
    stage.crew.check()


def test_an_operation_outlives_redis(chat: Chat, stage: Stage) -> None:
    said = chat.says("deploy web to trunk", by="engineer")
    eventually(lambda: stage.world.jenkins.builds("web-build"), "a build")

    stage.redis_server.kill()
    stage.redis_server.start()

    assert "is live on web/trunk" in chat.ends(said, within=20).text
    assert len(stage.world.jenkins.triggers) == 1
    assert len(said.replies) == 1
    stage.crew.check()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_asked_to_stop_every_process_ends_soon_and_well(chat: Chat, stage: Stage, number: signal.Signals) -> None:
    said = chat.says("deploy web to trunk", by="engineer")
    processes = dict(stage.crew.running)
    began = time.monotonic()

    for process in processes.values():
        process.send_signal(number)
    eventually(lambda: all(process.poll() is not None for process in processes.values()), "their end", SOON)

    assert {name: process.returncode for name, process in processes.items()} == dict.fromkeys(processes, 0)
    assert time.monotonic() - began < SOON
    assert not any("Traceback" in stage.crew.log(name) for name in processes)
    stage.crew.start(*processes)
    assert "is live on web/trunk" in chat.ends(said, within=20).text
