"""Slack's servers on loopback, for unchanged `slack_sdk` and `slack_bolt`."""

from sandbox.slack.records import SlackError
from sandbox.slack.server import APP_TOKEN, BOT_TOKEN, SIGNING_SECRET, SlackServer
from sandbox.slack.state import Slack

__all__ = ["APP_TOKEN", "BOT_TOKEN", "SIGNING_SECRET", "Slack", "SlackError", "SlackServer"]
