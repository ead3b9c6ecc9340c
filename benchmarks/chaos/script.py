"""What people ask for in a run, decided by its seed before it begins."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Literal

from benchmarks.chaos.shop import CHANNELS, ENVIRONMENTS, PROJECTS

Means = Literal["mention", "slash"]
DEPLOYERS = {
    "dev": ("engineer", "ops"),
    "trunk": ("engineer", "qa", "ops"),
    "hidden": ("qa", "ops"),
    "product": ("ops",),
}
REFS = ("", " at r1839", " at r1841", " at r1840")
BAD_REFS = (" at r666", " at r667")
"""Does not compile; crashes. See `sandbox/jenkins/shop.py`."""


@dataclass(frozen=True)
class Line:
    """Somebody says `text` at `at` seconds after the beginning."""

    at: float
    person: str
    channel: str
    text: str
    means: Means = "mention"
    cancels: int | None = None
    """Cancel what this line of the script asked for; `text` is then what comes before the id."""
    in_thread: bool = False
    """Under the first message of the channel."""
    again: bool = False
    """Slack delivers it once more, although it was acknowledged."""


def write(seed: int, changes: int, seconds: float) -> list[Line]:
    """`changes` changes within `seconds`, and a cancel after about every seventh of them."""
    dice = random.Random(f"script {seed}")
    lines: list[Line] = []
    for at in sorted(dice.uniform(0, seconds) for _ in range(changes)):
        line = _change(dice, at)
        lines.append(line)
        if dice.random() < 0.15:
            later, index = at + dice.uniform(0.2, 4), len(lines) - 1
            person = dice.choice([line.person, "ops"])
            lines.append(Line(later, person, line.channel, "cancel", cancels=index))
    return lines


def _change(dice: random.Random, at: float) -> Line:
    project, environment = dice.choice(list(PROJECTS)), dice.choice(ENVIRONMENTS)
    channel, means = "#" + dice.choice(CHANNELS), dice.choices(("mention", "slash"), (8, 2))[0]
    in_thread = means == "mention" and dice.random() < 0.15
    again = means == "mention" and dice.random() < 0.1
    kind = dice.random()
    if kind < 0.65:
        ref = dice.choice(BAD_REFS) if dice.random() < 0.05 else dice.choice(REFS)
        person, text = dice.choice(DEPLOYERS[environment]), f"deploy {project} to {environment}{ref}"
    elif kind < 0.85:
        person, text = dice.choice(("oncall", "ops")), f"rollback {project} in {environment} to previous"
    else:
        count = dice.randint(1, 4)
        person, text = dice.choice(("oncall", "ops")), f"scale {project} in {environment} to {count}"
    told: Means = "slash" if means == "slash" else "mention"
    return Line(at, person, channel, text, told, in_thread=in_thread, again=again)
