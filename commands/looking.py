"""What status and board share: the targets that somebody may see, what runs there, and whose they are."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass, replace

from bot.backends import Backends
from bot.command import Query
from bot.faults import Failed, Refused, Unavailable
from bot.grammar import Environment, Project
from bot.language import _
from bot.locks import Lock
from bot.mrkdwn import inert
from bot.ports import Person
from bot.reply import Block, Button, Buttons, Reply, Text
from bot.settings import Target
from bot.story import Story
from bot.words import at_moment, commas
from bot.workloads import Workload

Found = Workload | str
"""What runs, or why that is not known."""
ROOMY = 20
"""So many projects have a block each; more would go beyond the 50 of a message."""


@dataclass(frozen=True)
class Overview(Query):
    """A question about everything that the asker may see, or about a part of it."""

    project: Project | None = None
    environment: Environment | None = None
    all: bool = False
    """Also those that one does not ship, and in a channel that stands for one project."""

    def run(self, story: Story, on: Backends) -> Reply:
        """What a channel stands for goes without saying; a button shows the rest."""
        asker = story.operation.actor
        here = on.here.defaults(story.operation.origin.channel).get(Project)
        seen = {name for name, _environment in on.policy.visible(asker, self.verb)}
        if here not in seen or self.project or self.environment or self.all:
            return self.answer(asker, on)
        reply = replace(self, project=Project(here)).answer(asker, on)
        everything = Buttons((Button(_("All projects"), f"{self.verb} --all"),))
        return replace(reply, blocks=(*reply.blocks, everything))


def seen_by(
    asker: Person, verb: str, project: Project | None, environment: Environment | None, on: Backends
) -> list[Target]:
    """The targets on which the asker may use `verb`, of that project and environment; None: of any.

    Raises Refused when there are none.
    """
    visible = on.policy.visible(asker, verb)
    targets = [
        on.settings.target(name, where)
        for name, where in on.settings.targets()
        if (name, where) in visible and project in (None, name) and environment in (None, where)
    ]
    if not targets:
        raise Refused(_("There is nothing there that you may see."))
    return targets


def look(targets: list[Target], on: Backends) -> list[Found]:
    """What runs at each. Several are asked for together: a board costs a cluster a few lists, not a call each."""
    if len(targets) == 1:
        return [_one(targets[0], on)]
    found: dict[str, Found] = {}
    silent: dict[str, str] = {}
    """Cluster -> why it does not answer: it is not waited for once for each namespace."""
    for cluster, namespace in dict.fromkeys((target.cluster, target.place.namespace) for target in targets):
        here = [each for each in targets if (each.cluster, each.place.namespace) == (cluster, namespace)]
        try:
            running = (
                {} if cluster in silent else on.cluster(cluster).workloads([each.place for each in here])
            )
        except Unavailable as trouble:
            silent[cluster] = str(trouble)
        except (Refused, Failed) as problem:  # what may not be read there says nothing of the others
            found |= dict.fromkeys(map(str, here), str(problem))
            continue
        if cluster in silent:
            found |= dict.fromkeys(map(str, here), silent[cluster])
        else:
            found |= {str(each): running.get(each.place, _missing(each)) for each in here}
    return [found[str(target)] for target in targets]


def _one(target: Target, on: Backends) -> Found:
    try:
        return on.cluster(target.cluster).workload(target.place)
    except (Unavailable, Refused, Failed) as problem:
        return str(problem)


def _missing(target: Target) -> str:
    place = target.place
    return _(
        "Kubernetes ({cluster}) has no {kind} {place}.",
        cluster=target.cluster,
        kind=place.kind,
        place=f"{place.namespace}/{place.name}",
    )


def paragraphs(said: list[str]) -> list[Block]:
    """One for each project; of many projects together as few as hold them."""
    return [Text(text) for text in (said if len(said) <= ROOMY else ["\n\n".join(said)])]


def mark(found: Found) -> str:
    if isinstance(found, str) or found.wanted == 0:
        return ":white_circle:"
    return ":large_green_circle:" if found.ready >= found.wanted and not found.trouble else ":red_circle:"


def health(found: Collection[Found]) -> str:
    """`1 not healthy, 2 not known`: what is to be read first."""
    ill, unknown = (
        sum(mark(one) == ":red_circle:" for one in found),
        sum(isinstance(one, str) for one in found),
    )
    said = [_("{count} not healthy", count=ill)] if ill else []
    said += [_("{count} not known", count=unknown)] if unknown else []
    return commas(said) if said else _("all healthy")


def unwell(found: Workload) -> str:
    """What is wrong, in a few words: colour alone tells it to nobody who cannot see it. Empty: nothing."""
    if found.wanted == 0:
        return f" · {_('0 replicas')}"
    short = found.ready < found.wanted
    ready = _("{ready} of {wanted} ready", ready=found.ready, wanted=found.wanted) if short else ""
    trouble = inert(re.split("[:：]", found.trouble[0])[0]) if found.trouble else ""
    return "".join(f" · {words}" for words in (ready, trouble) if words)


def brief(lock: Lock) -> str:
    """`:lock: @qa until 16:05: regression 3.2`."""
    sign = ":lock:" if lock.kind == "lock" else ":snowflake:"
    who = f" <@{lock.owner}>" if lock.owner else ""
    held = _("{sign}{who} until {time}", sign=sign, who=who, time=at_moment(lock.until))
    if not lock.reason:
        return held
    return _("{held}: {reason}", held=held, reason=inert(lock.reason))
