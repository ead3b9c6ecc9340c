"""Who works at the sample shop, and where they talk."""

from __future__ import annotations

from sandbox.slack import Slack

PEOPLE = (
    ("U0ENGINEER", "engineer", "Eva Engineer", False),
    ("U0QA", "qa", "Quentin Au", False),
    ("U0ONCALL", "oncall", "Noor Call", False),
    ("U0OPS", "ops", "Olga Ops", False),
    ("U0GUEST", "guest", "Gus Guest", True),
)
CHANNELS = ("deploys", "web", "oncall")


def move_in(slack: Slack) -> None:
    """Five people, three channels that all are in, and the on-call's user group."""
    ids = []
    for user_id, name, real_name, restricted in PEOPLE:
        slack.add_person(user_id, name, real_name, f"{name}@shop.example", restricted=restricted)
        ids.append(user_id)
    for channel in CHANNELS:
        slack.add_channel(channel, ids)
    slack.add_group("oncall", ["U0ONCALL"])
