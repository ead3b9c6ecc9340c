"""A cluster, a memory and a registry that answer what they are told to: for goldens of what commands say of it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any, cast

from bot.backends import Backends
from bot.faults import Changed, Refused
from bot.grammar.values import Project
from bot.language import _
from bot.ledger import Lease, Ledger
from bot.locks import Lock
from bot.operation import Operation
from bot.policy import Policy
from bot.ports import Person, Place, Revision, Room, Seen, Topic, Workload
from bot.reply import Reply
from bot.settings import Settings
from bot.story import Story, Suspended
from integrations import slack_blocks
from tests.golden import drawn
from tests.ledger_support import EVA


@dataclass
class Cluster:
    """`found`: what somebody else has set meanwhile."""

    now: Workload
    kept: list[Revision] = field(default_factory=list)
    found: str = ""
    fails: Exception | None = None

    def acting_for(self, _person: Person) -> Cluster:
        return self

    def image(self, _place: Place) -> str:
        return self.now.image

    images = image

    def workload(self, _place: Place) -> Workload:
        return self.now

    def workloads(self, places: Collection[Place]) -> dict[Place, Workload]:
        return dict.fromkeys(places, self.now)

    def revisions(self, _place: Place) -> list[Revision]:
        if self.fails:
            raise self.fails
        return self.kept

    def room(self, _place: Place, count: int) -> Room:
        return Room(count)

    def act(self, *_args: Any) -> Any:
        if self.found:
            what = _("The image of {workload}", workload="Deployment trunk/web")
            raise Changed(what, self.now.image, self.found)
        return 1

    set_image = set_replicas = pause = resume = act

    def set_bounds(self, *args: Any) -> Any:
        self.act()
        return args[-1]

    def rollout(self, _place: Place, generation: int, image: str) -> Topic:
        return Topic("kubernetes", "main", "rollout", (str(generation), image))

    def look(self, _topic: Topic) -> Seen:
        return Seen(done=False, progress=_("rollout: {count} of {wanted} ready", count=2, wanted=3))


@dataclass
class Memory:
    """What a ledger knows."""

    past_: list[Operation] = field(default_factory=list)
    holds: Operation | None = None

    def holder(self, _target: str) -> Operation | None:
        return self.holds

    def history(self, _target: str, _most: int = 0) -> list[Operation]:
        return self.past_

    def past(self, _target: str, _most: int = 0) -> Iterator[Operation]:
        return iter(self.past_)

    def get_all(self, ids: Collection[str]) -> list[Operation | None]:
        return [next((one for one in self.past_ if one.id == name), None) for name in ids]

    def write(self, _before: Operation, after: Operation, *_args: Any) -> Operation:
        return after

    def news(self, *_args: Any) -> None:
        return None


def backends(
    settings: Settings,
    cluster: Cluster,
    memory: Memory | None = None,
    gone: Collection[str] = (),
    silent: Exception | None = None,
    locks: tuple[Lock, ...] = (),
    here: str = "",
) -> Backends:
    """`gone`: images that the registry has no more; `silent`: what it raises instead; `here`: the project that the
    channel stands for."""
    verbs = ("status", "history", "rollback", "scale", "bounds", "pause", "resume", "deploy")
    policy = Policy(settings.roles, tuple(settings.targets()), {"T0SHOP"}, verbs)

    def find(image: str) -> str | None:
        if silent is not None:
            raise silent
        return None if image in gone else "there"

    registry = SimpleNamespace(find=find)
    on = SimpleNamespace(
        settings=settings,
        policy=policy,
        ledger=memory or Memory(),
        cluster=lambda _name: cluster,
        registry=lambda _image: registry,
        catalogue=SimpleNamespace(commands=()),
        directory=SimpleNamespace(person=lambda _user: EVA),
        locks=SimpleNamespace(standing=lambda _now: locks, holding_back=lambda *_args: locks),
        here=SimpleNamespace(defaults=lambda _channel: {Project: here} if here else {}),
    )
    return cast(Backends, on)


def story(operation: Operation) -> Story:
    return Story(operation, cast(Lease, None), cast(Ledger, Memory()), patience=0)


def question(of: Story, tell: Callable[[], object]) -> str:
    """What it asks before it goes on."""
    try:
        tell()
    except Suspended:
        assert of.operation.stuck is not None
        return of.operation.stuck.problem
    raise AssertionError("nothing is asked")


def refusal(tell: Callable[[], object]) -> list[str]:
    try:
        tell()
    except Refused as refused:
        offers = [f"[{label}] -> {command}" for label, command in refused.offers]
        return drawn.named("why not", "\n".join([refused.words, *offers]))
    raise AssertionError("nothing is refused")


def shown(reply: Reply) -> list[str]:
    return drawn.message(slack_blocks.summary(reply), slack_blocks.blocks(reply))
