"""lock, unlock, extend, locks, ask and keep: what is typed, who is held back, and who is told what."""

from __future__ import annotations

import json

import pytest

from sandbox.chat import Chat, Said, eventually
from sandbox.server import Fault
from sandbox.stage import Stage
from sandbox.world import World


def told(chat: Chat, stage: Stage, person: str, words: str) -> Said:
    """A direct message to that person that holds these words."""
    channel = stage.thread.call(stage.world.slack.slack.dm, person)

    def found() -> Said | None:
        return next((said for said in reversed(chat.said(channel)) if words in said.shown), None)

    said = eventually(found, f"a message to {person} with {words}")
    assert said is not None
    return said


def untouched(world: World) -> bool:
    return not world.jenkins.triggers and not world.kubernetes.patches


def ends_now(stage: Stage, name: str) -> None:
    """Time passes: the lock's end has come."""
    plain = json.loads(stage.redis.hget("shipmate:locks", name) or "")
    stage.redis.hset(
        "shipmate:locks", name, json.dumps({**plain, "until": plain["since"]}, separators=(",", ":"))
    )
    stage.redis.zadd("shipmate:locks:due", {name: 0})


# -- taking one


def test_a_lock_is_shown_with_owner_reason_and_end(chat: Chat) -> None:
    said = chat.says("lock web in trunk for 2h because regression 3.2", by="qa")
    listed = chat.says("locks", by="engineer")

    assert "web/trunk is locked by <@U0QA> since" in said.shown
    assert said.only_for is None
    assert "web/trunk is locked by <@U0QA> since" in listed.shown
    assert "regression 3.2" in listed.shown


def test_nothing_is_locked_in_the_morning(chat: Chat) -> None:
    assert "Nothing is locked or frozen" in chat.says("locks", by="engineer").shown


@pytest.mark.parametrize(
    ("text", "by", "words"),
    [
        ("lock web in trunk for 0 minutes", "qa", "I need a time such as"),
        ("lock web in trunk for 0m because x", "qa", "I need a time such as"),
        ("lock web in trunk for 365d", "qa", "3 d from now on at most"),
        ("lock web in trunk until 2099-12-24 18:00", "qa", "too far ahead"),
        ("lock web in trunk until 2020-12-24 18:00", "qa", "has gone by"),
        ("lock web in trunk for 1h until 18:00", "qa", "not both"),
        ("lock web in trunk for 2h", "engineer", "You may lock web in dev"),
        ("lock product", "qa", "That needs role ops"),
        ("extend 1h", "qa", "You hold no lock"),
        ("unlock web in trunk", "qa", "web/trunk is not locked"),
        ("keep web in trunk", "qa", "You hold no lock"),
        ("ask web in trunk", "qa", "Nobody holds web/trunk"),
    ],
)
def test_what_cannot_be_is_refused_with_the_reason(chat: Chat, text: str, by: str, words: str) -> None:
    said = chat.says(text, by=by)

    assert words in said.shown
    assert "Nothing is locked" in chat.says("locks", by=by).shown


def test_a_lock_of_somebody_else_is_neither_taken_nor_extended_nor_ended(chat: Chat) -> None:
    chat.says("lock web in trunk for 2h because regression", by="qa")

    taken = chat.says("lock web in trunk for 1h", by="ops")
    extended = chat.says("extend web in trunk by 1h", by="ops")
    ended = chat.says("unlock web in trunk", by="engineer")

    assert "locked by <@U0QA>" in taken.shown
    assert "Only they may do that" in extended.shown
    assert "role ops" in ended.shown
    assert "regression" in chat.says("locks", by="qa").shown


def test_the_only_lock_of_the_asker_is_extended(chat: Chat, stage: Stage) -> None:
    chat.says("lock web in trunk for 2h", by="qa")
    before = json.loads(stage.redis.hget("shipmate:locks", "lock:web/trunk") or "")

    said = chat.says("extend 1h", by="qa")

    after = json.loads(stage.redis.hget("shipmate:locks", "lock:web/trunk") or "")
    assert "web/trunk stays locked by <@U0QA> until" in said.shown
    assert after["until"] == before["until"] + 3600


def test_a_button_that_extends_does_so_once(chat: Chat, stage: Stage) -> None:
    said = chat.says("lock web in trunk for 2h", by="qa")
    chat.taps(said, "Extend by 1 h", by="qa")
    once = json.loads(stage.redis.hget("shipmate:locks", "lock:web/trunk") or "")

    chat.taps(said, "Extend by 1 h", by="qa")

    assert json.loads(stage.redis.hget("shipmate:locks", "lock:web/trunk") or "") == once


def test_locking_again_keeps_what_is_not_said_anew(chat: Chat, stage: Stage) -> None:
    chat.says("lock web in trunk for 8h because regression 3.2", by="qa")
    before = ends(stage)

    again = chat.says("lock web in trunk", by="qa")
    assert "regression 3.2" in again.shown
    assert "You hold it already: nothing has changed." in again.shown
    assert ends(stage) == before

    shorter = chat.says("lock web in trunk for an hour", by="qa")
    assert "regression 3.2" in shorter.shown
    assert f"now, not <!date^{int(before)}^" in shorter.shown
    assert ends(stage) < before

    renamed = chat.says("lock web in trunk because load test", by="qa")
    assert "load test" in renamed.shown
    assert "Its reason was: regression 3.2." in renamed.shown


# -- holding back


def test_a_refused_deployer_reads_who_and_why_and_what_to_type(chat: Chat, world: World) -> None:
    chat.says("lock web in trunk for 2h because regression 3.2", by="qa")

    said = chat.says("deploy web to trunk at r1841", by="engineer")

    assert "web/trunk is locked by <@U0QA> since" in said.shown
    assert "regression 3.2" in said.shown
    assert "`deploy web to trunk at r1841 --when-unlocked`" in said.shown
    assert "`unlock web in trunk --force because ...`" in said.shown
    assert list(said.buttons) == ["Ask the owner", "Queue after unlock"]
    assert untouched(world)


def test_the_owner_and_other_targets_are_not_held_back(chat: Chat, world: World) -> None:
    chat.says("lock web in trunk for 2h", by="qa")

    mine = chat.says("deploy web to trunk", by="qa")
    other = chat.says("deploy api to trunk", by="engineer")

    chat.ends(mine)
    chat.ends(other)
    assert len(world.jenkins.triggers) == 2


def test_a_whole_environment_can_be_locked(chat: Chat, world: World) -> None:
    said = chat.says("lock trunk for 1h because load test", by="qa")

    refused = chat.says("deploy api to trunk", by="engineer")

    assert "trunk is locked by <@U0QA>" in said.shown
    assert "load test" in refused.shown
    assert "`ask trunk`" in refused.shown
    assert untouched(world)
    chat.says("unlock trunk", by="qa")


def test_what_has_begun_goes_on_and_is_named(chat: Chat, world: World) -> None:
    world.jenkins.faults.set(Fault("slow", match="buildWithParameters", seconds=2, times=1))
    deploy = chat.says("deploy web to trunk", by="engineer")
    eventually(lambda: "· running" in deploy.shown, "the build to be asked for")

    locked = chat.says("lock web in trunk for 2h", by="qa")

    assert "still under way:\n• `" in locked.shown
    assert "is live on" in chat.ends(deploy).shown


def test_a_lock_taken_while_a_change_waits_for_a_worker_holds_it_back(
    chat: Chat, stage: Stage, world: World
) -> None:
    stage.crew.kill("worker")
    deploy = chat.says("deploy web to trunk", by="engineer")
    locked = chat.says("lock web in trunk for 2h because regression", by="qa")
    stage.crew.start("worker")

    chat.ends(deploy)

    assert "still under way" not in locked.shown
    assert "refused" in deploy.shown
    assert "web/trunk is locked by @\u2060qa" in deploy.shown
    assert untouched(world)


def test_a_rollback_passes_a_lock_and_its_owner_is_told(chat: Chat, stage: Stage) -> None:
    chat.ends(chat.says("deploy web to trunk", by="engineer"))
    chat.says("lock web in trunk for 2h", by="qa")

    rollback = chat.ends(chat.says("rollback web in trunk to previous", by="oncall"))

    assert "is back on" in rollback.shown
    assert "A rollback passes every lock" in told(chat, stage, "qa", "changes web/trunk").shown


def test_a_button_that_was_used_before_the_lock_says_so(chat: Chat) -> None:
    asked = chat.says("deploy web", by="engineer")
    chat.ends(chat.taps(asked, "deploy web to trunk", by="engineer"))
    chat.says("lock web in trunk for 2h", by="qa")

    again = chat.taps(asked, "deploy web to trunk", by="engineer")

    assert "That button was used already" in again.shown


# -- asking and answering


def test_the_owner_is_asked_and_lets_go(chat: Chat, stage: Stage) -> None:
    chat.says("lock web in trunk for 2h because regression", by="qa")
    refused = chat.says("deploy web to trunk", by="engineer")

    asked = chat.taps(refused, "Ask the owner", by="engineer")
    question = told(chat, stage, "qa", "asks for web/trunk")
    chat.taps(question, "Unlock", by="qa")

    assert "got a message" in asked.shown
    assert "deploy web to trunk" in question.shown
    answer = told(chat, stage, "engineer", "has unlocked web/trunk")
    assert list(answer.buttons) == ["deploy web to trunk"]


def test_the_owner_says_not_yet(chat: Chat, stage: Stage) -> None:
    chat.says("lock web in trunk for 2h", by="qa")
    chat.says("ask web in trunk", by="engineer")

    kept = chat.taps(told(chat, stage, "qa", "asks for web/trunk"), "Not yet", by="qa")

    assert "Told the one who asked" in kept.shown
    assert "needs web/trunk until" in told(chat, stage, "engineer", "Not yet").shown


def test_asking_twice_is_one_message(chat: Chat, stage: Stage) -> None:
    chat.says("lock web in trunk for 2h", by="qa")
    chat.says("ask web in trunk", by="engineer")
    chat.says("ask web in trunk", by="engineer")

    told(chat, stage, "qa", "asks for web/trunk")
    channel = stage.thread.call(stage.world.slack.slack.dm, "qa")
    assert len([said for said in chat.said(channel) if "asks for" in said.shown]) == 1


def test_ending_somebody_elses_lock_takes_force_and_a_reason(chat: Chat, stage: Stage) -> None:
    chat.says("lock web in trunk for 2h", by="qa")

    asked = chat.says("unlock web in trunk", by="ops")
    forced = chat.says("unlock web in trunk --force because hotfix 4711", by="ops")

    assert "--force because" in asked.shown
    assert "has unlocked web/trunk: hotfix 4711" in forced.shown
    assert "You held it until" in told(chat, stage, "qa", "hotfix 4711").shown


# -- waiting for it, and its end


def test_a_queued_change_starts_when_it_is_unlocked(chat: Chat, world: World) -> None:
    chat.says("lock web in trunk for 2h", by="qa")
    refused = chat.says("deploy web to trunk at r1841", by="engineer")

    queued = chat.taps(refused, "Queue after unlock", by="engineer")
    assert "Waits for web/trunk to be unlocked" in queued.shown
    assert "deploy web to trunk at r1841" in chat.says("scheduled", by="qa").shown
    assert untouched(world)
    chat.says("unlock web in trunk", by="qa")

    chat.ends(queued)
    assert "is live on web/trunk" in queued.shown
    assert world.jenkins.triggers[0].parameters["REVISION"] == "r1841"


def test_a_rollback_passes_the_lock_of_a_whole_environment_and_its_owner_is_told(
    chat: Chat, stage: Stage
) -> None:
    chat.ends(chat.says("deploy web to trunk", by="engineer"))
    chat.says("lock trunk for 2h because regression", by="qa")

    rolled = chat.ends(chat.says("rollback web in trunk to previous", by="oncall"))

    assert "is back on" in rolled.shown
    passed = told(chat, stage, "qa", "A rollback passes every lock; yours stands.")
    assert "<@U0ONCALL> changes web/trunk, which you hold: `rollback web in trunk" in passed.shown


def test_what_waits_says_until_when_also_after_the_lock_was_extended(chat: Chat, stage: Stage) -> None:
    chat.says("lock web in trunk for 2h", by="qa")
    queued = chat.says("deploy web to trunk --when-unlocked", by="engineer")
    assert f"at the latest <!date^{int(ends(stage))}^" in queued.shown

    chat.says("extend 1h", by="qa")

    later = f"at the latest <!date^{int(ends(stage))}^"
    eventually(lambda: later in queued.shown, "the later end in its message")
    chat.says("unlock web in trunk", by="qa")
    chat.ends(queued)


def ends(stage: Stage) -> float:
    """Epoch seconds."""
    return float(json.loads(stage.redis.hget("shipmate:locks", "lock:web/trunk") or "")["until"])


def test_a_lock_ends_by_itself_and_who_asked_is_told(chat: Chat, stage: Stage) -> None:
    chat.says("lock web in trunk for 2h", by="qa")
    chat.says('ask web in trunk because "deploy web to trunk"', by="engineer")
    queued = chat.says("deploy web to trunk --when-unlocked", by="engineer")

    ends_now(stage, "lock:web/trunk")

    told(chat, stage, "engineer", "The lock on web/trunk has ended")
    assert "is live on" in chat.ends(queued).shown
    assert "Nothing is locked" in chat.says("locks", by="qa").shown


def test_the_owner_is_reminded_before_the_end(chat: Chat, stage: Stage) -> None:
    chat.says("lock web in trunk for 2h", by="qa")
    stage.redis.zadd("shipmate:locks:due", {"lock:web/trunk": 0})

    reminder = told(chat, stage, "qa", "Your lock on web/trunk ends")

    assert "web/trunk stays locked by <@U0QA> until" in chat.taps(reminder, "Extend by 1 h", by="qa").shown


def test_what_nobody_locks_any_more_starts_at_once(chat: Chat) -> None:
    said = chat.says("deploy web to trunk --when-unlocked", by="engineer")

    assert "is live on" in chat.ends(said).shown
