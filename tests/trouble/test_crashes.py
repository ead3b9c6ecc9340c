"""kill -9 at the worst moment: the operation ends well, once, and is told once."""

from __future__ import annotations

from sandbox.chat import Chat, Said, eventually
from sandbox.server import Fault
from sandbox.stage import Stage
from sandbox.world import World
from tests.commands.effect_support import its_time_comes, left_for_later, told_in_thread
from tests.commands.test_scale import now_it_is_time, put_back_by, replicas
from tests.trouble.support import CREW, broken, followed, settle

SOON = 20.0


def done_once(chat: Chat, world: World, said: Said, project: str) -> None:
    """One build, one change of the image, one end told."""
    chat.ends(said, within=SOON)
    assert f"is live on {project}/trunk" in said.text
    assert len(said.replies) == 1
    assert [trigger.parameters["LINE"] for trigger in world.jenkins.triggers if project in trigger.job] == [
        "trunk"
    ]
    assert sum(patch.changed for patch in world.kubernetes.patches if patch.name == project) == 1


def test_workers_that_die_at_the_trigger_and_at_the_patch(chat: Chat, stage: Stage, world: World) -> None:
    """Both effects happen, and nobody is left to record them."""
    stage.crew.start("worker.2")
    eventually(lambda: stage.redis.scard("rq:workers") == 2, "two workers")
    broken(stage, "kubernetes", Fault("hang", match="PATCH", when="after", times=1))
    patched = chat.says("deploy api to trunk", by="engineer")
    eventually(lambda: world.kubernetes.patches, "the patch, unanswered")
    broken(stage, "jenkins", Fault("hang", match="web-build/buildWith", when="after", times=1))
    triggered = chat.says("deploy web to trunk", by="engineer")
    eventually(lambda: len(world.jenkins.triggers) == 2, "the trigger, unanswered")

    for name in ("worker", "worker.2"):
        stage.crew.kill(name)
    stage.crew.start("worker")

    done_once(chat, world, triggered, "web")
    done_once(chat, world, patched, "api")


def test_a_scaling_for_a_while_is_done_and_put_back_once_whoever_dies(
    chat: Chat, stage: Stage, world: World
) -> None:
    """The worker dies at the patch, unanswered, and again when the time has come."""
    broken(stage, "kubernetes", Fault("hang", match="PATCH", when="after", times=1))
    said = chat.says("scale web in product to 6 for 2h", by="oncall")
    eventually(lambda: world.kubernetes.patches, "the patch, unanswered")
    stage.crew.kill("worker")
    stage.crew.start("worker")
    chat.ends(said)
    up, later = replicas(world, "product", "web"), put_back_by(chat, said)

    stage.crew.kill("worker")
    now_it_is_time(stage, later)
    stage.crew.start("worker")
    chat.ends(later)

    assert up == (6, 6)
    assert replicas(world, "product", "web") == (3, 3)
    assert sum(patch.changed for patch in world.kubernetes.patches) == 2


def test_everybody_dies_in_the_middle_of_a_build(chat: Chat, stage: Stage, world: World) -> None:
    said = chat.says("deploy web to trunk", by="engineer")
    followed(stage, "building")

    for name in CREW:
        stage.crew.kill(name)
    stage.crew.start(*CREW)

    done_once(chat, world, said, "web")


def test_the_bot_dies_before_it_could_note_what_it_posted(chat: Chat, stage: Stage, world: World) -> None:
    broken(stage, "slack", Fault("hang", match="chat.postMessage", when="after", times=1))
    said = chat.says("deploy web to trunk", by="engineer")

    stage.crew.kill("bot")
    stage.crew.start("bot")

    eventually(lambda: any(one.replies for one in chat.said()), "an end that is told", SOON)
    assert [one.message.ts for one in chat.said() if one.message.thread_ts is None] == [said.message.ts]
    done_once(chat, world, said, "web")


def test_errors_are_compared_once_whoever_dies_before(chat: Chat, stage: Stage) -> None:
    """The time comes while nobody is alive, and the bot dies before it could note what it posted."""
    chat.ends(chat.says("deploy web to trunk", by="engineer"))
    back = chat.ends(chat.says("rollback web in trunk to 1798", by="oncall"))
    for name in CREW:
        stage.crew.kill(name)
    its_time_comes(stage, back)
    broken(stage, "slack", Fault("hang", match="chat.postMessage", when="after", times=1))

    stage.crew.start(*CREW)
    told_in_thread(back, "after `rollback web in trunk to 1798`")
    stage.crew.kill("bot")
    stage.crew.start("bot")

    settle(stage, within=SOON)
    compared = [reply for reply in back.replies if "after `rollback web in trunk to 1798`" in reply.shown]
    assert len(compared) == 1
    assert left_for_later(stage, back) == []
