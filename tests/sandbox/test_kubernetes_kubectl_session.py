"""Every command of the recorded kubectl session: the same words, tables and exit codes against the sandbox."""

from __future__ import annotations

import pytest

from tests.sandbox import kubectl_session as session
from tests.sandbox import kubectl_support
from tests.sandbox import kubernetes_support as support
from tests.sandbox.kubectl_support import Said
from tests.sandbox.kubernetes_account import unread

RECORDED = session.invocations()
OLDER = {
    "scale deploy/nope --replicas=1": ['error: no objects passed to scale deployments.apps "nope" not found'],
    "delete deploy/web --cascade=foreground --timeout=30s": ['deployment.apps "web" deleted'],
}
"""Commands of which kubectl before 1.34 has other words for the same answers of the server."""
MAY_BE_SEEN = {
    18: {'Waiting for deployment "web" rollout to finish: <n> of 5 updated replicas are available...'}
}
"""Of two pods that are made together the second may be ready before or after the last old one is told to go:
number of the command -> the step that is seen when it is after, as of the scaling in the same session."""


@pytest.fixture(scope="module")
def said(tmp_path_factory: pytest.TempPathFactory) -> list[Said]:
    with support.cluster(pace=session.PACE) as shop:
        for image in ("web:v1", "web:v2", "fresh:v1"):
            shop.server.images.push(f"registry.example.com/{image}")
        program = kubectl_support.program(shop.server, tmp_path_factory.mktemp("kubectl"))
        return session.retold(shop, program)


@pytest.mark.parametrize("number", range(len(RECORDED)), ids=lambda n: f"{n} {RECORDED[n].command[:40]}")
def test_each_command_says_what_it_said_to_a_real_cluster(said: list[Said], number: int) -> None:
    want, got = RECORDED[number], said[number]
    lines = [*got.lines, *got.err.splitlines()]

    assert got.code == want.code
    if want.command.startswith("rollout status"):
        got_steps, want_steps = session.steps(lines), session.steps(want.lines)
        assert [step for step in got_steps if step in want_steps] == want_steps
        assert set(got_steps) - set(want_steps) <= MAY_BE_SEEN.get(number, set())
    elif want.command.startswith("get "):
        assert session.table(lines) == session.table(want.lines)
    elif want.command == session.DESCRIBED:
        told = session.words(lines)
        assert told[told.index("Mounts: <none>") :] == session.words(want.lines)
    else:
        assert session.words(lines) in (session.words(want.lines), OLDER.get(want.command))


def test_the_session_is_read_whole() -> None:
    commands = [invocation.command for invocation in RECORDED]

    assert support.recorded(session.SESSION).count("[rc=") == len(commands) == 30
    assert commands.count(session.DESCRIBED) == 1
    assert set(OLDER) <= set(commands)


def test_every_recording_that_this_file_answers_for_was_read() -> None:
    """Runs last: by the tests above."""
    assert unread(__file__) == set()
