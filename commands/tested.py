"""What runs healthy in an environment, by its digest: what pass, fail and promote go by."""

from __future__ import annotations

import time
from dataclasses import dataclass

from bot.backends import Backends
from bot.faults import Refused
from bot.images import ImageName
from bot.language import _
from bot.lifecycle import State
from bot.settings import Target
from bot.trials import Trial
from bot.workloads import Workload
from commands.rolling import tag


@dataclass(frozen=True)
class Tested:
    """An image that runs healthy now, and since when."""

    image: str
    digest: str
    trial: Trial


def running(target: Target, on: Backends) -> Tested:
    """What runs healthy there now, remembered. Raises Refused when nothing does, or not one image alone."""
    cluster = on.cluster(target.cluster)
    found = cluster.workload(target.place)
    if found.paused or found.trouble or not found.wanted or found.ready < found.wanted:
        state = _("; ").join(found.trouble) or _(
            "{ready} of {wanted} ready", ready=found.ready, wanted=found.wanted
        )
        raise Refused(
            _("{target} is not healthy: {state}. Nothing was changed.", target=target, state=state),
            _("See `status`."),
        )
    if not found.digest:
        raise Refused(
            _(
                "The pods of {target} do not all run the same image of {image}. Nothing was changed.",
                target=target,
                image=tag(found.image),
            ),
            _("Wait for its rollout to end."),
        )
    now = time.time()
    trial = Trial(found.digest, found.image, _since(target, found, on), now)
    on.trials.see(str(target), trial)
    return Tested(found.image, found.digest, trial)


def trial_of(target: Target, digest: str, on: Backends) -> Trial | None:
    """How an image ran there: by what runs now, else by what is remembered."""
    try:
        found = running(target, on)
    except Refused:
        return on.trials.trial(str(target), digest)
    return found.trial if found.digest == digest else on.trials.trial(str(target), digest)


def must_be_unmoved(image: str, digest: str, where: str, on: Backends) -> None:
    """Raises Refused when the registry lost the image, or its tag names another one since."""
    registry, name = on.registry(image), ImageName.parse(image)
    if registry is None:
        return
    if registry.find(f"{name.place}@{digest}") is None:
        raise Refused(
            _(
                "{registry} no longer has {image}: it cannot be promoted. Nothing was changed.",
                registry=name.host,
                image=tag(image),
            )
        )
    pushed = registry.find(f"{name.place}:{name.tag}") if name.tag else None
    if pushed is not None and pushed.digest != digest:
        raise Refused(
            _(
                "The tag {tag} was moved since it was tested: it names {now} now, and {environment} runs "
                "{tested}. Nothing was changed.",
                tag=name.tag,
                now=short(pushed.digest),
                environment=where,
                tested=short(digest),
            ),
            _("What was tested is no longer what the tag says: push a new tag and test that."),
        )


def _since(target: Target, found: Workload, on: Backends) -> float:
    """When it became healthy, by our own record; else since the cluster asked for that revision;
    now, where neither knows."""
    latest = next((op for op in on.ledger.past(str(target)) if op.outcome and op.outcome.image), None)
    if latest and latest.state is State.SUCCEEDED and latest.outcome and latest.outcome.image == found.image:
        return latest.finished or latest.opened
    revisions = on.cluster(target.cluster).revisions(target.place)
    since = (
        time.time() if revision.later else revision.since.timestamp()
        for revision in revisions
        if revision.image == found.image
    )
    return max(since, default=time.time())


def short(digest: str) -> str:
    """The first twelve digits."""
    return digest.removeprefix("sha256:")[:12]
