"""What was seen of each hop -> which of them is the culprit. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from bot.language import _, counted
from bot.mrkdwn import inert
from bot.ports import Shipped
from bot.words import duration

FRESH_SECONDS = 60.0
PILE = 1_000
"""So many lines that wait in Kafka are more than a moment's unevenness."""


@dataclass(frozen=True)
class Found:
    """None: nobody knows. `ages`: seconds since the newest line, by index."""

    ages: Mapping[str, float] = field(default_factory=dict)
    store_trouble: str = ""
    nodes: tuple[Shipped, ...] = ()
    lag: float | None = None
    arriving: float | None = None
    """Lines a second that filebeat brings to Kafka."""
    brokers: float | None = None
    kafka_trouble: str = ""

    @property
    def behind(self) -> float:
        """Seconds since any line at all reached the store."""
        return min(self.ages.values(), default=float("inf"))

    @property
    def is_behind(self) -> bool:
        return self.behind > FRESH_SECONDS

    @property
    def piles_up(self) -> bool:
        return self.lag is not None and (self.lag > PILE or (self.lag > 0 and self.is_behind))

    def is_stuck(self, node: Shipped) -> bool:
        """It holds events and gets rid of none, while nothing new reaches the store."""
        return node.held > 0 and not node.given_rate and self.is_behind


def verdict(found: Found) -> str:
    """One sentence, in mrkdwn: the first hop, seen from the store, that explains what is seen."""
    if found.store_trouble:
        return inert(found.store_trouble)  # it names the store
    since = _("there are no lines at all")
    if found.ages:
        since = _("nothing new for {length}", length=duration(found.behind))
    if found.brokers == 0:
        return _("Kafka is down: none of its brokers answers; {since}", since=since)
    if any(found.is_stuck(node) for node in found.nodes):
        held = sum(node.held for node in found.nodes)
        return counted(
            "Elasticsearch does not take what Logstash sends: {n:,} line is held back; {since}",
            "Elasticsearch does not take what Logstash sends: {n:,} lines are held back; {since}",
            held,
            since=since,
        )
    silent = [node for node in found.nodes if node.trouble]
    trouble = inert(silent[0].trouble) if silent else ""
    if silent and len(silent) == len(found.nodes) and (found.piles_up or found.is_behind):
        return _("Logstash {trouble}; {since}", trouble=trouble, since=since)
    if found.piles_up:
        waits = counted("{n:,} line waits in Kafka", "{n:,} lines wait in Kafka", round(found.lag or 0))
        if found.is_behind:
            return _("Logstash does not read: {waits}; {since}", waits=waits, since=since)
        return _("Logstash reads too slowly: {waits}", waits=waits)
    if not found.is_behind:
        return _("lines arrive, though Logstash {trouble}", trouble=trouble) if silent else _("lines arrive")
    if found.arriving == 0:
        return _("filebeat sends nothing to Kafka; {since}", since=since)
    return _("{since}; which hop it is cannot be told from what is configured", since=since)
