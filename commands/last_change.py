"""The last time that what runs on a target was changed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import chain

from bot.backends import Backends
from bot.operation import Operation

ROLLOUT = "rollout started"  # not said: a key of the record
"""The step of a story after which pods are replaced."""


@dataclass(frozen=True)
class Changed:
    """A change that reached the pods, however it ended; `at`: when it began to."""

    operation: Operation
    at: datetime


def last_change(target: str, on: Backends) -> Changed | None:
    """As far as Shipmate remembers: one under way counts, too."""
    holder = on.ledger.holder(target)
    for operation in chain([holder] if holder else [], on.ledger.past(target)):
        step = operation.step(ROLLOUT)
        if step is not None:
            return Changed(operation, datetime.fromtimestamp(step.began, UTC))
    return None
