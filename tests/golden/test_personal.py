"""What a person sees of themselves: settings, the Home tab, direct messages, what changed around a message."""

from __future__ import annotations

from sandbox.chat import eventually
from tests.golden.telling import Telling, scene
from tests.surface.screen import opens


@scene
def test_settings(tell: Telling) -> None:
    """Each of them, by its words and by its button."""
    said = tell.says("settings", by="engineer")
    tell.taps(said, "Quiet from 22:00 to 07:00", by="engineer")
    tell.says("settings messages on", by="engineer")
    tell.says("settings mail on for web", by="engineer")
    tell.says("settings language klingon", by="engineer")
    tell.says("settings for web", by="engineer")
    tell.says("settings language zh", by="engineer")


@scene
def test_following(tell: Telling) -> None:
    """A project is followed, told of, and left."""
    tell.tells_directly("qa")
    tell.says("follow web", by="qa")
    tell.says("关注 web", by="mei")
    tell.says("取消关注 web", by="mei")
    tell.says("scale web in dev to 3", by="ops")
    tell.says("settings", by="qa")
    tell.says("unfollow web", by="qa")


@scene
def test_messages_on_my_changes(tell: Telling) -> None:
    """Told directly, beside the channel."""
    tell.tells_directly("engineer")
    tell.says("settings messages on", by="engineer")
    tell.says("restart web in dev", by="engineer")


@scene
def test_home(tell: Telling) -> None:
    """Of somebody who ships, in English, and of somebody who reads Chinese; of a guest; as a command."""
    tell.says("restart web in dev", by="engineer")
    tell.says("lock web in dev for 1h because tests", by="engineer")
    tell.sees(opens(tell.stage, "engineer", "Your projects"))
    tell.sees(opens(tell.stage, "mei", "你的项目"))
    tell.sees(opens(tell.stage, "guest", "guests"))
    tell.says("home", by="qa")


@scene
def test_what_changed(tell: Telling) -> None:
    """Asked of a message, in its menu."""
    slack = tell.world.slack.slack
    tell.says("restart web in dev", by="engineer")
    tell.says("lock web in trunk for 1h because regression", by="qa")
    tell.says("unlock web in trunk", by="qa")
    ts = tell.stage.thread.call(slack.say, "oncall", "#oncall", "the shop is slow")
    message = slack.messages[slack.channel("#oncall").id][ts]

    def wonders() -> None:
        tell.stage.thread.call(slack.shortcut, "oncall", "what_changed", "#oncall", ts)
        eventually(lambda: message.replies, "an answer in the thread")

    tell.happens("oncall says that the shop is slow, and chooses What changed? in the menu of that", wonders)
