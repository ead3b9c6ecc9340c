"""Reading times off the sandbox's own records; all in seconds of `time.monotonic()`."""

from __future__ import annotations

import time
from collections.abc import Iterator
from statistics import median, quantiles

from sandbox.chat import eventually
from sandbox.slack.delivery import Envelope
from sandbox.slack.records import Message
from sandbox.stage import Stage

CHANNEL, WHO = "#deploys", "ops"


def say(stage: Stage, text: str, channel: str = CHANNEL) -> Envelope:
    """Mention the bot without waiting for anything; the envelope that Slack made of it."""
    slack = stage.world.slack

    def speak() -> Envelope:
        slack.slack.say(WHO, channel, f"@shipmate {text}")
        return slack.envelopes[-1]

    return stage.thread.call(speak)


def sent(envelope: Envelope) -> float:
    eventually(lambda: envelope.sent, "an envelope that is sent")
    return envelope.sent[0]


def acked(envelope: Envelope) -> float:
    return eventually(lambda: envelope.acked, "an acknowledgement") or 0.0


def messages(stage: Stage) -> dict[str, Message]:
    """Operation id -> the message that shows it, over all channels."""
    found = {}
    for channel in stage.thread.call(
        lambda: [list(c.values()) for c in stage.world.slack.slack.messages.values()]
    ):
        for message in channel:
            key = (message.metadata or {}).get("event_payload", {}).get("key", "")
            if key and ":" not in key:
                found[key] = message
    return found


def message(stage: Stage, key: str) -> Message:
    """The one that shows an operation, as soon as it is there."""
    found = eventually(lambda: messages(stage).get(key), f"a message of {key}")
    assert found is not None
    return found


def settled(stage: Stage, within: float = 120) -> None:
    """Wait until no change is under way and all has been said."""
    redis = stage.redis
    keys = ("shipmate:active:change", "shipmate:active:query", "shipmate:outbox")
    eventually(lambda: not redis.exists(*keys), "an end of everything", within)


def milliseconds(seconds: Iterator[float] | list[float]) -> list[float]:
    return [value * 1000 for value in seconds]


def p50(values: list[float]) -> float:
    return median(values)


def p99(values: list[float]) -> float:
    return quantiles(values, n=100, method="inclusive")[98]


def resident_mb(pid: int) -> float:
    """VmRSS of a process, in MB (proc(5))."""
    with open(f"/proc/{pid}/status", encoding="ascii") as status:  # noqa: PTH123  # not a file of ours
        line = next(line for line in status if line.startswith("VmRSS"))
    return int(line.split()[1]) / 1024


def pause(seconds: float) -> None:
    """Let a steady state run while the sandbox counts."""
    time.sleep(seconds)
