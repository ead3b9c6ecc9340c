"""The one message of an operation in each of its states, in both languages; drawn from a record, as in the bot."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest

from bot.language import LANGUAGES, _, speaking
from bot.ledger import Place
from bot.lifecycle import State
from bot.operation import NOBODY, STARTS, UNLOCKED, Operation, Origin, Outcome, Step, Stuck, Waiting
from bot.reply import Reply
from bot.views import calling, closing, showing
from integrations import slack_blocks
from tests.golden import drawn
from tests.golden.plainly import same
from tests.golden.telling import INDENT, SAID, SCENES, golden
from tests.ledger_support import CHANNEL, EVA

ASKED = Operation("k7f3", "deploy", "deploy web to trunk", "change", EVA, Origin(CHANNEL), "web/trunk")
HOLDER = replace(ASKED, id="m2p4", text="scale web in trunk to 6", verb="scale")


def in_state(state: State, **fields: object) -> Operation:
    return replace(ASKED, state=state, **fields)  # type: ignore[arg-type] # by name


def ended(state: State, outcome: Outcome, **fields: object) -> Operation:
    return in_state(state, outcome=outcome, finished=ASKED.opened + 95, **fields)


def stuck(builds: tuple[int, ...] = (), **fields: object) -> Operation:
    problem = _("Jenkins does not say which build is this one's.")
    return in_state(State.STUCK, stuck=Stuck(problem, "build", builds, since=ASKED.opened), **fields)


def scenes(now: float) -> dict[str, tuple[Operation, Place | None, float | None]]:
    """What is told of it -> the record, its place in line, what it usually takes."""
    approval = {
        "count": 2,
        "role": "oncall",
        "who": "<!subteam^S0ONCALL>",
        "until": now + 900,
        "live": "releases-r1798-40",
    }
    built = (
        Step(
            "build",
            now - 80,
            now - 20,
            {},
            _("build {number} finished", number="<https://jenkins.example/1|#1>"),
        ),
        Step("image", now - 20, now - 20, "", _("image `{tag}`", tag="trunk-r1841-1")),
    )
    rollout = Waiting(
        "rollout healthy", now - 20, now + 600, progress=_("rollout: {n} of {wanted} ready", n=1, wanted=3)
    )
    trouble = replace(rollout, trouble="Kubernetes (main) did not answer in time", troubled_since=now - 60)
    asking = Stuck(
        _("With 0 replicas nothing of {target} runs any more.", target="web/trunk"), until=now + 600
    )
    log = ("ERROR cannot start", "password=hunter2hunter2")
    failed = Outcome(
        "Build #1 failed.", excerpt=log, events=("BackOff: restarting",), errors=("3× ERROR cannot start",)
    )
    return {
        "starting": (ASKED, None, None),
        "next in line": (ASKED, Place(1, HOLDER, 130), None),
        "second in line": (ASKED, Place(2, HOLDER, None), None),
        "in line behind a question": (ASKED, Place(1, replace(HOLDER, stuck=asking), None), None),
        "scheduled": (in_state(State.SCHEDULED, plan={STARTS: now + 7200}), None, None),
        "waits for a lock": (in_state(State.SCHEDULED, plan={STARTS: now + 7200, UNLOCKED: 1}), None, None),
        "waits for two approvals": (
            in_state(
                State.AWAITING_APPROVAL, plan={"approval": approval, "shows": ["builds web-build from trunk"]}
            ),
            None,
            None,
        ),
        "waits for one more": (
            in_state(State.AWAITING_APPROVAL, plan={"approval": approval}, approvals=("U0OPS",)),
            None,
            None,
        ),
        "running for the first time": (in_state(State.RUNNING, steps=built, waiting=rollout), None, None),
        "running, a few minutes left": (in_state(State.RUNNING, steps=built, waiting=rollout), None, 300.0),
        "running, nearly done": (in_state(State.RUNNING, steps=built, waiting=rollout), None, 100.0),
        "running for longer than usual": (in_state(State.RUNNING, steps=built, waiting=rollout), None, 30.0),
        "running, a system is silent": (in_state(State.RUNNING, steps=built, waiting=trouble), None, None),
        "a build of no target is running": (in_state(State.RUNNING, target="web"), None, None),
        "stopping": (in_state(State.ABORTING, steps=built, stopped_by="U0ENGINEER"), None, None),
        "stopping for a rollback": (in_state(State.ABORTING, stopped_by="m2p4"), None, None),
        "stopping, as nobody answered": (in_state(State.ABORTING, stopped_by=NOBODY), None, None),
        "asks": (in_state(State.ASKING, stuck=asking), None, None),
        "stuck over a silent system": (stuck(), None, None),
        "stuck over two builds": (stuck((1, 2)), None, None),
        "stuck over two builds while it is stopped": (stuck((1, 2), stopped_by="U0ENGINEER"), None, None),
        "done": (ended(State.SUCCEEDED, Outcome("It is live."), steps=built), None, None),
        "failed": (ended(State.FAILED, failed, steps=built), None, None),
        "failed by a fault of Shipmate's": (
            ended(
                State.FAILED,
                Outcome("Sorry, Shipmate itself failed here.", reference="k7f3-2", link="https://x.example"),
            ),
            None,
            None,
        ),
        "cancelled": (ended(State.CANCELLED, Outcome("web/trunk was not touched.")), None, None),
        "denied": (ended(State.DENIED, Outcome("<@U0OPS> denied it: not today")), None, None),
        "expired": (ended(State.EXPIRED, Outcome("Nobody approved it.")), None, None),
        "refused": (
            ended(
                State.REFUSED,
                Outcome("Rollouts of web/trunk are paused.", offers=(("Resume", "resume web in trunk"),)),
            ),
            None,
            None,
        ),
        "a question without an answer yet": (replace(ASKED, kind="query"), None, None),
    }


def _drawn(place: str, reply: Reply) -> list[str]:
    shown = drawn.message(slack_blocks.summary(reply), slack_blocks.blocks(reply))
    return [f"  {place}", *(f"{INDENT}{line}" for line in shown), ""]


@pytest.mark.parametrize("language", LANGUAGES)
def test_states(language: str, request: pytest.FixtureRequest) -> None:
    now = time.time()
    lines = ["# The one message of an operation, in each state.", ""]
    with speaking(language):
        for name, (operation, place, usual) in scenes(now).items():
            lines += [f"({name})", "", *_drawn("in #deploys", showing(operation, place, usual))]
            late = replace(operation, opened=operation.opened - 3600)
            if question := calling(late):
                lines += _drawn("in #deploys, in the thread", question[1])
            if end := closing(operation):
                lines += _drawn("in #deploys, in the thread", end)

    golden(
        PATHS[language],
        same("\n".join(lines), ["k7f3", "m2p4"]),
        request.config.getoption("--rewrite-goldens"),
    )


PATHS = {language: SAID / "states" / f"{language}.txt" for language in LANGUAGES}
SCENES.update(PATHS.values())
