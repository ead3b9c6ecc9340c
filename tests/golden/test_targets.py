"""What is said of one target when asked: what runs there, what ran there, and what a change would do."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

import pytest

from bot.catalogue import Catalogue
from bot.command import Query, discover
from bot.faults import Unavailable
from bot.grammar import Parsed
from bot.language import LANGUAGES, _, speaking
from bot.lifecycle import State
from bot.locks import Lock
from bot.operation import Operation, Origin, Outcome, Step
from bot.ports import Autoscaler, Person, Revision, Workload
from bot.settings import Settings, load
from bot.workloads import Configuration, Restarts
from commands.past import CHOSEN
from commands.rolling import BEFORE, MAY_ROLL, ROLLOUT, WELL
from tests.golden.plainly import same
from tests.golden.standing_in import Cluster, Memory, backends, refusal, shown, story
from tests.golden.telling import INDENT, SAID, SCENES, golden
from tests.ledger_support import CHANNEL, EVA
from tests.sample import ENV, changed_shop

PATHS = {language: SAID / "targets" / f"{language}.txt" for language in LANGUAGES}
SCENES.update(PATHS.values())
STRANGER = Person("U0GUEST", "guest", "", "T0SHOP", frozenset())
HOUR = 3600


def shop(folder: Path) -> Settings:
    """The sample, with approvals, and with targets that may have no replicas."""

    def change(plain: dict[str, Any]) -> None:
        plain["defaults"]["target"]["replicas"]["min"] = 0
        approvals = {"role": "oncall", "count": 1, "commands": ["scale"]}
        plain["environments"]["product"]["approvals"] = approvals

    return load(changed_shop(folder, change), ENV, [command.verb for command in discover("commands")])


def image(tag: str, project: str = "web") -> str:
    return f"harbor.shop.example/{project}/{project}:{tag}"


def did(id: str, verb: str, tag: str, hours: int, before: str, **more: Any) -> Operation:  # noqa: A002
    """A change that has ended, so many hours ago."""
    at = time.time() - hours * HOUR
    names = ((BEFORE, image(before)), (MAY_ROLL, WELL), (CHOSEN[verb], image(tag)), (ROLLOUT, 1))
    steps = tuple(Step(name, at, at, result) for name, result in names)
    text, origin = f"{verb} web {'to' if verb == 'deploy' else 'in'} trunk", Origin(CHANNEL)
    done = Operation(id, verb, text, "change", EVA, origin, "web/trunk", steps=steps, opened=at, finished=at)
    return replace(done, **{"state": State.SUCCEEDED, "outcome": Outcome("", image=image(tag)), **more})


def past() -> list[Operation]:
    """r672 failed and was rolled back from; r671, r670 and r669 ran well."""
    crash = Outcome(_("No pod serves."))
    return [
        did("m2p4", "rollback", "r671", 1, "r672"),
        did("k7f3", "deploy", "r672", 2, "r671", state=State.FAILED, outcome=crash),
        did("h5d2", "deploy", "r671", 24, "r670"),
        did("g4c9", "deploy", "r670", 48, "r669"),
    ]


def revision(number: int, tag: str, operation: str = "", **environment: str) -> Revision:
    created = datetime.fromtimestamp(time.time() - (40 - number) * 3 * HOUR, UTC)
    return Revision(
        number, image(tag), created, operation=operation, configuration=Configuration(environment)
    )


def told(settings: Settings) -> Iterator[tuple[str, list[str]]]:
    catalogue = Catalogue(settings)

    def asks(text: str, cluster: Cluster, memory: Memory, by: Person = EVA, **more: Any) -> list[str]:
        parsed = catalogue.parse(text)
        assert isinstance(parsed, Parsed)
        return shown(cast(Query, parsed.command).answer(by, backends(settings, cluster, memory, **more)))

    def refused(text: str, cluster: Cluster, memory: Memory, by: Person = EVA, **more: Any) -> list[str]:
        return refusal(lambda: asks(text, cluster, memory, by, **more))

    now = Workload(image("r671"), wanted=3, ready=3, revision="12")
    yield from _runs(asks, refused, now)
    yield from _would(asks, refused, now)
    yield from _back(asks, refused, now)
    parsed = catalogue.parse("status")
    assert isinstance(parsed, Parsed)
    here = backends(settings, Cluster(now), here="web")
    asked = Operation("q3r8", "status", "status", "query", EVA, Origin(CHANNEL))
    yield "status in the channel of web", shown(cast(Query, parsed.command).run(story(asked), here))


def _runs(asks: Callable[..., list[str]], refused: Callable[..., list[str]], now: Workload) -> Any:
    under_way = did("r6t2", "deploy", "r673", 0, "r671", state=State.RUNNING)
    scaled = replace(now, autoscaler=Autoscaler("web", 2, 8, 3, 3), restarts=Restarts(3))
    paused = replace(
        now, paused=True, ready=2, revision="", restarts=Restarts(2, exact=False), operation="z9z9"
    )
    one = "status web in trunk"
    yield f"{one}: scaled by itself", asks(one, Cluster(scaled), Memory(past(), under_way))
    badly = replace(now, image=image("r672"), operation="k7f3", ready=0)
    yield f"{one}: what failed runs", asks(one, Cluster(badly), Memory(past()))
    off = replace(scaled, wanted=0, ready=0, restarts=Restarts())
    yield f"{one}: nothing runs", asks(one, Cluster(off), Memory())
    yield f"{one}: a partition keeps two pods", asks(one, Cluster(replace(now, kept=2)), Memory())
    yield f"{one}: paused", asks(one, Cluster(paused), Memory())
    yield f"{one}: somebody who may see nothing", refused(one, Cluster(now), Memory(), STRANGER)
    kept = [revision(12, "r671", "m2p4"), revision(11, "hotfix"), revision(10, "r660", "z9z9")]
    kept.insert(0, replace(revision(13, "r669"), later=True))
    asked = "history web in trunk"
    yield f"{asked}: others were at work, too", asks(asked, Cluster(now, kept), Memory(past()))
    silent = Cluster(now, fails=Unavailable("Kubernetes (main)", _("did not answer in time")))
    yield f"{asked}: the cluster is silent", asks(asked, silent, Memory(past()))


def _would(asks: Callable[..., list[str]], refused: Callable[..., list[str]], now: Workload) -> Any:
    """Dry runs of what changes the number of replicas."""
    busy = Memory([], did("r6t2", "deploy", "r673", 0, "r671", state=State.RUNNING))
    lock = Lock("lock", "web/trunk", "U0QA", "regression 3.2", 1_799_990_000, 1_800_000_000)
    nothing, locked = "scale web in trunk to 0 --dry-run", {"locks": (lock,)}
    yield f"{nothing}, which is locked", refused(nothing, Cluster(now), busy, **locked)
    for text in (
        nothing,
        "scale web in product to 6 for 2h --dry-run",
        "rollback web in trunk to r670 --dry-run",
    ):
        memory = replace(busy, past_=past()) if "rollback" in text else busy
        yield f"{text}, while something is under way", asks(text, Cluster(now), memory)
    for text in ("deploy web to trunk --dry-run", "deploy web to trunk at r672 --dry-run"):
        yield f"{text}: 0 replicas", asks(text, Cluster(replace(now, wanted=0, ready=0)), Memory(past()))
    by_hand = Cluster(replace(now, by_hand=True))
    yield "restart web in trunk --dry-run: OnDelete", refused("restart web in trunk --dry-run", by_hand, busy)
    held = replace(lock, since=time.time() - 60, until=time.time() + 3600)
    for text in (
        "scale web in trunk to 4 --when-unlocked --dry-run",
        "scale web in trunk to 4 in 2h --dry-run",
    ):
        yield f"{text}, while it is locked", asks(text, Cluster(now), Memory(), locks=(held,))
    scaled = Cluster(replace(now, autoscaler=Autoscaler("web", 2, 8, 3, 3)))
    text = "bounds web in trunk from 3 to 12 --dry-run"
    yield text, asks(text, scaled, Memory())


def _back(asks: Callable[..., list[str]], refused: Callable[..., list[str]], now: Workload) -> Any:
    """Ways back, and none."""
    text, known = "rollback web in trunk", Memory(past())
    under_way = Memory(past(), did("r6t2", "deploy", "r673", 0, "r671", state=State.RUNNING))
    yield f"{text}: something is under way", asks(text, Cluster(now), under_way)
    paused = Cluster(
        replace(now, paused=True), [revision(12, "r671", MODE="b"), revision(9, "r669", MODE="a")]
    )
    lost = {"gone": (image("r670"),)}
    dry = f"{text} to previous --dry-run"
    yield f"{dry}: paused, and the registry lost r670", asks(dry, paused, known, **lost)
    yield (
        f"{text} to r670 --dry-run: which is lost",
        refused(f"{text} to r670 --dry-run", paused, known, **lost),
    )
    yield f"{text} to r672 --dry-run: which is bad", asks(f"{text} to r672 --dry-run", Cluster(now), known)
    others = Cluster(now, [revision(12, "r671"), revision(39, "r700")])
    yield f"{text}: somebody else set an image", asks(text, others, known)
    yield f"{dry}: somebody else set an image", asks(dry, others, known)
    yield f"{dry}: only others set images", refused(dry, others, Memory())
    job = "rollback pay in trunk to r9 --dry-run"
    own = [replace(revision(n, f"r{n}"), image=image(f"r{n}", "pay")) for n in (12, 9)]
    yield job, asks(job, Cluster(replace(now, image=own[0].image), own), Memory())
    twice = [revision(12, "r671"), revision(8, "trunk-r1841-2"), revision(7, "trunk-r1841-1")]
    yield f"{text} to 1841: built twice", refused(f"{text} to 1841 --dry-run", Cluster(now, twice), Memory())
    yield f"{text} to 9.9.9: all new", refused(f"{text} to 9.9.9 --dry-run", Cluster(now), Memory())


@pytest.mark.parametrize("language", LANGUAGES)
def test_targets(language: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    lines = ["# What is said of one target: what runs there, what ran there, what a change would do.", ""]
    with speaking(language):
        for what, words in told(shop(tmp_path)):
            lines += [f"({what})", "", *(f"{INDENT}{line}" for line in words), ""]
    golden(PATHS[language], same("\n".join(lines), []), request.config.getoption("--rewrite-goldens"))
