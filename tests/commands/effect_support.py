"""The comparison that a rollback leaves for later: finding it, and having its time come."""

from __future__ import annotations

import re
import time
from dataclasses import replace

from bot.ledger import PREFIX, Ledger
from bot.lifecycle import State
from bot.operation import PART_OF, STARTS, Operation
from sandbox.chat import Said, eventually
from sandbox.stage import Stage


def left_for_later(stage: Stage, said: Said) -> list[Operation]:
    """What is to be compared of the operation in that message, and has not been."""
    ledger, [mine] = Ledger(stage.redis), re.findall(r"^`([a-z][a-z0-9]{3})` · ", said.shown, re.MULTILINE)
    ids = list(map(str, stage.redis.zrange(PREFIX + "due", 0, -1)))
    found = [operation for operation in ledger.get_all(ids) if operation is not None]
    return [op for op in found if op.state is State.SCHEDULED and op.plan.get(PART_OF) == mine]


def its_time_comes(stage: Stage, said: Said) -> None:
    """The minutes have passed."""
    [later] = left_for_later(stage, said)
    now = time.time()
    due = replace(later, plan={**later.plan, STARTS: now})
    Ledger(stage.redis).write(later, due, lease=None, announce=False, due=now)


def told_in_thread(said: Said, words: str) -> Said:
    """The reply in its thread that has these words."""
    found = eventually(lambda: [reply for reply in said.replies if words in reply.shown], words)
    return found[0]
