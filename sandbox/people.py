"""Who works at the sample shop, and where they talk."""

from __future__ import annotations

from dataclasses import replace

from sandbox.slack import Slack
from sandbox.slack.records import Person

PEOPLE = (
    Person("U0ENGINEER", "engineer", "Eva Engineer", "engineer@shop.example"),
    Person("U0QA", "qa", "Quentin Au", "qa@shop.example"),
    Person("U0ONCALL", "oncall", "Noor Call", "oncall@shop.example"),
    Person("U0OPS", "ops", "Olga Ops", "ops@shop.example"),
    Person("U0GUEST", "guest", "Gus Guest", "guest@shop.example", is_restricted=True),
    Person("U0MEI", "mei", "Mei Lin", "mei@shop.example", tz="Asia/Shanghai", locale="zh-CN"),
)
CHANNELS = ("deploys", "web", "oncall")


def move_in(slack: Slack) -> None:
    """Six people, one of whom reads Chinese, three channels that all are in, and the on-call's user group."""
    ids = [slack.add(replace(person)).id for person in PEOPLE]
    for channel in CHANNELS:
        slack.add_channel(channel, ids)
    slack.add_group("oncall", ["U0ONCALL"])
