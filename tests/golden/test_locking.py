"""Locks and freezes: who holds what, who asks for it, and who is told."""

from __future__ import annotations

from tests.commands.test_lock import ends_now, told
from tests.golden.telling import Telling, scene


@scene
def test_lock(tell: Telling) -> None:
    """It holds others back; its owner is asked, says not yet, lets go; who waited is told and starts."""
    tell.tells_directly("qa", "engineer")
    tell.says("locks", by="qa")
    tell.says("lock web in trunk for 2h because regression 3.2", by="qa")
    tell.says("locks", by="engineer")
    refused = tell.says("deploy web to trunk", by="engineer")
    tell.taps(refused, "Ask the owner", by="engineer")
    question = told(tell.chat, tell.stage, "qa", "asks for web/trunk")
    tell.taps(question, "Not yet", by="qa")
    tell.taps(refused, "Queue after unlock", by="engineer")
    tell.says("scheduled", by="qa")
    tell.says("unlock web in trunk", by="qa", until="is live on web/trunk")


@scene
def test_lock_of_somebody_else(tell: Telling) -> None:
    """It is not taken, not extended, and ended only by force and with a reason."""
    tell.tells_directly("qa")
    tell.says("lock web in trunk for 2h because regression", by="qa")
    tell.says("lock web in trunk for 1h", by="ops")
    tell.says("extend web in trunk by 1h", by="ops")
    tell.says("keep web in trunk", by="ops")
    tell.says("unlock web in trunk", by="engineer")
    tell.says("unlock web in trunk", by="ops")
    tell.says("unlock web in trunk --force because hotfix 4711", by="ops")


@scene
def test_lock_again(tell: Telling) -> None:
    """What is not said anew stays; what is another one now is told."""
    tell.says("lock web in trunk for 8h", by="qa")
    tell.says("lock web in trunk", by="qa")
    tell.says("lock web in trunk because regression 3.2", by="qa")
    tell.says("lock web in trunk for an hour because load test", by="qa")


@scene
def test_lock_ends(tell: Telling) -> None:
    """Its owner is reminded and extends it; at its end who asked is told."""
    tell.tells_directly("qa", "engineer")
    tell.says("lock web in trunk for 2h", by="qa")
    redis = tell.stage.redis
    due = "shipmate:locks:due"
    tell.happens(
        "shortly before its end",
        lambda: redis.zadd(due, {"lock:web/trunk": 0}),
        "Your lock on web/trunk ends",
    )
    reminder = told(tell.chat, tell.stage, "qa", "Your lock on web/trunk ends")
    tell.taps(reminder, "Extend by 1 h", by="qa")
    tell.says('ask web in trunk because "deploy web to trunk"', by="engineer")
    tell.happens("its end", lambda: ends_now(tell.stage, "lock:web/trunk"), "The lock on web/trunk has ended")


@scene
def test_lock_refused(tell: Telling) -> None:
    """What cannot be."""
    for text in (
        "lock web in trunk for 0 minutes",
        "lock web in trunk for 365d",
        "lock web in trunk until 2020-12-24 18:00",
        "lock web in trunk until 2099-12-24 18:00",
        "lock web in trunk for 1h until 18:00",
        "extend 1h",
        "unlock web in trunk",
        "keep web in trunk",
        "ask web in trunk",
    ):
        tell.says(text, by="qa")


@scene
def test_lock_of_an_environment(tell: Telling) -> None:
    """It holds every project back; a rollback passes, and the owner is told."""
    tell.says("lock trunk for 1h because load test", by="qa")
    tell.says("deploy api to trunk", by="engineer")
    tell.says("rollback web in trunk", by="engineer")
    tell.says("restart web in trunk", by="engineer")
    tell.says("unlock trunk", by="qa")


@scene
def test_freeze(tell: Telling) -> None:
    """Nobody ships; what ships nothing passes; whoever may ends it."""
    tell.says("freeze product for 2h because fair", by="ops")
    tell.says("locks", by="qa")
    tell.says("deploy web to product", by="ops")
    tell.says("scale web in product to 4", by="oncall")
    tell.says("unfreeze product", by="engineer")
    tell.says("unfreeze product because it is over", by="ops")
    tell.says("unfreeze product", by="ops")
