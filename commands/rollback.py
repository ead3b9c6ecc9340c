"""rollback: back to the image that ran well before, or to the one named."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

from bot.backends import Backends
from bot.command import Change
from bot.faults import Refused
from bot.grammar.values import Environment, Project, Version
from bot.lifecycle import State
from bot.mrkdwn import inert
from bot.operation import Operation, Outcome
from bot.ports import Place, Revision
from bot.settings import Settings
from bot.story import Story
from commands.presence import must_be_kept
from commands.rolling import BEFORE, follow, put_back, set_image, tag


@dataclass(frozen=True)
class Rollback(Change):
    """Put the previous good image back, or the one you name."""

    usage = "rollback <project> in <environment> [to <version>]"
    examples = ("rollback web in product", "rollback web in trunk to revision 12")
    aliases = ("undo", "revert", "roll back")
    goes_first = True
    passes = frozenset({"lock", "freeze"})

    project: Project
    environment: Environment
    version: Version | None = None

    def plan(self, settings: Settings) -> dict[str, Any]:
        target = settings.target(self.project, self.environment)
        return {"cluster": target.cluster, "place": asdict(target.place)}

    def run(self, story: Story, on: Backends) -> Outcome:
        cluster = on.cluster(story.plan["cluster"])
        place = Place(**story.plan["place"])
        operation = story.operation

        current = story.step(BEFORE, lambda: cluster.image(place))
        image = story.step(
            "goes back to",
            lambda: self._choose(
                current, cluster.revisions(place), on.ledger.history(self.target), operation.id
            ),
            tell=lambda chosen: f"from `{inert(tag(current))}` back to `{inert(tag(chosen))}`",
        )
        must_be_kept(story, on, image)
        generation = set_image(story, cluster, place, image)
        follow(story, cluster, place, generation, image, on.settings.limits.rollout_minutes * 60)
        return Outcome(f"{self.target} is back on {tag(image)} (was {tag(current)}).", image=image)

    def abort(self, story: Story, on: Backends) -> str:
        return put_back(story, on.cluster(story.plan["cluster"]), Place(**story.plan["place"]), on)

    def _choose(
        self, current: str, revisions: list[Revision], history: list[Operation], operation_id: str
    ) -> str:
        known = list(dict.fromkeys((*images_run(history), *(r.image for r in revisions))))
        if self.version is None:
            restored = image_restored_for(operation_id, history)
            if restored:
                return restored
            bad = images_left(history)
            earlier = (image for image in known if image != current and image not in bad)
            return _first(earlier, f"There is no earlier image of {self.target} to go back to.")
        if self.version.revision is not None:
            named: Iterable[str] = (r.image for r in revisions if r.number == self.version.revision)
        else:
            named = (image for image in known if tag(image) == self.version)
        tags = ", ".join(f"`{tag(image)}`" for image in known if image != current)
        return _first(named, f"{self.target} never ran {self.version}. It ran: {tags or 'nothing else'}.")


def image_restored_for(operation_id: str, history: list[Operation]) -> str:
    """When this rollback ended what ran: the image from before that, which is as far back as was asked."""
    ended = history[0] if history and history[0].stopped_by == operation_id else None
    step = ended.step(BEFORE) if ended else None
    return str(step.result) if step and step.ended is not None else ""


def images_run(history: Iterable[Operation]) -> list[str]:
    """Images that became healthy on a target, latest first."""
    ended_well = (op.outcome for op in history if op.state is State.SUCCEEDED and op.outcome)
    return [outcome.image for outcome in ended_well if outcome.image]


def images_left(history: Iterable[Operation]) -> set[str]:
    """Images that somebody rolled back from and that did not come back since (`history`: newest first)."""
    left: set[str] = set()
    returned: set[str] = set()
    for operation in history:
        if operation.state is not State.SUCCEEDED or operation.outcome is None:
            continue
        step = operation.step(BEFORE)
        if operation.verb == "rollback" and step is not None and step.result not in returned:
            left.add(step.result)
        if operation.outcome.image:
            returned.add(operation.outcome.image)
    return left


def _first(images: Iterable[str], otherwise: str) -> str:
    for image in images:
        return image
    raise Refused(otherwise, "See `status` for what runs now.")
