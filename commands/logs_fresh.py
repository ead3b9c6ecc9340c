"""How old the newest line is, and whose silence that is: the program's, or the log pipeline's."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from bot.backends import Backends
from bot.faults import Refused, Unavailable
from bot.language import _
from bot.reply import Button
from bot.words import duration

if TYPE_CHECKING:
    from commands.logs_answer import Asked

FRESH = timedelta(minutes=1)


@dataclass(frozen=True)
class Freshness:
    """`words`: "" while lines arrive as they should. `from_pod`: the command that asks the pod itself."""

    words: str = ""
    from_pod: str = ""


def freshness(newest: datetime | None, asked: Asked, on: Backends) -> Freshness:
    """Told when the newest line of the target is over a minute old.

    Where the lines of other targets are fresh, the pipeline works and this one is only quiet.
    """
    now, command = asked.window.now, asked.command
    if newest is not None and now - newest <= FRESH:
        return Freshness()
    from_pod = f"logs {command.project} in {command.environment} from pod"  # not said: a command
    if newest is None:
        return Freshness(
            _("Nothing of {target} ever arrived in the log store.", target=str(command.target)), from_pod
        )
    age = duration((now - newest).total_seconds())
    others = _newest_of_all(asked, on)
    if others is None or now - others > FRESH:
        behind = duration((now - max(newest, others or newest)).total_seconds())
        words = _(
            "The log pipeline is {behind} behind: the newest line is {age} old. `logs pipeline` says where.",
            behind=behind,
            age=age,
        )
        return Freshness(words, from_pod)
    return Freshness(_("The newest line is {age} old; other targets' logs arrive.", age=age), from_pod)


def pod_button(fresh: Freshness) -> tuple[Button, ...]:
    """What helps while the log store is behind."""
    return (Button(_("The pod's own log"), fresh.from_pod),) if fresh.from_pod else ()


def _newest_of_all(asked: Asked, on: Backends) -> datetime | None:
    """Of every other target in the same store, and of whatever else is in an index that targets share."""
    own = asked.source
    sources = [on.settings.target(*target).logs for target in on.settings.targets()]
    indices = [one.index for one in sources if one and one.elasticsearch == own.elasticsearch]
    shared = bool(own.filters) or indices.count(own.index) > 1
    wanted = {index for index in indices if shared or index != own.index}
    try:
        found = on.logs(own.elasticsearch).newest(sorted(wanted))
    except (Refused, Unavailable):  # a note less; the lines themselves are there
        return None
    return max((at for at in found.values() if at is not None), default=None)
