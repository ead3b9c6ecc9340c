"""Starts that cannot be, and a stop before the start is over: one line or none, never a trace."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.environment import Environment
from sandbox.stage import free_port

PROCESSES = ("bot", "web", "worker", "watcher")
DEAD = "127.0.0.1:1"
"""Nobody listens there."""
CONFIG = """\
slack: {teams: [T0SHOP]}
environments: {dev: {line: dev}}
clusters: {main: {server: "http://127.0.0.1:1", token: "${TOKEN}"}}
jenkins: {main: {url: "http://127.0.0.1:1", user: none, token: "${TOKEN}"}}
defaults:
  build: {jenkins: main, job: build, image: {template: "harbor.example/{project}:{build}"}}
  target: {cluster: main}
projects: {web: {source: svn}}
roles: {ops: {members: {users: [U0OPS]}, may: [{commands: ["*"]}]}}
"""


def start(folder: Path, process: str, **variables: str) -> subprocess.Popen[str]:
    config = folder / "shipmate.yaml"
    config.write_text(CONFIG)
    given = {
        "SHIPMATE_CONFIG": str(config),
        "SLACK_BOT_TOKEN": "xoxb-none",
        "SLACK_APP_TOKEN": "xapp-none",
        "SLACK_API_URL": f"http://{DEAD}/api/",
        "REDIS_URL": f"redis://{DEAD}/0",
        "PORT": str(free_port()),
        "TOKEN": "none",
    }
    return subprocess.Popen(  # noqa: S603  # our own interpreter
        [sys.executable, "-m", "bot", process],
        env={**os.environ, **given, **variables},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


@pytest.fixture
def begun() -> Iterator[list[subprocess.Popen[str]]]:
    processes: list[subprocess.Popen[str]] = []
    yield processes
    for process in processes:
        process.kill()
        process.wait()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("REDIS_URL", "nonsense"), ("REDIS_URL", "redis://"), ("REDIS_URL", "http://memory:6379"),
        ("REDIS_URL", "redis://:s3cret@memory:port/0"), ("REDIS_URL", "redis://memory:99999/0"),
        ("SLACK_API_URL", "nonsense"), ("SLACK_API_URL", "https://"), ("SLACK_API_URL", "ftp://slack.com/api/"),
        ("SLACK_API_URL", "http://slack.com:port/api/"), ("PORT", "eighty"), ("LOG_LEVEL", "LOUD"),
    ],
)  # fmt: skip
def test_a_variable_that_makes_no_sense_is_named_in_one_line(name: str, value: str) -> None:
    with pytest.raises(ValueError, match=f"^{name} must be") as refusal:
        Environment.read({name: value})

    assert "\n" not in str(refusal.value)
    assert "s3cret" not in str(refusal.value)


def test_addresses_that_redis_and_slack_know_are_taken() -> None:
    for url in ("rediss://user:p%40ss@memory:6380/2", "unix:///run/redis.sock", "redis://[::1]:6379/0"):
        assert Environment.read({"REDIS_URL": url}).redis_url == url
    assert Environment.read({"SLACK_API_URL": "http://127.0.0.1:80"}).slack_api_url == "http://127.0.0.1:80/"


@pytest.mark.parametrize(
    ("process", "variables", "words"),
    [
        ("web", {"HOST": "no.such.host.invalid"}, "web cannot start:"),
        ("web", {"HOST": "999.1.1.1"}, "web cannot start:"),
        ("worker", {"REDIS_URL": "nonsense"}, "REDIS_URL must be an address"),
        ("bot", {"SLACK_API_URL": "nonsense"}, "SLACK_API_URL must be an address"),
    ],
)
def test_what_cannot_start_says_why_in_one_line(
    process: str, variables: dict[str, str], words: str, tmp_path: Path, begun: list[subprocess.Popen[str]]
) -> None:
    begun.append(start(tmp_path, process, **variables))

    said, _ = begun[0].communicate(timeout=20)

    assert begun[0].returncode == 1
    assert said.startswith(words)
    assert said.count("\n") == 1


@pytest.mark.parametrize("seconds", [0.15, 0.6, 1.5])
def test_whoever_is_asked_to_stop_early_stops_without_a_word_of_complaint(
    seconds: float, tmp_path: Path, begun: list[subprocess.Popen[str]]
) -> None:
    """While modules are read, while nobody answers, in the middle of waiting."""
    begun.extend(start(tmp_path, process) for process in PROCESSES)
    with pytest.raises(subprocess.TimeoutExpired):
        begun[0].wait(timeout=seconds)

    for process in begun:
        process.terminate()

    said = [process.communicate(timeout=10)[0] for process in begun]
    assert {process.returncode for process in begun} <= {0, -signal.SIGTERM}, (
        "the latter before it ran at all"
    )
    assert "Traceback" not in "".join(said)
