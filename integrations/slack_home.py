"""The Home tab: asked for when it is opened, answered in its own place.

https://docs.slack.dev/surfaces/app-home, https://docs.slack.dev/reference/events/app_home_opened
"""

from __future__ import annotations

import json
import time
from contextlib import suppress
from dataclasses import replace
from typing import Any

from redis.exceptions import RedisError

from bot.dispatcher import Dispatcher, Request
from bot.homes import Homes, home_of
from bot.operation import Origin
from bot.reply import Reply
from integrations import slack_blocks
from integrations.slack_views import Json

MOST_BLOCKS = 100
"""https://docs.slack.dev/reference/views/home-tab-views"""


class SlackHome:
    def __init__(self, homes: Homes, dispatcher: Dispatcher) -> None:
        self._homes = homes
        self._dispatcher = dispatcher

    def opened(self, event: Json, body: Json) -> None:
        """The event comes for the tab of messages too."""
        if event.get("tab") != "home":
            return
        user = event["user"]
        with suppress(RedisError):  # what is asked for next says that it does not answer
            self._homes.opened(user)
        self._ask(Request("home", user, body.get("team_id", ""), Origin("", key=f"home:{body['event_id']}")))

    def handle(self, request: Request) -> None:
        """A button there. A question about the tab itself is answered in it, and so is what is known at once;
        what is done is told in the person's direct messages, where it stays."""
        user = request.user_id
        try:
            if request.text.split()[0] == "home":
                self._homes.turned(user, request.text)
            else:
                reply = self._dispatcher.decide(request)
                if reply is None:
                    return
                self._homes.says(user, reply)
            text = self._homes.text(user)
        except RedisError:
            text = request.text
        self._ask(replace(request, text=text))

    def _ask(self, request: Request) -> None:
        origin = Origin(home_of(request.user_id), source="home", key=f"{request.origin.key}:home")
        self._dispatcher.handle(replace(request, origin=origin, tap=""))


def home_view(reply: Reply) -> dict[str, Any]:
    return {
        "type": "home",
        "callback_id": "home",
        "private_metadata": json.dumps({"at": time.time()}),
        "blocks": slack_blocks.blocks(reply, MOST_BLOCKS),
    }
