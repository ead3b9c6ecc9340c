"""What changes ask before they go on, and what they say once they were stopped and undone."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import asdict, replace
from typing import Any, cast

import pytest

from bot.catalogue import Catalogue
from bot.command import Change
from bot.faults import Failed
from bot.grammar import Parsed
from bot.language import LANGUAGES, _, speaking
from bot.operation import Operation, Origin, Step, Waiting
from bot.ports import Autoscaler, Place, Workload
from bot.story import Story
from commands import bounds, pause, scale
from commands.past import CHOSEN, confirm_bad, confirm_outside
from commands.rolling import BEFORE, ROLLOUT, follow, set_image
from tests.golden.drawn import named
from tests.golden.plainly import same
from tests.golden.standing_in import Cluster, Memory, backends, question, refusal, story
from tests.golden.telling import INDENT, SAID, SCENES, golden
from tests.golden.test_targets import image, past
from tests.ledger_support import CHANNEL, EVA
from tests.sample import settings

PATHS = {language: SAID / "undone" / f"{language}.txt" for language in LANGUAGES}
SCENES.update(PATHS.values())
SHOP = settings()
CATALOGUE = Catalogue(SHOP)
NOW = Workload(image("r671"), wanted=3, ready=3)
PLACE = Place("trunk", "Deployment", "web", "web")


def change(text: str) -> Change:
    parsed = CATALOGUE.parse(text)
    assert isinstance(parsed, Parsed)
    return cast(Change, parsed.command)


def begun(text: str, steps: dict[str, Any], **more: Any) -> Story:
    """A change of which these steps are done; one without a result was begun, and nobody knows its end."""
    at, plan = time.time(), {"cluster": "main", "place": asdict(PLACE), "bounds": {"min": 0, "max": 20}}
    recorded = tuple(Step(name, at, None if found is None else at, found) for name, found in steps.items())
    verb, origin = text.partition(" ")[0], Origin(CHANNEL)
    asked = Operation("k7f3", verb, text, "change", EVA, origin, "web/trunk", plan=plan, steps=recorded)
    return story(replace(asked, **more))


def undone() -> Iterator[tuple[str, str]]:
    """What a change that was stopped has left."""
    six, had = "scale web in trunk to 6", {scale.HAD: {"wanted": 3, "count": 6, "image": NOW.image}}
    autoscaler = asdict(Autoscaler("web", 2, 8, 3, 3))
    between, kept = "bounds web in trunk from 3 to 12", {bounds.HAD: autoscaler, bounds.SET: autoscaler}
    back = "rollback web in trunk to r670"
    rolled = {BEFORE: NOW.image, CHOSEN["rollback"]: image("r670"), ROLLOUT: 1}
    stopped: list[tuple[str, str, dict[str, Any], str]] = [
        (six, "before it began", {}, ""),
        (six, "its replicas were set", {**had, scale.SET: 2}, ""),
        (six, "nobody knows whether they were set", {**had, scale.SET: None}, ""),
        (six, "somebody else was at work", {**had, scale.SET: 2}, "9"),
        (between, "its bounds were set", kept, ""),
        (between, "somebody else was at work", kept, _("{low} to {high}", low=2, high=20)),
        (back, "somebody else was at work", rolled, image("hotfix")),
        *(
            (f"{verb} web in trunk", f"it was {'' if was else 'not '}paused before", steps, "")
            for verb in ("pause", "resume")
            for was in (True, False)
            for steps in [{pause.WAS: was, pause.SET: 2}]
        ),
    ]
    for text, what, steps, found in stopped:
        on = backends(SHOP, Cluster(NOW, found=found))
        yield f"{text}, stopped: {what}", change(text).abort(begun(text, steps), on)


def asks() -> Iterator[tuple[str, str]]:
    """What only a person can answer."""
    cluster, memory = Cluster(NOW), Memory(past())
    on = backends(SHOP, cluster, memory)
    none = begun("scale web in trunk to 0", {scale.HAD: {"wanted": 3, "count": 0, "image": NOW.image}})
    yield "scale to 0", question(none, lambda: change("scale web in trunk to 1").run(none, on))
    text = "rollback web in trunk to r670 replacing r672"
    moved = begun(text, {})
    yield text, question(moved, lambda: change(text).run(moved, on))
    other = begun("deploy web to trunk", {BEFORE: NOW.image})
    hotfix = cast(Any, Cluster(NOW, found=image("hotfix")))
    yield (
        "deploy: another image is set",
        question(other, lambda: set_image(other, hotfix, PLACE, image("r675"))),
    )
    bad = begun("deploy web to trunk", {})
    yield "deploy: its image is bad", question(bad, lambda: confirm_bad(bad, on, image("r672")))
    marked = [one.with_step(Step("revision", 0, 0, "1672")) if one.id == "k7f3" else one for one in past()]
    also = backends(SHOP, cluster, Memory(marked))
    twin = begun("deploy web to trunk at r1672", {})
    yield "deploy: its code is bad", question(twin, lambda: confirm_bad(twin, also, image("r676"), "1672"))
    outside, here = begun("deploy web to trunk", {}), cast(Any, cluster)
    yield (
        "deploy: somebody else's image runs",
        question(outside, lambda: confirm_outside(outside, on, here, PLACE, image("hotfix"))),
    )


def ends() -> Iterator[tuple[str, str]]:
    """How it ends where pods do not become healthy in time, also while it is undone."""
    late, slow = time.time() - 600, cast(Any, Cluster(NOW))
    on = backends(SHOP, slow)
    healthy = Waiting("rollout healthy", late, late + 599)
    deploy = begun("restart web in trunk", {}, waiting=healthy)
    back = begun(
        "rollback web in trunk to r670",
        {BEFORE: NOW.image, CHOSEN["rollback"]: image("r670"), ROLLOUT: 1},
        waiting=replace(healthy, step="healthy again"),
    )
    with pytest.raises(Failed) as end:
        follow(deploy, slow, PLACE, 2, NOW.image, 600, on)
    yield "restart web in trunk: it takes too long", end.value.reason
    back.operation = back.operation.with_step(Step("put back", late, late, 3))
    with pytest.raises(Failed) as end:
        change("rollback web in trunk to r670").abort(back, on)
    yield "rollback web in trunk to r670, stopped: it takes too long", end.value.reason


def refused() -> Iterator[tuple[str, list[str]]]:
    """What cannot be done as it was asked for."""
    many = backends(SHOP, Cluster(replace(NOW, wanted=30)))
    both = "scale web in trunk to 6 by +2"
    yield both, refusal(lambda: change(both).plan(SHOP))
    while_ = cast(scale.Scale, change("scale web in trunk to 6 for 2h"))
    yield "scale web in trunk to 6 for 2h: it has 30", refusal(lambda: while_.foretell(many))


def not_understood() -> Iterator[tuple[str, str]]:
    for text in ("bounds web in trunk", "bounds web in trunk from 3", "scale web in trunk by much"):
        problem = CATALOGUE.parse(text)
        assert not isinstance(problem, Parsed)
        yield text, problem.message


@pytest.mark.parametrize("language", LANGUAGES)
def test_undone(language: str, request: pytest.FixtureRequest) -> None:
    lines = ["# What changes ask before they go on, how they end, and what undoing them leaves.", ""]
    with speaking(language):
        parts = (("asks", asks()), ("told", undone()), ("ends", ends()), ("told", not_understood()))
        said = [(what, named(name, words)) for name, part in parts for what, words in part]
        for what, words in (*said, *refused()):
            lines += [f"({what})", "", *(f"{INDENT}{line}" for line in words), ""]
    golden(PATHS[language], same("\n".join(lines), []), request.config.getoption("--rewrite-goldens"))
