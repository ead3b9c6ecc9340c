"""What Slack shows outside of messages: modals and the Home tab. The only place that sends a view.

https://docs.slack.dev/surfaces/modals, https://docs.slack.dev/surfaces/app-home
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from bot.chat import Throttled, Undeliverable
from bot.faults import Unavailable
from bot.redact import redact
from integrations.slack_web import call, web_client

log = logging.getLogger(__name__)

Json = dict[str, Any]

OPEN_SECONDS = 2
"""A trigger is good for three: what cannot be opened by then is answered in text."""
AT_ONCE = 4
"""Views that are opened at the same time; each waits for nothing but Slack."""


class Views:
    def __init__(self, token: str, api_url: str) -> None:
        self._client = web_client(token, api_url, timeout=OPEN_SECONDS)
        self._pool = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="views")

    def open(self, trigger_id: str, view: Json, otherwise: Callable[[], None]) -> None:
        """Returns at once, so that the acknowledgement does not wait; `otherwise` where it cannot be opened."""
        shown, asked = clean(view), time.monotonic()

        def opens() -> None:
            if time.monotonic() > asked + OPEN_SECONDS:  # those before it took too long
                raise Unavailable("Slack", "is slow")  # not said: for the log
            call(lambda: self._client.views_open(trigger_id=trigger_id, view=shown))

        self._pool.submit(_or, opens, otherwise)

    def update(self, view_id: str, view: Json) -> None:
        """Raises what `integrations.slack.call` raises."""
        shown = clean(view)
        call(lambda: self._client.views_update(view_id=view_id, view=shown))

    def update_soon(self, view_id: str, view: Json) -> None:
        """Returns at once; a view that is closed meanwhile stays closed."""
        self._pool.submit(_or, lambda: self.update(view_id, view), lambda: None)

    def publish(self, user: str, view: Json) -> None:
        """Raises what `integrations.slack.call` raises."""
        shown = clean(view)
        call(lambda: self._client.views_publish(user_id=user, view=shown))


def _or(do: Callable[[], None], otherwise: Callable[[], None]) -> None:
    try:
        do()
    except (Unavailable, Undeliverable, Throttled) as trouble:
        log.warning("a view cannot be shown: %s", trouble)
        otherwise()
    except (
        Exception
    ):  # in a thread of its own nobody else would hear of it, and the person waits for an answer
        log.exception("a view cannot be shown")
        otherwise()


def clean(thing: Any) -> Any:
    """A view with nothing in its words that is to be hidden. Values that come back to us stay as they are."""
    match thing:
        case {"type": "plain_text" | "mrkdwn", "text": str(text)}:
            return {**thing, "text": redact(text).text}
        case dict():
            return {name: clean(value) for name, value in thing.items()}
        case list():
            return [clean(value) for value in thing]
    return thing
