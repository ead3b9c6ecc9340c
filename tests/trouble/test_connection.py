"""Socket Mode connections that end: the bot listens again soon, by itself."""

from __future__ import annotations

from sandbox.chat import Chat, eventually
from sandbox.slack import SlackServer
from sandbox.stage import Stage


async def cut(slack: SlackServer) -> None:
    """The network forgets every connection: no close frame, no FIN that anybody would see."""
    for socket in list(slack.sockets.sockets):
        slack.sockets._forget(socket)
        transport = socket._req.transport if socket._req else None
        if transport is not None:
            transport.close()


def test_a_connection_that_slack_renews_loses_nothing(chat: Chat, stage: Stage) -> None:
    stage.thread.run(stage.world.slack.disconnect())

    said = chat.says("whoami", by="engineer")

    assert "role *engineer*" in said.text


def test_after_a_connection_that_was_cut_the_bot_listens_again_soon(chat: Chat, stage: Stage) -> None:
    stage.thread.run(cut(stage.world.slack))

    eventually(lambda: stage.world.slack.sockets.sockets, "a new connection", within=15)

    assert "role *engineer*" in chat.says("whoami", by="engineer").text
