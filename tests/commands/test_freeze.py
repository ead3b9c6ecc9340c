"""freeze and unfreeze: nothing is shipped to an environment for a while."""

from __future__ import annotations

import pytest

from sandbox.chat import Chat
from sandbox.stage import Stage
from sandbox.world import World
from tests.commands.test_lock import told, untouched


def test_a_freeze_binds_everybody_and_rollback_and_scale_pass(chat: Chat, world: World, stage: Stage) -> None:
    chat.ends(chat.says("deploy web to product", by="ops"))
    said = chat.says("freeze product until Monday 09:00 because holidays", by="ops")

    refused = chat.says("deploy web to product", by="ops")
    scaled = chat.ends(chat.says("scale web in product to 4", by="oncall"))
    rolled = chat.ends(chat.says("rollback web in product to previous", by="oncall"))

    assert "product is frozen by <@U0OPS> since" in said.shown
    assert "holidays" in refused.shown
    assert "`unfreeze product` ends it: it is yours" in refused.shown
    assert list(refused.buttons) == ["Unfreeze", "Queue after unlock"]
    assert len(world.jenkins.triggers) == 1
    assert "4 of 4 replicas" in scaled.shown
    assert "is back on" in rolled.shown
    told(chat, stage, "ops", "A rollback passes every lock")


def test_a_freeze_is_ended_by_whoever_may(chat: Chat, world: World) -> None:
    chat.says("freeze product for 2h because fair", by="ops")

    asked = chat.says("unfreeze product", by="engineer")
    ended = chat.says("unfreeze product because it is over", by="ops")

    assert "role ops" in asked.shown
    assert "has unfrozen product: it is over" in ended.shown
    assert "Nothing is locked or frozen" in chat.says("locks", by="qa").shown


def test_a_freeze_declared_again_keeps_its_reason(chat: Chat) -> None:
    chat.says("freeze product for 1h because holidays", by="ops")

    again = chat.says("freeze product for 2h", by="ops")

    assert "holidays" in again.shown
    assert "You hold it already. It ends" in again.shown


@pytest.mark.parametrize(
    ("text", "by", "words"),
    [
        ("freeze product", "ops", "Until when?"),
        ("freeze product for 1h", "qa", "role ops"),
        ("freeze product until 2099-01-01 10:00", "ops", "too far ahead"),
        ("freeze product until 2020-01-01 10:00", "ops", "has gone by"),
        ("unfreeze product", "ops", "product is not frozen"),
    ],
)
def test_what_cannot_be_is_refused_with_the_reason(chat: Chat, text: str, by: str, words: str) -> None:
    assert words in chat.says(text, by=by).shown
    assert "Nothing is locked" in chat.says("locks", by="ops").shown


def test_a_change_can_wait_for_the_end_of_a_freeze(chat: Chat, world: World) -> None:
    chat.says("freeze hidden for 2h", by="ops")

    queued = chat.says("deploy web to hidden --when-unlocked", by="qa")
    assert untouched(world)
    chat.says("unfreeze hidden", by="ops")

    assert "is live on web/hidden" in chat.ends(queued).shown
