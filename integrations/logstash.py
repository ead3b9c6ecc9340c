"""Logstash: how many events pass through each node (node stats API, port 9600).

https://www.elastic.co/docs/api/doc/logstash/operation/operation-nodestats. Rates are its own (`flow`, since
8.5); an older one tells only how many events there were since it started.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from bot.faults import Failed, Refused, Unavailable
from bot.language import _
from bot.ports import Shipped
from bot.retrying import again_when_reading
from integrations.rest import Login, Missing, Rest


class Logstash:
    """Implements `bot.ports.Shipper`: several nodes that read for one store. `timeout` in seconds."""

    def __init__(
        self, name: str, urls: Sequence[str], login: Login | None, ca: str | None, timeout: float = 10
    ) -> None:
        self._nodes = [
            Rest(f"Logstash ({name})", f"logstash.{name}", url, login, ca, timeout) for url in urls
        ]

    def nodes(self) -> list[Shipped]:
        """Each node; one that does not answer says so."""
        return [_node(rest, number) for number, rest in enumerate(self._nodes, 1)]


def _node(rest: Rest, number: int) -> Shipped:
    try:
        return _shipped(_stats(rest), number)
    except Missing:
        return Shipped(_("node {number}", number=number), trouble=_("what answers there is not Logstash"))
    except Unavailable as trouble:
        return Shipped(_("node {number}", number=number), trouble=trouble.reason)
    except (Refused, Failed):
        return Shipped(_("node {number}", number=number), trouble=_("does not let me read its figures"))


@again_when_reading
def _stats(rest: Rest) -> Any:
    return rest.json(rest.send("/_node/stats"))


def _shipped(stats: Any, number: int) -> Shipped:
    try:
        events, flow = stats["events"], stats.get("flow", {})
        return Shipped(
            name=str(stats.get("name") or _("node {number}", number=number)),
            taken=int(events["in"]),
            filtered=int(events["filtered"]),
            given=int(events["out"]),
            taken_rate=_rate(flow, "input_throughput"),
            given_rate=_rate(flow, "output_throughput"),
        )
    except (AttributeError, KeyError, TypeError, ValueError):
        return Shipped(_("node {number}", number=number), trouble=_("what answers there is not Logstash"))


def _rate(flow: Mapping[str, Any], name: str) -> float | None:
    """Events a second, of the last ten seconds or so; None before the first of them, and before 8.5."""
    current = flow.get(name, {}).get("current")
    return float(current) if isinstance(current, (int, float)) else None
