"""Files that leave for Slack: what nobody hid before is hidden at the last door."""

from __future__ import annotations

from bot.operation import Origin
from bot.reply import File, Reply
from integrations.slack import SlackChat
from sandbox.slack import BOT_TOKEN
from sandbox.stage import Stage


def test_a_file_hides_the_secrets_of_a_raw_text(stage: Stage) -> None:
    slack = stage.world.slack
    bot = SlackChat(BOT_TOKEN, f"{slack.url}/api/")
    posted = bot.post(Origin(slack.slack.channel("deploys").id, ""), Reply("a console"), "U0", "key")

    bot.attach(posted, File("web.log", "Console", "key"), "before\npassword=hunter2\nafter")

    *_, file = slack.slack.files.values()  # those of other tests stay
    text = file.data.decode()
    assert "hunter2" not in text
    assert [text.splitlines()[0], text.splitlines()[-1]] == ["before", "after"]
