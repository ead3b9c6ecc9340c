"""pipeline: where log lines are on their way into the log store, and which hop holds them up."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TypeVar

from bot.backends import Backends
from bot.command import Query
from bot.faults import Failed, Refused, Unavailable
from bot.grammar import Environment, Project
from bot.language import _, counted
from bot.mrkdwn import inert
from bot.ports import Measured, Person
from bot.reply import Block, Button, Buttons, Reply, Text
from bot.settings.log_sections import Pipeline as Settings
from bot.words import duration
from commands.pipeline_verdict import FRESH_SECONDS, Found, verdict

T = TypeVar("T")
MOST = 6
"""Indices that are named, oldest first."""


@dataclass(frozen=True)
class Pipeline(Query):
    """Show where log lines are held up on their way into the log store."""

    reads = True
    usage = "pipeline [<project>] [in <environment>]"
    examples = ("logs pipeline", "pipeline web in product")
    aliases = ("logs pipeline", "log pipeline")

    project: Project | None = None
    environment: Environment | None = None

    def answer(self, asker: Person, on: Backends) -> Reply:
        stores = self._stores(asker, on)
        if not stores:
            raise Refused(_("No log store is configured for what you may see."), _("Operations add it."))
        blocks: list[Block] = []
        summaries = []
        for name, indices in stores.items():
            found = look(name, sorted(indices), on)
            words = verdict(found)
            summaries.append(
                words if len(stores) == 1 else _("{store}: {words}", store=inert(name), words=words)
            )
            blocks.append(Text("\n".join([f"*{summaries[-1]}*", *_hops(found)])))
        where = f" {self.project}" if self.project else ""
        where += f" in {self.environment}" if self.environment else ""  # not said: a command
        blocks.append(Buttons((Button(_("Refresh"), f"pipeline{where}"),)))
        return Reply(_("Log pipeline: {words}", words=_("; ").join(summaries)), tuple(blocks))

    def _stores(self, asker: Person, on: Backends) -> dict[str, set[str]]:
        """Name of each store -> the indices in it of what was asked about and may be seen."""
        stores: dict[str, set[str]] = {}
        for project, environment in on.policy.visible(asker, self.verb):
            if self.project in (None, project) and self.environment in (None, environment):
                logs = on.settings.target(project, environment).logs
                if logs is not None:
                    stores.setdefault(logs.elasticsearch, set()).add(logs.index)
        return stores


def look(store: str, indices: list[str], on: Backends) -> Found:
    """Every hop as far as it is configured; a system that does not answer is a finding, too."""
    settings = on.settings.elasticsearch[store].pipeline
    now = datetime.now(UTC)
    none: dict[str, datetime | None] = {}
    newest, trouble = _tried(lambda: on.logs(store).newest(indices), none)
    ages = {index: (now - at).total_seconds() for index, at in newest.items() if at is not None}
    kafka = _Kafka(settings, on)
    lag = f"sum by (consumergroup, topic) (kafka_consumergroup_lag{kafka.groups})"  # not said: PromQL
    return Found(
        ages=ages,
        store_trouble=trouble,
        nodes=tuple(node for name in settings.logstash for node in on.shipper(name).nodes()),
        lag=kafka.total(lag),
        arriving=kafka.total(f"sum(rate(kafka_topic_partition_current_offset{kafka.topics}[2m]))"),
        brokers=kafka.total("max(kafka_brokers)"),
        kafka_trouble=kafka.trouble,
    )


class _Kafka:
    """What Prometheus knows of Kafka; after one silence it is not asked again."""

    def __init__(self, settings: Settings, on: Backends) -> None:
        self.trouble = ""
        self._metrics = on.metrics(settings.prometheus) if settings.prometheus else None
        topics = f"topic=~{_quoted(settings.topics)}"
        self.topics = f"{{{topics}}}"
        self.groups = f"{{{topics}, consumergroup=~{_quoted(settings.consumer_groups)}}}"

    def total(self, expression: str) -> float | None:
        """None: nobody knows."""
        metrics = self._metrics
        if metrics is None or self.trouble:
            return None
        nothing: list[Measured] = []
        found, self.trouble = _tried(lambda: metrics.query(expression), nothing)
        return sum(one.value for one in found) if found else None


def _quoted(text: str) -> str:
    """A string of PromQL."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _tried(ask: Callable[[], T], otherwise: T) -> tuple[T, str]:
    """The answer, and why there is none."""
    try:
        return ask(), ""
    except (Unavailable, Refused, Failed) as trouble:
        return otherwise, str(trouble)


def _hops(found: Found) -> list[str]:
    return [*_kafka(found), *_logstash(found), *_store(found)]


def _kafka(found: Found) -> Iterable[str]:
    if found.kafka_trouble:
        yield _(":white_circle: Kafka: not known, {trouble}", trouble=inert(found.kafka_trouble))
        return
    if found.arriving is not None:
        mark, rate = _mark(found.arriving > 0), f"{found.arriving:,.1f}"
        yield _("{mark} filebeat → Kafka: {rate} lines/s arrive", mark=mark, rate=rate)
    if found.brokers is not None:
        brokers = round(found.brokers)
        mark = _mark(brokers > 0)
        yield counted("{mark} Kafka: {n} broker up", "{mark} Kafka: {n} brokers up", brokers, mark=mark)
    if found.lag is not None:
        yield counted(
            "{mark} Kafka → Logstash: {n:,} line waits to be read",
            "{mark} Kafka → Logstash: {n:,} lines wait to be read",
            round(found.lag),
            mark=_mark(not found.piles_up),
        )


def _logstash(found: Found) -> Iterable[str]:
    for node in found.nodes:
        name = inert(node.name)
        if node.trouble:
            yield f":red_circle: Logstash {name}: {inert(node.trouble)}"  # not said: a name
            continue
        said = _(
            "{mark} Logstash {name}: in {taken}, filtered {filtered}, out {given}",
            mark=_mark(not found.is_stuck(node)),
            name=name,
            taken=f"{node.taken:,}",
            filtered=f"{node.filtered:,}",
            given=f"{node.given:,}",
        )
        if node.taken_rate is not None and node.given_rate is not None:
            taken, given = f"{node.taken_rate:,.1f}", f"{node.given_rate:,.1f}"
            said = _("{said} ({taken}/s in, {given}/s out)", said=said, taken=taken, given=given)
        yield _("{said}, {held} held", said=said, held=f"{node.held:,}") if node.held else said


def _store(found: Found) -> Iterable[str]:
    if found.store_trouble:
        yield f":red_circle: {inert(found.store_trouble)}"
        return
    oldest = sorted(found.ages.items(), key=lambda pair: -pair[1])
    for index, age in oldest[:MOST]:
        fresh = age <= FRESH_SECONDS
        mark = _mark(fresh) if fresh or found.is_behind else ":white_circle:"  # else it is only quiet
        yield _("{mark} `{index}`: newest line {age} old", mark=mark, index=inert(index), age=duration(age))
    if len(oldest) > MOST:
        yield counted("and {n} more, a newer one", "and {n} more, newer ones", len(oldest) - MOST)


def _mark(well: bool) -> str:
    return ":large_green_circle:" if well else ":red_circle:"
