"""What going back to an image brings with it, beside the image: replicas, and the configuration, which stays."""

from __future__ import annotations

import time

from bot.faults import Refused, WayBack
from bot.language import N_, _, counted
from bot.mrkdwn import inert
from bot.ports import Place, Workload
from commands.past import Earlier, Past
from commands.rolling import tag

SHOWN = 8
"""So many differences are named in a refusal."""
UNDO = (
    "kubectl rollout undo {kind}/{name} --namespace {namespace} --to-revision={number}"  # not said: is typed
)
PUSHED_AGAIN = N_(
    "Its tag was pushed again since: another image, which never ran here. `deploy` or `promote` brings it."
)
OF_OLD = N_(
    "Its configuration has changed since revision {number}: {what}. Shipmate changes images only; "
    "`{command}` brings the configuration back."
)


def consequences(now: Workload, past: Past, current: str, image: str, number: int | None) -> list[str]:
    """How many replicas, and what differs between the two revisions beside the image. `number`: of the revision
    that was named, if one was."""
    lines = [counted("{n} replica", "{n} replicas", now.wanted)]
    if now.paused:
        lines.append(_("rollouts were paused: they go on with this"))
    there, differs = past.revision(image, number), past.differs(current, image, number)
    if there is not None and differs:
        since = N_("configuration stays as it is; since revision {number} it has changed:")
        lines.append(_(since, number=there.number))
    return lines + [f"• {line}" for line in differs or ()]


def runs_already(
    target: str, place: Place, past: Past, image: str, number: int | None, pushed_again: bool = False
) -> Refused:
    """Another image is all that a rollback sets; who names what runs may have meant a configuration of before.
    `number`: of the revision that was named, if one was."""
    other = past.revision(image, number) if number is not None else past.other_revision(image)
    said = _("{target} runs `{image}` already: nothing was changed.", target=target, image=tag(image))
    if pushed_again:
        again = N_(
            "Its tag was pushed again since: another image, which never ran here. `deploy` or `promote` brings it."
        )
        return Refused(said, _(again))
    differs = past.differs(image, image, other.number) if other else None
    if other is None or not differs:
        words = target.replace("/", " in ")
        hint = N_("`{command}` shows what else ran well.")
        return Refused(said, _(hint, command=f"rollback {words}"))
    what = _("; ").join((*map(inert, differs[:SHOWN]), *["…"] * (len(differs) > SHOWN)))
    names = {"kind": place.kind.lower(), "name": place.name, "namespace": place.namespace}
    command = UNDO.format(number=other.number, **names)
    return Refused(said, _(OF_OLD, number=other.number, what=what, command=command))


def back_to(command: str, now: Workload, past: Past, earlier: Earlier) -> WayBack:
    """What the dialog of a button tells that goes back to `earlier` by `command`."""
    differs = past.differs(now.image, earlier.image)
    return WayBack(
        command,
        tag(now.image),
        tag(earlier.image),
        round(time.time() - earlier.since),
        now.wanted,
        differs if differs is None else tuple(differs),
    )
