"""An operation in each of its states, with the words that the code itself gives it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, NamedTuple, cast

from bot.catalogue import Catalogue
from bot.command import Change
from bot.faults import NeedsPerson, Refused, Unavailable
from bot.language import _
from bot.ledger import Place as PlaceInLine
from bot.lifecycle import State
from bot.operation import NOBODY, STARTS, UNLOCKED, Operation, Origin, Outcome, Step, Stuck, Waiting
from bot.ports import Workload
from bot.words import duration, sentences, with_reason
from commands.rolling import must_roll, untouched
from integrations.jenkins_found import only
from tests import sample
from tests.golden.tables import raised
from tests.ledger_support import CHANNEL, EVA

SHOP = sample.settings()
ASKED = Operation("k7f3", "deploy", "deploy web to trunk", "change", EVA, Origin(CHANNEL), "web/trunk")
HOLDER = replace(ASKED, id="m2p4", text="scale web in trunk to 6", verb="scale")
APPROVAL = {"count": 2, "role": "oncall", "who": "<!subteam^S0ONCALL>", "live": "releases-r1798-40"}
LOG = ("ERROR cannot start", "password=hunter2hunter2")


class Shown(NamedTuple):
    """The record, its place in line, how many seconds it usually takes."""

    operation: Operation
    place: PlaceInLine | None = None
    usual: float | None = None


Table = dict[str, Shown]


def every(now: float) -> Table:
    """What is told of it -> what is shown then, in the language spoken."""
    groups: tuple[Callable[[float], Table], ...] = (begins, approvals, runs, stops, needs_somebody, ends)
    return {name: shown for group in groups for name, shown in group(now).items()}


def at(state: State, **fields: Any) -> Operation:
    return replace(ASKED, state=state, **fields)


def begins(now: float) -> Table:
    asking = replace(HOLDER, stuck=nothing_left(now))
    return {
        "starting": Shown(ASKED),
        "next in line": Shown(ASKED, PlaceInLine(1, HOLDER, 130)),
        "second in line": Shown(ASKED, PlaceInLine(2, HOLDER, None)),
        "in line behind a question": Shown(ASKED, PlaceInLine(1, asking, None)),
        "scheduled": Shown(at(State.SCHEDULED, plan={STARTS: now + 7200})),
        "waits for a lock": Shown(at(State.SCHEDULED, plan={STARTS: now + 7200, UNLOCKED: 1})),
        "a question without an answer yet": Shown(replace(ASKED, kind="query")),
    }


def approvals(now: float) -> Table:
    deploy = cast(Change, Catalogue(SHOP).command(ASKED.text))
    two = {"approval": {**APPROVAL, "until": now + 900}, "shows": deploy.plan(SHOP)["shows"]}
    return {
        "waits for two approvals": Shown(at(State.AWAITING_APPROVAL, plan=two)),
        "waits for one more": Shown(at(State.AWAITING_APPROVAL, plan=two, approvals=("U0OPS",))),
    }


def runs(now: float) -> Table:
    ready = _("rollout: {count} of {wanted} ready", count=1, wanted=3)
    rollout = Waiting("rollout healthy", now - 20, now + 600, progress=ready)
    silent = Unavailable("Kubernetes (main)", _("did not answer in time")).words
    running = at(State.RUNNING, steps=built(now), waiting=rollout)
    trouble = replace(running, waiting=replace(rollout, trouble=silent, troubled_since=now - 60))
    return {
        "running for the first time": Shown(running),
        "running, a few minutes left": Shown(running, usual=300),
        "running, nearly done": Shown(running, usual=100),
        "running for longer than usual": Shown(running, usual=30),
        "running, a system is silent": Shown(trouble),
        "a build of no target is running": Shown(at(State.RUNNING, target="web")),
    }


def built(now: float) -> tuple[Step, ...]:
    finished = _("build {build} finished", build="<https://jenkins.example/1|#1>")
    image = _("image `{image}`", image="trunk-r1841-1")
    return Step("build", now - 80, now - 20, {}, finished), Step("image", now - 20, now - 20, "", image)


def stops(now: float) -> Table:
    return {
        "stopping": Shown(at(State.ABORTING, steps=built(now), stopped_by=EVA.id)),
        "stopping for a rollback": Shown(at(State.ABORTING, stopped_by="m2p4")),
        "stopping, as nobody answered": Shown(at(State.ABORTING, stopped_by=NOBODY)),
    }


def nothing_left(now: float) -> Stuck:
    question = _("With 0 replicas nothing of {target} runs any more. Go on?", target="web/trunk")
    return Stuck(question, until=now + 600)


def undecided(*builds: int) -> Stuck:
    """As Jenkins leaves it, where any of these may be the operation's own."""
    try:
        only(
            "web-build",
            [{"number": number, "queueId": number} for number in builds] or [{"id": 3}, {"id": 4}],
        )
    except NeedsPerson as trouble:
        return Stuck(trouble.problem, trouble.step, trouble.builds, since=ASKED.opened)
    raise AssertionError


def needs_somebody(now: float) -> Table:
    def stuck(*builds: int, **fields: Any) -> Shown:
        return Shown(at(State.STUCK, stuck=undecided(*builds), **fields))

    return {
        "asks": Shown(at(State.ASKING, stuck=nothing_left(now))),
        "stuck": stuck(),
        "stuck over two builds": stuck(1, 2),
        "stuck over two builds while it is stopped": stuck(1, 2, stopped_by=EVA.id),
    }


def ends(now: float) -> Table:
    steps, nothing = built(now), _("Nothing was started.")
    live = _("{image} is live on {target}.", image="trunk-r1841-1", target="web/trunk")
    was = _("It ran {image} before.", image="releases-r1798-40")
    took = _("Build #{build} failed after {took}.", build=1, took=duration(60))
    failed = Outcome(
        took, excerpt=LOG, events=("BackOff: restarting",), errors=("3× ERROR cannot start",)
    )  # as the systems say it
    fault = Outcome(_("Sorry, Shipmate itself failed here."), reference="k7f3-2", link="https://x.example")
    denied = sentences(with_reason(_("Denied by {name}", name="olga"), "not today"), nothing)
    expired = _("Nobody approved it within {minutes} min. Nothing was started.", minutes=15)
    refusal = raised(lambda: must_roll(Workload("web:1", 3, 3, paused=True), "web/trunk"))
    assert isinstance(refusal, Refused)
    outcomes = {
        "done": (State.SUCCEEDED, Outcome(sentences(live, was))),
        "failed": (State.FAILED, failed),
        "failed by a fault of Shipmate's": (State.FAILED, fault),
        "cancelled": (State.CANCELLED, Outcome(untouched("web/trunk"))),
        "denied": (State.DENIED, Outcome(denied)),
        "expired": (State.EXPIRED, Outcome(expired)),
        "refused": (State.REFUSED, Outcome(refusal.words, offers=refusal.offers)),
    }
    begun = (State.SUCCEEDED, State.FAILED)
    return {
        name: Shown(
            at(state, outcome=outcome, finished=ASKED.opened + 95, steps=steps if state in begun else ())
        )
        for name, (state, outcome) in outcomes.items()
    }
