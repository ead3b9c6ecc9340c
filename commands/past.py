"""What ran at a target before, by the record and the cluster: which images were good, which are marked bad.

Good is what became healthy there and is not marked bad. Bad is what somebody rolled back from, until it runs
again on purpose.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

from bot.backends import Backends
from bot.images import ImageName
from bot.language import N_, _
from bot.lifecycle import State
from bot.mrkdwn import inert
from bot.operation import Operation
from bot.ports import Cluster, Place, Revision
from bot.story import Story
from bot.words import at_moment, duration
from bot.workloads import Workload, drift
from commands.rolling import BEFORE, MAY_ROLL, ROLLOUT, WELL, tag

MOST = 50
"""So many changes of a target are looked at: what was longer ago is not what people go back to."""
CODE = "revision"
"""The step in which a deploy records what its build was built from."""
CHOSEN = {"deploy": "image", "rollback": "goes back to", "promote": "tested"}  # not said: steps
"""Command -> the step whose result is the image that it sets."""

OUTSIDE = N_(
    "{target} runs `{image}`, which was set outside Shipmate: it left `{left}` there "
    "(`{id}`, {who}, {age} ago)."
)


@dataclass(frozen=True)
class Earlier:
    """An image that ran."""

    image: str
    since: float
    """Epoch seconds."""
    by: str = ""
    """Who put it there, as mrkdwn; empty: it was done outside Shipmate."""
    proven: bool = True
    """False: that it was set is all that the cluster knows, not how it ran."""

    @property
    def said(self) -> str:
        by = self.by or _("outside Shipmate")
        image = f"`{inert(tag(self.image))}`"
        age, at = duration(time.time() - self.since), at_moment(self.since)
        return _("{image} · {age} ago ({time}) · {by}", image=image, age=age, time=at, by=by)


@dataclass(frozen=True)
class Bad:
    """An image that somebody rolled back from."""

    image: str
    code: str
    """The revision it was built from; empty: not known."""
    why: str
    """In a sentence, plain text."""

    def is_of(self, code: str) -> bool:
        """`code`: a revision; of a git commit its first digits do."""
        return bool(code) and (self.code == code or (len(code) >= 7 and self.code.startswith(code)))


@dataclass(frozen=True)
class Past:
    """`changes`: final ones, newest first. `revisions`: newest first."""

    changes: list[Operation]
    revisions: list[Revision] = field(default_factory=list)
    under_way: Operation | None = None

    def good(self, current: str) -> list[Earlier]:
        """What ran well, and a rollback may go back to: latest first, without what runs now."""
        return [earlier for earlier in self._earlier(current) if earlier.proven]

    def ways_back(self, current: str) -> list[Earlier]:
        """Both, what ran well first."""
        return [*self.good(current), *self.unproven(current)]

    def unproven(self, current: str) -> list[Earlier]:
        """What others set, and nobody knows how it ran: latest first, without what runs now."""
        return [earlier for earlier in self._earlier(current) if not earlier.proven]

    def _earlier(self, current: str) -> list[Earlier]:
        bad = {mark.image for mark in self.bad()}
        found = {earlier.image: earlier for earlier in reversed(list(self._ran()))}
        latest = sorted(found.values(), key=lambda earlier: earlier.since, reverse=True)
        runs = _named(current)  # a tag that was pushed again leads to what runs now, not back
        return [one for one in latest if one.image not in bad and _named(one.image) != runs]

    def known(self) -> list[str]:
        """Every image that was asked for there, good or bad, latest first."""
        set_by_us = [image for operation in self.changes if (image := chosen(operation))]
        latest = (*set_by_us, *(revision.image for revision in self.revisions))
        return list({_named(image): image for image in reversed(latest)}.values())[::-1]

    def revision(self, image: str, number: int | None = None) -> Revision | None:
        """The latest of `image`, which may have had several, or the one of this number. None: it is gone."""
        fits = (r for r in self.revisions if r.image == image and number in (None, r.number))
        return next(fits, None)

    def differs(self, current: str, image: str, number: int | None = None) -> list[str] | None:
        """What has changed beside the image, from the revision of `image` (the latest, or this number) to the
        latest of `current`; None: one of them is gone."""
        here, there = self.revision(current), self.revision(image, number)
        return None if here is None or there is None else drift(there.configuration, here.configuration)

    def other_revision(self, image: str) -> Revision | None:
        """The latest revision of `image`, which runs, with another configuration than it has now."""
        mine = [r for r in self.revisions if r.image == image]
        return next((r for r in mine if drift(r.configuration, mine[0].configuration)), None)

    def bad(self) -> list[Bad]:
        """Latest first."""
        return list(self._bad())

    def restored(self, operation_id: str) -> str:
        """When this rollback ended what ran: the image from before that, which is as far back as was asked."""
        last = self.changes[0] if self.changes else None
        ended = operation_id and last and last.stopped_by == operation_id  # nothing has, before it begins
        step = last.step(BEFORE) if last and ended else None
        return str(step.result) if step and step.ended is not None else ""

    def ended_by(self, operation_id: str) -> bool:
        """Whether this rollback ended what was setting an image, which is put back before it begins itself."""
        ours = (change for change in self.changes if change.verb in CHOSEN)
        return any(change.stopped_by == operation_id for change in ours)

    def _ran(self) -> Iterator[Earlier]:
        """By the record; then what only the cluster knows, unless the record says that it ended badly.

        What others set ran well if Shipmate once found it so, right before it changed something itself.
        """
        for operation in self.changes:
            outcome = operation.outcome
            if operation.state is State.SUCCEEDED and outcome and outcome.image and not outcome.unproven:
                ended = operation.finished or operation.opened
                yield Earlier(outcome.image, ended, f"<@{operation.actor.id}>")
        ours = {chosen(operation) for operation in self.changes if self._says_how_it_ran(operation)}
        found_well = {_found_well(operation) for operation in (*self.changes, self.under_way) if operation}
        for revision in self.revisions:
            if revision.image not in ours:
                by = f"`{inert(revision.operation)}`" if revision.operation else ""
                proven = revision.image in found_well
                yield Earlier(revision.image, revision.since.timestamp(), by, proven)

    @staticmethod
    def _says_how_it_ran(operation: Operation) -> bool:
        """A rollback that somebody stopped says nothing of the image it was on its way to."""
        return operation.verb != "rollback" or (operation.state is State.FAILED and not operation.stopped_by)

    def _bad(self) -> Iterator[Bad]:
        runs_again: set[str] = set()
        """Images and revisions of the code: who was asked and went on, and it ran well, is not asked again."""
        for operation in self.changes:
            if operation.state is not State.SUCCEEDED or operation.outcome is None:
                continue
            if operation.verb == "rollback":
                for image in self._left(operation):
                    mark = self._mark(image, operation)
                    if not {image, mark.code} & runs_again and image != operation.outcome.image:
                        yield mark
            if not operation.outcome.unproven:
                runs_again |= {operation.outcome.image, _code(operation)} - {""}

    def _left(self, rollback: Operation) -> Iterator[str]:
        """What ran before it, and what was being rolled out when it ended that.

        Back to something newer is no verdict on what is older.
        """
        came = self._in_order_of_coming()
        step = rollback.step(BEFORE)
        if step is not None and step.result and came.index(step.result) > came.index(chosen(rollback)):
            yield step.result
        for ended in self.changes:
            if ended.stopped_by == rollback.id and ended.step(ROLLOUT) and chosen(ended):
                yield chosen(ended)

    def _in_order_of_coming(self) -> list[str]:
        images: list[str] = []
        for operation in reversed(self.changes):
            before = operation.step(BEFORE)
            # what a rollback goes back to and nothing told of before was there before all that is remembered
            if operation.verb == "rollback" and chosen(operation) not in images:
                images.insert(0, chosen(operation))
            images += [str(before.result)] if before is not None else []
            images.append(chosen(operation))
        return list(dict.fromkeys(images))

    def _mark(self, image: str, rollback: Operation) -> Bad:
        maker = next((op for op in self.changes if chosen(op) == image and op.verb != "rollback"), None)
        age = duration(time.time() - (rollback.finished or rollback.opened))
        names = {"image": tag(image), "who": rollback.actor.name, "age": age}
        why = _("`{image}` is marked bad: {who} rolled back from it {age} ago.", **names)
        if maker is not None and maker.state is State.FAILED and maker.outcome is not None:
            why = _("{bad} It had failed: {why}", bad=why, why=maker.outcome.summary)
        return Bad(image, _code(maker) if maker else "", why)


def past_of(on: Backends, target: str, cluster: Cluster, place: Place) -> Past:
    return Past(on.ledger.history(target, MOST), cluster.revisions(place), on.ledger.holder(target))


def confirm_bad(story: Story, on: Backends, image: str = "", code: str = "") -> None:
    """Ask before an image that is marked bad, or one of the same code, is set again."""

    target = story.operation.target
    said = story.step(f"is {tag(image) or code} bad", lambda: bad_words(on, target, image, code))
    if said:
        story.ask("goes on although it is bad", _("{why} Set it all the same?", why=said))


def bad_words(on: Backends, target: str, image: str = "", code: str = "") -> str:
    """Why an image, or what is built of that code, is marked bad; empty: it is not."""
    for mark in Past(on.ledger.history(target, MOST)).bad():
        if image and _named(mark.image) == _named(image):
            return mark.why
        if mark.is_of(code):
            return _("{why} This is the same revision, {code}.", why=mark.why, code=mark.code)
    return ""


def confirm_outside(story: Story, on: Backends, cluster: Cluster, place: Place, current: str) -> None:
    """Ask before what somebody set with other tools, since Shipmate's last change, is replaced."""
    target = story.operation.target
    said = story.step("set outside", lambda: outside_words(on, target, current, cluster.workload(place)))
    if said:
        story.ask("goes on over what was set outside", _("{why} Replace it?", why=said))


def outside_words(on: Backends, target: str, current: str, now: Workload) -> str:
    """What somebody has set with other tools since Shipmate's last change; empty: nothing."""
    changes = on.ledger.past(target, MOST)
    images = ((op, op.outcome.image) for op in changes if op.state is State.SUCCEEDED and op.outcome)
    last, left = next(((op, image) for op, image in images if image), (None, ""))
    if last is None or left == current or now.operation:
        return ""
    return _(
        OUTSIDE,
        target=target,
        image=tag(current),
        left=tag(left),
        id=last.id,
        who=last.actor.name,
        age=duration(time.time() - (last.finished or last.opened)),
    )


def chosen(operation: Operation) -> str:
    """The image that an operation set or was about to set; empty when it came to none."""
    step = operation.step(CHOSEN.get(operation.verb, ""))
    return str(step.result) if step is not None and step.ended is not None else ""


def _found_well(operation: Operation) -> str:
    """The image that ran well when the operation began; empty: it does not say."""
    well, before = operation.step(MAY_ROLL), operation.step(BEFORE)
    return str(before.result) if before is not None and well is not None and well.result == WELL else ""


def _code(operation: Operation) -> str:
    """The revision that an operation built; empty: not known."""
    step = operation.step(CODE)
    return str(step.result or "") if step is not None else ""


def _named(image: str) -> str:
    """Without the digest beside a tag: a promotion pins what a deploy sets by its tag."""
    name = ImageName.parse(image)
    return f"{name.place}:{name.tag}" if name.tag else image


def numbered(number: str, images: list[str]) -> list[str]:
    """The images whose tags name this revision or build: 1841 fits `trunk-r1841-42`, not `trunk-r18417-1`."""
    return [image for image in images if re.search(rf"(?:^|[^0-9a-z])r?{number}(?![0-9a-z])", tag(image))]
