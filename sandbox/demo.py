"""`make demo`: a scripted day in the sandbox shop, headless, checked against Jenkins and Kubernetes.

Prints the conversation as it happens. Exit status 0 when everything was as the script expects, else 1 and
the reason.
"""

from __future__ import annotations

import re
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from bot.plain import with_signs
from sandbox.chat import Said
from sandbox.slack.directory import Directory
from sandbox.stage import Stage, staged

PACE = 0.2
"""Five times as fast as a person would want to watch."""

Scene = Callable[["Day"], None]


class Day:
    """The stage, and a transcript on the terminal."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.began = time.monotonic()

    def ask(self, person: str, text: str, channel: str = "#deploys") -> Said:
        """Somebody mentions the bot; the first answer."""
        self._print(channel, person, f"@shipmate {text}")
        said = self.stage.chat.says(text, by=person, channel=channel)
        if said.only_for:
            self._print(channel, "shipmate", f"(only for {person}) {said.shown}")
        return said

    def run(self, person: str, text: str, channel: str = "#deploys") -> Said:
        """Ask for a change and wait until it has ended."""
        said = self.ask(person, text, channel)
        expect(said.only_for is None, f"{text}: an operation, not: {said.text}")
        self.stage.chat.ends(said)
        self._print(channel, "shipmate", said.shown)
        self._print(channel, "shipmate", f"(in the thread) {said.replies[-1].shown.splitlines()[0]}")
        return said

    def tap(self, person: str, said: Said, label: str) -> Said:
        """A button that starts a change, until that has ended."""
        channel = self.stage.world.slack.slack.channels[said.message.channel].name
        self._print(f"#{channel}", person, f"taps [{label}]")
        started = self.stage.chat.taps(said, label, by=person)
        self.stage.chat.ends(started)
        self._print(f"#{channel}", "shipmate", started.shown)
        return started

    def query(self, person: str, text: str, channel: str = "#deploys") -> Said:
        said = self.ask(person, text, channel)
        if not said.only_for:
            self._print(channel, "shipmate", said.shown)
        return said

    def _print(self, channel: str, who: str, text: str) -> None:
        at = f"{time.monotonic() - self.began:5.1f}s"
        first, *rest = readable(text, self.stage.world.slack.slack).splitlines() or [""]
        print(f"{at} {channel:<9} {who:>9}  {first}", flush=True)  # noqa: T201
        for line in rest:
            print(f"{'':27}{line}", flush=True)  # noqa: T201

    # -- what the systems say, for the checks

    def image(self, project: str, environment: str) -> str:
        return self.stage.thread.call(self.stage.world.kubernetes.image, environment, project)

    def replicas(self, project: str, environment: str) -> tuple[int, int]:
        """(wanted, available)."""
        found = self.stage.thread.call(self.stage.world.kubernetes.deployment, environment, project)
        return found["spec"]["replicas"], found["status"].get("availableReplicas", 0)

    def triggers(self, job: str) -> int:
        return sum(trigger.job == job for trigger in self.stage.world.jenkins.triggers)

    def patches(self) -> int:
        return len(self.stage.world.kubernetes.patches)


def expect(held: bool, what: str) -> None:
    if not held:
        raise AssertionError(what)


def readable(text: str, people: Directory) -> str:
    """Slack's markup as a terminal can show it."""

    def name(match: re.Match[str]) -> str:
        person = people.people.get(match[1])
        return f"@{person.name}" if person else match[0]

    text = re.sub(r"<@([A-Z0-9]+)>", name, text)
    text = re.sub(r"<!date\^\d+\^[^|]*\|([^>]+)>", r"\1", text)
    text = re.sub(r"<[^|>\s]+\|([^>]+)>", r"\1", text)
    text = with_signs(text).replace("\u2060", "").replace("\u200b", "")
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


# -- the day


def engineer_deploys(day: Day) -> None:
    """1. The engineer deploys web to trunk."""
    said = day.run("engineer", "deploy web to trunk")
    expect(day.triggers("web-build") == 1, "one build of web")
    expect("/web/web:trunk-" in day.image("web", "trunk"), "the new image in trunk")
    expect(day.replicas("web", "trunk") == (3, 3), "3 of 3 healthy in trunk")
    expect(len(said.message.revisions) >= 3, "a message that was updated in place")


def engineer_is_refused(day: Day) -> None:
    """2. The engineer tries product, and is told who may."""
    patches = day.patches()
    said = day.ask("engineer", "deploy web to product")
    expect(said.only_for == "U0ENGINEER", "a refusal that only the engineer sees")
    expect("role ops" in said.text and "<@U0OPS>" in said.text, f"who may: {said.text}")
    expect(day.triggers("web-build") == 1 and day.patches() == patches, "nothing started")


def qa_looks(day: Day) -> None:
    """3. QA asks what runs, and for errors."""
    status = day.query("qa", "status web")
    tag = day.image("web", "trunk").split(":")[-1]
    expect(f"trunk: `{tag}`" in status.text, f"what runs in trunk: {status.text}")
    logs = day.query("qa", "logs web in trunk since 10m level error")
    expect("web/trunk" in logs.text and "Open in Kibana" in logs.buttons, f"lines and a link: {logs.text}")


def a_build_fails(day: Day) -> None:
    """4. A deploy whose build fails: the console around the error."""
    before = day.image("api", "trunk")
    day.stage.thread.call(day.stage.world.jenkins.fail_next, "team/api-build")
    said = day.run("engineer", "deploy api to trunk")
    expect("FAILED" in said.text and "ERROR" in said.text, f"why it failed: {said.text}")
    expect(day.stage.world.jenkins.builds("team/api-build")[-1].result == "FAILURE", "a failed build")
    expect(day.image("api", "trunk") == before, "trunk left as it was")


def a_bad_image(day: Day) -> None:
    """5. Operations deploys a bad image to product: crash loop."""
    said = day.run("ops", "deploy web to product at r667")
    expect("CrashLoopBackOff" in said.text, f"the reason: {said.text}")
    expect("Caused by" in said.text or "ERROR" in said.text, f"the pod's log: {said.text}")
    expect("Roll back" in said.buttons, "the way back as a button")
    expect("r667" in day.image("web", "product"), "the bad image is what product asks for")


def oncall_rolls_back(day: Day) -> None:
    """6. On-call, from a phone: curly quotes, a capital, a full stop."""
    offered = day.query("oncall", "\u201cRollback web in product\u201d.", "#oncall")
    expect(len(offered.buttons) == 1, f"the image that ran well: {offered.text}")
    said = day.tap("oncall", offered, next(iter(offered.buttons)))
    expect("r667" not in day.image("web", "product"), "the good image again")
    expect(day.replicas("web", "product") == (3, 3), f"healthy again: {said.text}")


def oncall_scales(day: Day) -> None:
    """7. On-call scales up."""
    day.run("oncall", "scale web in product to 6", "#oncall")
    expect(day.replicas("web", "product") == (6, 6), "6 of 6 ready")


def qa_holds_trunk(day: Day) -> None:
    """8. QA tests in trunk, and nobody deploys over it."""
    before, triggers = day.image("web", "trunk"), day.triggers("web-build")
    day.query("qa", "lock web in trunk for 2h because regression 3.2")
    said = day.ask("engineer", "部署web到trunk")
    expect("regression 3.2" in said.text and "<@U0QA>" in said.text, f"who holds it and why: {said.text}")
    expect("Queue after unlock" in said.buttons, "a way to wait")
    expect(day.triggers("web-build") == triggers and day.image("web", "trunk") == before, "trunk untouched")
    day.query("qa", "unlock web in trunk")


def what_qa_passed_goes_live(day: Day) -> None:
    """9. One image travels: QA passes what runs in hidden, operations promote it."""
    day.run("qa", "deploy web to hidden at r1805")
    tested, triggers = day.image("web", "hidden"), day.triggers("web-build")
    day.query("qa", "pass web in hidden because regression 3.2 is green")
    card = day.query("ops", "promote web to product")
    said = day.tap("ops", card, "Promote")
    expect(day.image("web", "product").startswith(f"{tested}@sha256:"), f"that very image: {said.text}")
    expect(day.triggers("web-build") == triggers, "nothing was built again")


def guest_is_refused(day: Day) -> None:
    """10. The guest tries anything."""
    triggers, patches = len(day.stage.world.jenkins.triggers), day.patches()
    for text in ("deploy web to dev", "status", "help"):
        said = day.ask("guest", text)
        expect(said.only_for == "U0GUEST" and "guests" in said.text, f"refused: {said.text}")
    expect(len(day.stage.world.jenkins.triggers) == triggers and day.patches() == patches, "nothing started")


SCENES: tuple[Scene, ...] = (
    engineer_deploys,
    engineer_is_refused,
    qa_looks,
    a_build_fails,
    a_bad_image,
    oncall_rolls_back,
    oncall_scales,
    qa_holds_trunk,
    what_qa_passed_goes_live,
    guest_is_refused,
)


def play() -> int:
    with tempfile.TemporaryDirectory(prefix="shipmate-demo-") as folder, staged(Path(folder), PACE) as stage:
        day = Day(stage)
        for scene in SCENES:
            print(f"\n{scene.__doc__}", flush=True)  # noqa: T201
            try:
                scene(day)
            except AssertionError as reason:
                print(f"\nThe day did not go as it should: {reason}", file=sys.stderr)  # noqa: T201
                return 1
        print(f"\nA good day: {len(SCENES)} scenes in {time.monotonic() - day.began:.0f} s.")  # noqa: T201
    return 0


if __name__ == "__main__":
    sys.exit(play())
