"""The payloads Slack sends to an app (https://docs.slack.dev/reference/interaction-payloads, .../events)."""

from __future__ import annotations

import itertools
import time

from sandbox.slack.records import APP, BOT, TEAM, TEAM_NAME, Channel, Json, Message, Person

VERIFICATION_TOKEN = "sandbox-verification"
_ids = itertools.count(1)


def event_callback(event: Json, shared: bool) -> Json:
    """The Events API's outer object. `shared`: somebody of another workspace is in the channel."""
    return {
        "token": VERIFICATION_TOKEN,
        "team_id": TEAM,
        "context_team_id": TEAM,
        "context_enterprise_id": None,
        "api_app_id": APP,
        "event": event,
        "type": "event_callback",
        "event_id": f"Ev{next(_ids):09X}",
        "event_time": int(time.time()),
        "authorizations": [
            {
                "enterprise_id": None,
                "team_id": TEAM,
                "user_id": BOT,
                "is_bot": True,
                "is_enterprise_install": False,
            }
        ],
        "is_ext_shared_channel": shared,
        "event_context": "4-sandbox",
    }


def message_event(message: Message, channel: Channel, kind: str = "message") -> Json:
    """`message` or `app_mention`."""
    event = message.json() | {"type": kind, "channel": channel.id, "event_ts": message.ts}
    if kind == "message":
        event["channel_type"] = channel.type
    if message.author.team_id != TEAM:
        event |= {"user_team": message.author.team_id, "source_team": message.author.team_id}
    elif not message.author.bot_id:
        event |= {"user_team": TEAM, "source_team": TEAM}
    return event


def command(
    person: Person, channel: Channel, name: str, text: str, response_url: str, trigger_id: str
) -> dict[str, str]:
    """A slash command; every field is text, as in the HTTP form."""
    return {
        "token": VERIFICATION_TOKEN,
        "team_id": person.team_id,
        "team_domain": TEAM_NAME,
        "channel_id": channel.id,
        "channel_name": "directmessage" if channel.im_with else channel.name,
        "user_id": person.id,
        "user_name": person.name,
        "command": name,
        "text": text,
        "api_app_id": APP,
        "is_enterprise_install": "false",
        "response_url": response_url,
        "trigger_id": trigger_id,
    }


def interaction(kind: str, person: Person, **fields: object) -> Json:
    """What block_actions, view_submission, view_closed, shortcut and message_action have in common."""
    return {
        "type": kind,
        "user": {
            "id": person.id,
            "username": person.name,
            "name": person.name,
            "team_id": person.team_id,
        },
        "api_app_id": APP,
        "token": VERIFICATION_TOKEN,
        "team": {"id": TEAM, "domain": TEAM_NAME},
        "enterprise": None,
        "is_enterprise_install": False,
        **fields,
    }


def action(block: Json, element: Json, chosen: Json) -> Json:
    """One entry of `actions`."""
    return {
        "type": element["type"],
        "action_id": element["action_id"],
        "block_id": block["block_id"],
        "action_ts": f"{time.time():.6f}",
        **chosen,
    }
