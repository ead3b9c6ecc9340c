"""The people of the script at their keyboards, and what became of each thing they asked for."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass

from redis import Redis
from redis.exceptions import RedisError

from benchmarks.chaos.script import Line
from bot.ledger import PREFIX
from sandbox.slack.delivery import Envelope
from sandbox.world import World, WorldThread


@dataclass(frozen=True)
class Asked:
    """One request as Slack carried it. `key` names it in the ledger."""

    line: Line
    channel: str
    key: str
    envelope: Envelope

    @property
    def acknowledged(self) -> bool:
        return self.envelope.acked is not None

    @property
    def answered(self) -> bool:
        """Whether the acknowledgement itself carried the reply."""
        return self.acknowledged and bool(self.envelope.answer.result())


class People:
    """Speaks the script from a thread of its own; `asked` by the line's number."""

    def __init__(self, thread: WorldThread, redis: Redis, script: list[Line]) -> None:
        self.asked: dict[int, Asked] = {}
        self._thread = thread
        self._redis = redis
        self._script = sorted(enumerate(script), key=lambda entry: entry[1].at)
        self._speaker = threading.Thread(target=self._speak, name="people")

    def start(self) -> None:
        self._speaker.start()

    def join(self) -> None:
        self._speaker.join()

    def _speak(self) -> None:
        began = time.monotonic()
        for number, line in self._script:
            pause = began + line.at - time.monotonic()
            threading.Event().wait(max(0.0, pause))
            text = line.text if line.cancels is None else self._cancel(line.cancels)
            if text:
                self.asked[number] = self._thread.call(say, self._thread.world, line, text)

    def _cancel(self, number: int) -> str:
        """`cancel k7f3`; empty when nobody can know the id yet."""
        try:
            operation_id = number in self.asked and operation_of(self._redis, self.asked[number])
        except RedisError:
            return ""
        return f"cancel {operation_id}" if operation_id else ""


def operation_of(redis: Redis, asked: Asked) -> str | None:
    """The id of the operation that was opened for a request; None: it was refused, or was no change."""
    found = redis.get(f"{PREFIX}request:{asked.key}")
    return str(found) if found else None


def say(world: World, line: Line, text: str) -> Asked:
    """Type it into Slack; call it in the world's loop."""
    slack = world.slack.slack
    channel, sent = slack.channel(line.channel).id, len(world.slack.envelopes)
    if line.means == "slash":
        slack.slash(line.person, channel, "/ship", text)
        envelope = world.slack.envelopes[-1]
        return Asked(line, channel, f"slash:{envelope.payload['trigger_id']}", envelope)
    root = next(iter(slack.messages.get(channel, ())), None) if line.in_thread else None
    ts = slack.say(line.person, channel, f"@shipmate {text}", root)
    mentions = (e for e in world.slack.envelopes[sent:] if e.payload["event"]["type"] == "app_mention")
    envelope = next(mentions)
    if line.again:
        world.slack.delivery.send_again(envelope)
    return Asked(line, channel, f"{channel}:{slack.messages[channel][ts].client_msg_id or ts}", envelope)
