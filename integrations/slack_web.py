"""Calls to Slack's Web API, with its errors turned into ours."""

from __future__ import annotations

from collections.abc import Callable
from http.client import HTTPException
from typing import Any

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError

from bot.chat import Gone, Throttled, Undeliverable, Unreachable
from bot.faults import Unavailable

API_URL = "https://slack.com/api/"
TIMEOUT_SECONDS = 10
UNREACHABLE = {
    "not_in_channel",
    "channel_not_found",
    "is_archived",
    "restricted_action",
    "user_not_in_channel",
}
"""Errors after which a message goes to its person directly."""
TRANSIENT = {"internal_error", "fatal_error", "service_unavailable", "request_timeout", "team_added_to_org"}
GONE = {"message_not_found", "cant_update_message", "edit_window_closed"}
TOO_LARGE = {"msg_too_long", "invalid_blocks", "msg_blocks_too_long", "invalid_blocks_format"}


class TooMuch(Undeliverable):
    """Slack does not take the blocks; the plain text may still do."""


def web_client(token: str, api_url: str, timeout: int = TIMEOUT_SECONDS) -> WebClient:
    """Without slack_sdk's own retries: it would post once more when only the answer was lost."""
    return WebClient(token=token, base_url=api_url, timeout=timeout, retry_handlers=[])


def call(do: Callable[[], Any]) -> Any:
    """One Web API call with Slack's errors turned into ours. Whatever goes wrong is for the log: it is in English."""
    try:
        return do()
    except SlackApiError as error:
        code = error.response.get("error", "") if hasattr(error.response, "get") else ""
        if error.response.status_code == 429 or code == "ratelimited":
            raise Throttled(float(error.response.headers.get("Retry-After", 1))) from None
        if error.response.status_code >= 500 or code in TRANSIENT or not code.isidentifier():
            words = code if code.isidentifier() else error.response.status_code  # else a page of some proxy
            raise Unavailable("Slack", f"answered {words}") from None  # not said: for the log
        if code in UNREACHABLE:
            raise Unreachable(code) from None
        if code in GONE:
            raise Gone(code) from None
        if code in TOO_LARGE:
            raise TooMuch(code) from None
        raise Undeliverable(code) from None
    except (SlackClientError, OSError, HTTPException) as error:
        kind = type(error).__name__
        raise Unavailable("Slack", f"cannot be reached ({kind})") from None  # not said: for the log
