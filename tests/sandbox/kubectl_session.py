"""The recorded session of kubectl, command by command, told again; and what differs between any two sessions."""

from __future__ import annotations

import json
import re
import subprocess
import time
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby

from tests.sandbox.kubectl_support import Said
from tests.sandbox.kubernetes_story import STILL
from tests.sandbox.kubernetes_support import Cluster, normal, recorded

SESSION = "kubectl-1.36-session.txt"
PACE = STILL
DESCRIBED = "describe deploy/web"
"""The recording lacks this command and the beginning of what it printed: its end stands by itself."""
BETWEEN = 0.1
"""Lifelike seconds from one command to the next, as recorded."""
WITHIN = 20.0
_GIVEN = re.compile(r"^ +[\d.]+s \$ kubectl (.*)$")
_ENDED = re.compile(r"^\[rc=(\d+)\]$")
_OWN = (
    (re.compile(r"(?<=\s)\d+[smhd](?:\d+[smh])?(?=\s|\)|$)"), "<age>"),
    (re.compile(r"(?<=pod-template-hash=)\w+"), "<hash>"),
    (re.compile(r" from \S+ namespace$"), " from <namespace> namespace"),
)
"""Besides what `normal` takes out."""
_STEP = re.compile(r"^(Waiting for .*?: )\d+ (out of|of|old)( \d+)?")


@dataclass(frozen=True)
class Invocation:
    """One command as it was given, what it printed and how it ended."""

    command: str
    lines: tuple[str, ...]
    code: int


def invocations() -> list[Invocation]:
    """Of the whole session, in order. What the recorder did for itself, its namespace, has no exit code."""
    found: list[Invocation] = []
    command, lines = DESCRIBED, list[str]()
    for line in recorded(SESSION).splitlines():
        if given := _GIVEN.match(line):
            command, lines = given[1], []
        elif ended := _ENDED.match(line):
            found.append(Invocation(command, tuple(lines), int(ended[1])))
            command, lines = DESCRIBED, []
        else:
            lines.append(line)
    return found


def retold(shop: Cluster, program: list[str]) -> list[Said]:
    """What each command of the session says and how it ends against a cluster in which time stands still
    but for the moments between two commands, and while one waits for the cluster: nothing is missed."""
    said = []
    for invocation in invocations():
        said.append(_run(shop, program, *_given(invocation.command)))
        _advance(shop, BETWEEN)
    return said


def _given(command: str) -> tuple[list[str], str]:
    """Arguments and input. `create deployment` would send protobuf, which the sandbox does not read."""
    words = command.split()
    if words[:2] != ["create", "deployment"]:
        return words, ""
    options = dict(word.removeprefix("--").split("=", 1) for word in words[3:])
    name, labels = words[2], {"app": words[2]}
    pod = {
        "containers": [
            {"name": options["image"].rpartition("/")[2].partition(":")[0], "image": options["image"]}
        ]
    }
    spec = {"replicas": int(options.get("replicas", 1)), "selector": {"matchLabels": labels}}
    spec["template"] = {"metadata": {"labels": labels}, "spec": pod}
    body = {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": name, "labels": labels}}
    return ["create", "-f", "-"], json.dumps(body | {"spec": spec})


def _run(shop: Cluster, program: list[str], arguments: list[str], text: str) -> Said:
    """The clock goes on while kubectl watches: it waits for something to happen."""
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with subprocess.Popen([*program, *arguments], text=True, **pipes) as running:  # type: ignore[call-overload]  # noqa: S603 - of our tests
        running.stdin.write(text)
        running.stdin.close()
        deadline = time.monotonic() + WITHIN
        while running.poll() is None:
            assert time.monotonic() < deadline, arguments
            if len(shop.server.watches):
                shop.call(shop.server.clock.step)
            time.sleep(0.002)  # kubectl is at work; there is nothing to wait on
        return Said(running.returncode, running.stdout.read(), running.stderr.read())


def _advance(shop: Cluster, seconds: float) -> None:
    clock = shop.server.clock
    end = clock.now() + seconds
    while clock.now() < end:
        shop.call(clock.step)


def words(lines: Iterable[str]) -> list[str]:
    """Without ages, hashes, namespaces and the widths of columns."""
    told = []
    for line in lines:
        text = str(normal(line))
        for pattern, placeholder in _OWN:
            text = pattern.sub(placeholder, text)
        told.append(" ".join(text.split()))
    return told


def table(lines: Iterable[str]) -> list[list[str]]:
    """Tables as kubectl prints them one below the other: of each the rows, whose order is that of hashes, sorted."""
    blocks = [list(block) for filled, block in groupby(words(lines), key=bool) if filled]
    return [[block[0], *sorted(block[1:])] for block in blocks]


def steps(lines: Iterable[str]) -> list[str]:
    """Of `rollout status`: each step once, its first number taken out."""
    told = [_STEP.sub(r"\1<n> \2\3", line) for line in lines]
    return [step for step, _ in groupby(told)]
