"""Prometheus: what a query says now (HTTP API v1, https://prometheus.io/docs/prometheus/latest/querying/api/)."""

from __future__ import annotations

import math

from bot.faults import Refused, Unavailable
from bot.language import _
from bot.ports import Measured
from bot.retrying import again_when_reading
from integrations.rest import Login, Missing, Rest


class Prometheus:
    """Implements `bot.ports.Metrics`. `token`: a bearer token, instead of `login`. `timeout` in seconds."""

    def __init__(
        self, name: str, url: str, login: Login | None, token: str | None, ca: str | None, timeout: float = 10
    ) -> None:
        self._name = f"Prometheus ({name})"
        self._rest = Rest(self._name, f"prometheus.{name}", url, login, ca, timeout)
        self._headers = {"Authorization": f"Bearer {token}"} if token else {}  # not said: a header
        self._timeout = f"{timeout:.0f}s"

    @again_when_reading
    def query(self, expression: str) -> list[Measured]:
        """An instant vector, or nothing where there are no such series. What is no number (NaN) is left out."""
        asked = {"query": expression, "timeout": self._timeout}
        try:
            answer = self._rest.json(self._rest.send("/api/v1/query", asked, self._headers))
        except Missing:
            hint = _("Operations: does its url in shipmate.yaml have the path that it is served under?")
            raise Refused(_("What answers there is not {system}.", system=self._name), hint) from None
        try:
            found = [
                Measured(dict(one["metric"]), float(one["value"][1])) for one in answer["data"]["result"]
            ]
        except (KeyError, TypeError, ValueError, IndexError):
            raise Unavailable(self._name, _("answered with something that is no vector")) from None
        return [one for one in found if not math.isnan(one.value)]
