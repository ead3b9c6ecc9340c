"""`at 22:00`, `tomorrow 06:30`: recorded now, listed, cancelled, and checked again when it is due."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from bot.ledger import Ledger
from bot.operation import STARTS, Operation
from sandbox.chat import Chat, Said
from sandbox.stage import Stage
from sandbox.world import World
from tests.commands.test_cancel import id_of
from tests.commands.test_lock import untouched

BERLIN = ZoneInfo("Europe/Berlin")
"""Where the people of the sandbox are."""


def recorded(stage: Stage, said: Said) -> Operation:
    operation = Ledger(stage.redis).get(id_of(said))
    assert operation is not None
    return operation


def comes(stage: Stage, said: Said) -> None:
    """The time that was said has come."""
    before, now = recorded(stage, said), time.time()
    due = replace(before, plan={**before.plan, STARTS: now})
    Ledger(stage.redis).write(before, due, lease=None, announce=False, due=now)


def test_it_waits_for_the_time_of_whoever_asked(chat: Chat, stage: Stage, world: World) -> None:
    said = chat.says("deploy web to product at r1798 at tomorrow 06:30", by="ops")

    starts = datetime.fromtimestamp(recorded(stage, said).plan[STARTS], BERLIN)
    assert f"{starts:%H:%M}" == "06:30"
    assert (starts.date() - datetime.now(BERLIN).date()).days == 1
    assert "deploy web to product at r1798* · scheduled" in said.shown
    assert untouched(world)
    chat.says(f"cancel {id_of(said)}", by="ops")


def test_it_starts_when_its_time_has_come(chat: Chat, stage: Stage, world: World) -> None:
    said = chat.says("deploy web to product at r1798 at 22:00", by="ops")

    comes(stage, said)

    assert "is live on web/product" in chat.ends(said).shown
    assert world.jenkins.triggers[0].parameters["REVISION"] == "r1798"


@pytest.mark.parametrize("said", ["in 2 hours", "两小时后"])
def test_a_delay_is_counted_from_now(chat: Chat, stage: Stage, world: World, said: str) -> None:
    asked = time.time()

    scheduled = chat.says(f"deploy web to product {said}", by="ops")

    assert asked + 7_190 < recorded(stage, scheduled).plan[STARTS] < time.time() + 7_210
    assert untouched(world)
    chat.says(f"cancel {id_of(scheduled)}", by="ops")


@pytest.mark.parametrize("front", ["", "/ship "])
@pytest.mark.parametrize(
    "line",
    [
        "deploy web to product at 22",
        "deploy web to product at tonight",
        "deploy web to product?",
        "can you deploy web to product?",
        "部署web到product吗",
        "should I deploy web to product",
        "do not deploy web to product",
        "deploy web to product from hidden",
        "deploy web and pay to product",
        "deploy web to product once QA is done",
    ],
)
def test_a_line_in_doubt_begins_nothing(chat: Chat, world: World, front: str, line: str) -> None:
    asked = chat.says(front + line, by="ops")

    assert asked.shown.startswith(":grey_question:")
    assert untouched(world)


def test_replicas_can_be_set_for_the_evening(chat: Chat, stage: Stage, world: World) -> None:
    said = chat.says("scale web in product to 5 at 18:00", by="oncall")

    comes(stage, said)

    assert "has 5 of 5 replicas ready" in chat.ends(said).shown


def test_what_is_scheduled_is_listed_and_can_be_cancelled(chat: Chat, world: World) -> None:
    said = chat.says("deploy web to product 22:00", by="ops")

    listed = chat.says("scheduled", by="ops")
    chat.taps(listed, "Cancel", by="ops")

    assert f"`{id_of(said)}` *deploy web to product*" in listed.shown
    assert "<@U0OPS>" in listed.shown
    assert "Cancelled before it began" in chat.ends(said).shown
    assert "Nothing is scheduled" in chat.says("scheduled", by="qa").shown
    assert untouched(world)


def test_only_who_could_ask_for_it_cancels_it(chat: Chat) -> None:
    said = chat.says("deploy web to product at 22:00", by="ops")

    refused = chat.says(f"cancel {id_of(said)}", by="engineer")

    assert "product needs role ops" in refused.shown
    chat.says(f"cancel {id_of(said)}", by="ops")


def test_a_freeze_that_began_meanwhile_holds_it_back(chat: Chat, stage: Stage, world: World) -> None:
    said = chat.says("deploy web to product at 22:00", by="ops")
    chat.says("freeze product for 24h because fair", by="ops")

    comes(stage, said)

    assert "refused" in chat.ends(said).shown
    assert "product is frozen by" in said.shown
    assert "fair" in said.shown
    assert list(said.buttons) == ["Unfreeze", "Queue after unlock"]
    assert untouched(world)


# -- what has changed between


def told_once(said: Said, words: str, whom: str) -> None:
    """Refused with the reason, in the message and in one reply, which names whoever asked."""
    assert "refused" in said.shown
    assert words in said.shown
    (reply,) = said.replies
    assert words in reply.shown
    assert f"<@{whom}>" in reply.shown


def test_a_lock_that_was_taken_meanwhile_holds_it_back(chat: Chat, stage: Stage, world: World) -> None:
    said = chat.says("deploy web to hidden at 22:00", by="ops")
    chat.says("lock web in hidden for 24h because regression 3.2", by="qa")

    comes(stage, said)

    told_once(chat.ends(said), "web/hidden is locked by", "U0OPS")
    assert "regression 3.2" in said.shown
    assert list(said.buttons) == ["Ask the owner", "Queue after unlock"]
    assert untouched(world)


def test_who_has_left_the_role_meanwhile_may_no_longer(chat: Chat, stage: Stage, world: World) -> None:
    group = world.slack.slack.groups["S0ONCALL"]
    said = chat.says("scale web in product to 5 at 22:00", by="oncall")
    members = list(group.users)
    try:
        stage.thread.call(group.users.clear)
        stage.redis.delete("shipmate:group:S0ONCALL", "shipmate:person:U0ONCALL")  # known for ten minutes
        stage.crew.kill("worker")  # and within a process for two seconds
        stage.crew.start("worker")

        comes(stage, said)
        chat.ends(said)
    finally:
        stage.thread.call(group.users.extend, members)
        stage.redis.delete("shipmate:group:S0ONCALL", "shipmate:person:U0ONCALL")

    told_once(said, "role oncall", "U0ONCALL")
    assert untouched(world)


def test_an_image_that_was_removed_meanwhile_is_not_promoted(chat: Chat, stage: Stage, world: World) -> None:
    tag, said = promotion(chat)
    world.images.remove(f"{REPOSITORY}:{tag}")

    comes(stage, said)

    told_once(chat.ends(said), f"no longer has {tag}", "U0OPS")


def test_a_tag_that_was_moved_meanwhile_is_not_promoted(chat: Chat, stage: Stage, world: World) -> None:
    tag, said = promotion(chat)
    tested = world.images.find(f"{REPOSITORY}:{tag}")
    assert tested is not None
    kept = f"{REPOSITORY}:kept-{tag}"  # by its digest it is still there
    world.images.pushed[kept] = replace(tested, reference=kept)
    world.images.push(f"{REPOSITORY}:{tag}", content="another")

    comes(stage, said)

    told_once(chat.ends(said), f"The tag {tag} was moved since it was tested", "U0OPS")


def test_a_build_whose_image_was_removed_meanwhile_is_not_deployed(
    chat: Chat, stage: Stage, world: World
) -> None:
    chat.ends(chat.says("build web trunk", by="engineer"))
    said = chat.says("deploy web to trunk build 1 at 22:00", by="engineer")
    built = next(reversed(world.images.pushed))
    world.images.remove(built)

    comes(stage, said)

    chat.ends(said)
    assert built.rpartition(":")[2] in said.shown
    assert "web/trunk was not touched" in said.shown
    assert not world.kubernetes.patches


REPOSITORY = "harbor.shop.example/web/web"


def promotion(chat: Chat) -> tuple[str, Said]:
    """The tag that was tested, and its promotion, which waits for its time."""
    deployed = chat.ends(chat.says("deploy web to hidden at r1805", by="qa"))
    chat.says("pass web in hidden", by="qa")
    card = chat.says("promote web to product at 22:00", by="ops")
    return deployed.shown.split("image `")[1].split("`")[0], chat.taps(card, "Promote", by="ops")


def test_a_time_within_a_lock_is_refused_now_and_one_after_it_is_not(chat: Chat, world: World) -> None:
    chat.says("lock web in hidden for 1h", by="qa")

    within = chat.says("deploy web to hidden", by="ops")
    after = chat.says("deploy web to hidden tomorrow 22:00", by="ops")

    assert "web/hidden is locked" in within.shown
    assert "scheduled" in after.shown
    chat.says(f"cancel {id_of(after)}", by="ops")
    assert untouched(world)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("deploy web to dev at 2020-01-01 10:00", "has gone by"),
        ("deploy web to dev at 2099-01-01 10:00", "31 days ahead at most"),
        ("deploy web to dev at 0001-01-01 10:00", "has gone by"),
        ("deploy web to dev at 9999-12-31 23:59", "31 days ahead at most"),
        ("deploy web to dev at 25:00", "25:00"),
        ("deploy web to dev at yesterday 10:00", "has gone by"),
        ("deploy web to dev at 22:00 --when-unlocked", "not both"),
        ("rollback web in dev at 22:00", "22:00"),
    ],
)
def test_what_cannot_be_scheduled_is_refused_with_the_reason(
    chat: Chat, world: World, text: str, words: str
) -> None:
    assert words in chat.says(text, by="ops").shown
    assert untouched(world)
