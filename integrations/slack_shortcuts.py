"""Message shortcuts: what somebody asks about a message, from its menu.

https://docs.slack.dev/reference/interaction-payloads/shortcuts-interaction-payload
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from slack_bolt import Ack

from bot.dispatcher import Dispatcher, Request
from bot.grammar import Instant
from bot.operation import Origin
from integrations.slack_views import Json


def what_changed(dispatcher: Dispatcher) -> Callable[..., None]:
    """Answered under the message that it is about."""

    def listen(ack: Ack, body: Json) -> None:
        user, message = body["user"], body["message"]
        ts = body.get("message_ts") or message["ts"]
        thread, key = message.get("thread_ts") or ts, f"shortcut:{body['trigger_id']}"
        origin = Origin(body["channel"]["id"], thread, "shortcut", key)
        team = user.get("team_id") or (body.get("team") or {}).get("id", "")
        around = Instant.of(datetime.fromtimestamp(float(ts), UTC))
        dispatcher.handle(Request(f"changed around {around}", user["id"], team, origin))
        ack()

    return listen
