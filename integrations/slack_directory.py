"""Who people are: Slack profiles and user groups, remembered for a while in Redis for every process.

Fresh for ten minutes; when Slack does not answer, what was known in the last day still counts, so that an
outage of Slack's Web API does not lock the on-call out.
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from redis import Redis

from bot.chat import Throttled, Undeliverable
from bot.faults import Refused, Unavailable
from bot.language import _, language_of
from bot.ledger import PREFIX
from bot.ports import Person
from integrations.slack_web import API_URL, call, web_client

FRESH_SECONDS = 600
NEAR_SECONDS = 2
"""Within one process, for the many requests of a busy moment."""
STALE_SECONDS = 24 * 3600
NOBODY: Mapping[str, Person] = {}


class SlackDirectory:
    """Implements `bot.ports.Directory`. `groups` are those that roles name; only those are asked for.

    `vouched`: people by id who are known without Slack. It is asked all the same, and only when it does not
    answer, and nothing is remembered, they are who the configuration says, in no group.
    """

    def __init__(
        self,
        redis: Redis,
        token: str,
        groups: frozenset[str],
        api_url: str = API_URL,
        vouched: Mapping[str, Person] = NOBODY,
    ) -> None:
        self._vouched = vouched
        self._redis: Any = redis
        self._groups = groups
        self._near: dict[tuple[str, str], tuple[float, Person]] = {}
        self._client = web_client(token, api_url, timeout=5)

    def person(self, user_id: str, team: str = "") -> Person:
        """Raises Refused for an id that Slack does not know, Unavailable when nothing is known of it."""
        at, person = self._near.get((user_id, team), (0.0, None))
        if person is None or time.monotonic() - at > NEAR_SECONDS:
            person = self._person_or_vouched(user_id, team)
            self._near[user_id, team] = (time.monotonic(), person)
        return person

    def _person_or_vouched(self, user_id: str, team: str) -> Person:
        try:
            return self._person(user_id, team)
        except Unavailable:
            if user_id in self._vouched:
                return self._vouched[user_id]
            raise

    def _person(self, user_id: str, team: str) -> Person:
        known = self._recall(f"person:{user_id}")
        if known is None or known["until"] < time.time():
            known = self._ask_or(known, user_id)
        plain = known["person"]
        groups = frozenset(group for group in self._groups if user_id in self._members(group))
        return Person(**{**plain, "groups": groups, "team": team or plain["team"]})

    def _ask_or(self, known: dict[str, Any] | None, user_id: str) -> dict[str, Any]:
        try:
            user = call(lambda: self._client.users_info(user=user_id, include_locale=True))["user"]
        except Undeliverable:
            raise Refused(_("Slack does not know who you are.")) from None
        except (Unavailable, Throttled):
            if known is not None:
                return known
            raise Unavailable("Slack", _("does not say who you are")) from None
        return self._remember(f"person:{user_id}", {"person": _plain(user)})

    def _members(self, group: str) -> list[str]:
        known = self._recall(f"group:{group}")
        if known is None or known["until"] < time.time():
            try:
                users = call(lambda: self._client.usergroups_users_list(usergroup=group))["users"]
                known = self._remember(f"group:{group}", {"users": users})
            except Undeliverable:
                known = known or {"users": []}  # deny by default
            except (Unavailable, Throttled):
                if known is None:  # nobody is refused for what nobody knows
                    raise Unavailable("Slack", _("does not say who is in which group")) from None
        users_known: list[str] = known["users"]
        return users_known

    def _recall(self, name: str) -> dict[str, Any] | None:
        stored = self._redis.get(PREFIX + name)
        return json.loads(stored) if stored else None

    def _remember(self, name: str, facts: dict[str, Any]) -> dict[str, Any]:
        facts = {**facts, "until": time.time() + FRESH_SECONDS}
        self._redis.set(PREFIX + name, json.dumps(facts), ex=STALE_SECONDS)
        return facts


def _plain(user: dict[str, Any]) -> dict[str, Any]:
    """What is needed of a user (https://docs.slack.dev/reference/objects/user-object).

    `locale`, such as `zh-CN`, comes only when it is asked for.
    """
    profile = user.get("profile", {})
    person = Person(
        id=user["id"],
        name=profile.get("display_name") or user.get("real_name") or user.get("name", ""),
        email=profile.get("email", ""),
        team=user.get("team_id", ""),
        is_bot=bool(user.get("is_bot")),
        is_guest=bool(user.get("is_restricted") or user.get("is_ultra_restricted") or user.get("deleted")),
        tz=user.get("tz") or "",
        language=language_of(user.get("locale") or ""),
    )
    plain = asdict(person)
    del plain["groups"]
    return plain
