"""What a rollback could go back to, shown with a button each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from bot.backends import Backends
from bot.command import StandIn
from bot.going_back import question
from bot.language import N_, _, counted
from bot.mrkdwn import inert, marked
from bot.ports import Person, Workload
from bot.reply import Block, Button, Buttons, Context, Reply, Text
from commands.consequences import back_to
from commands.past import Earlier, Past, past_of
from commands.presence import look
from commands.rolling import (
    tag,
)

if TYPE_CHECKING:
    from commands.rollback import Rollback

OFFERED = 5
"""So many images are proposed: more do not help at night."""
LABEL = 24
"""Characters of a button that a phone shows."""
NO_EARLIER = N_("There is no earlier image of {target} to go back to.")


@dataclass(frozen=True)
class Candidates(StandIn):
    """What a rollback could go back to, as buttons."""

    def answer(self, asker: Person, on: Backends) -> Reply:  # noqa: ARG002  # every query is asked by somebody
        asked = cast("Rollback", self.asked)
        target = on.settings.target(asked.project, asked.environment)
        cluster = on.cluster(target.cluster)
        now, past = cluster.workload(target.place), past_of(on, self.target, cluster, target.place)
        current = now.image
        ran = past.ways_back(current)[:OFFERED]
        gone = {earlier.image for earlier in ran if look(on, earlier.image) == "gone"}
        blocks: list[Block] = [Text("\n".join(self._lines(current, ran, gone, on)))]
        kept = [earlier for earlier in ran if earlier.image not in gone]
        if kept:
            blocks.append(Buttons(self._buttons(now, past, kept)))
        bad = [mark.why for mark in past.bad()[:3] if mark.image != current]
        if bad:
            blocks.append(Context("\n".join(marked(why) for why in bad)))
        words = counted(
            "{target}: {n} image to go back to",
            "{target}: {n} images to go back to",
            len(ran),
            target=self.target,
        )
        return Reply(words, tuple(blocks))

    def _lines(self, current: str, ran: list[Earlier], gone: set[str], on: Backends) -> list[str]:
        lines = [_("{target} is on {image}.", target=f"*{self.target}*", image=f"`{inert(tag(current))}`")]
        holder = on.ledger.holder(self.target)
        if holder is not None:
            under_way = N_("`{id}` ({text}) is under way: a rollback ends it.")
            lines.append(_(under_way, id=holder.id, text=inert(holder.text)))
        if not ran:
            return [*lines, _(NO_EARLIER, target=self.target)]
        for heading, proven in (
            (_("It ran well with:"), True),
            (_("How well it ran with these is not known:"), False),
        ):
            said = [self._said(earlier, gone) for earlier in ran if earlier.proven is proven]
            lines += [heading, *said] if said else []
        return lines

    def _said(self, earlier: Earlier, gone: set[str]) -> str:
        lost = f" · {_('no longer in the registry')}" if earlier.image in gone else ""
        return f"• {earlier.said}{lost}"

    def _buttons(self, now: Workload, past: Past, good: list[Earlier]) -> tuple[Button, ...]:
        asked = cast("Rollback", self.asked)
        ways = [back_to(asked.to(earlier.image, now.image), now, past, earlier) for earlier in good]
        return tuple(
            Button(label, way.command, "danger" if way is ways[0] else "", question(self.target, way))
            for label, way in zip(short([way.image for way in ways]), ways, strict=True)
        )


def short(tags: list[str]) -> list[str]:
    """Labels that a phone shows whole: long ones keep their end, in which they differ."""
    return [text if len(text) <= LABEL else "…" + text[1 - LABEL :] for text in tags]
