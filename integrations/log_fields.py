"""How log documents name their fields, and which words programs use for a level. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime


@dataclass(frozen=True)
class Fields:
    """The fields of a log document. Where several are named, the first that a document has is shown.

    All but `message` are matched whole (keyword or date fields).
    """

    time: str
    message: str
    level: tuple[str, ...]
    pod: tuple[str, ...]
    trace: tuple[str, ...]

    def but(self, others: Mapping[str, Sequence[str]]) -> Fields:
        """With other fields in some of these roles."""
        alone = ("time", "message")
        changed = {role: names[0] if role in alone else tuple(names) for role, names in others.items()}
        return replace(self, **changed)  # type: ignore[arg-type]  # one name where there is one


_POD = "kubernetes.pod.name"
_TIME, _TEXT = "@timestamp", "message"
ECS = Fields(_TIME, _TEXT, ("log.level",), (_POD, "host.name"), ("trace.id", "http.request.id"))
"""Elastic Common Schema, as filebeat and the Elastic Agent write it."""
LOGSTASH = Fields(_TIME, _TEXT, ("level", "loglevel"), (_POD, "host.name", "host"), ("trace_id", "traceId"))
"""What Logstash's usual grok filters make: `%{LOGLEVEL:level}` beside the host that sent the line."""
RSYSLOG = Fields(_TIME, _TEXT, ("severity",), ("kubernetes.pod_name", "host"), ("trace_id", "trace.id"))
"""The JSON template of rsyslog's omelasticsearch documentation; metadata as mmkubernetes adds it:
`kubernetes.pod_name` beside `namespace_name` and `container_name`.
https://www.rsyslog.com/doc/configuration/modules/mmkubernetes.html
"""

PRESETS = {"ecs": ECS, "logstash": LOGSTASH, "rsyslog": RSYSLOG}


def moment(at: datetime) -> str:
    """ISO 8601 in UTC, to the millisecond: how Elasticsearch and Kibana take a time."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
