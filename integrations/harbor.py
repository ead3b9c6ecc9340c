"""Harbor: which images there are, since when, and what a scanner found in them (API v2.0).

Rules of Harbor this relies on (https://goharbor.io/docs/latest/build-customize-contribute/configure-swagger/):
a repository's name with slashes is encoded twice in a path; artifacts are sorted on demand; the summary of a
scan comes in the media type that `X-Accept-Vulnerabilities` asks for.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import quote

from bot.faults import Unavailable
from bot.images import ImageName
from bot.ports import Pushed
from bot.retrying import again_when_reading
from integrations.rest import Login, Missing, Rest

REPORT = "application/vnd.security.vulnerability.report; version=1.1"
WANTED = {"with_tag": "true", "with_scan_overview": "true"}
SEVERITIES = ("Critical", "High", "Medium")
"""Lower ones help nobody to decide."""


class Harbor:
    """Implements `bot.ports.Registry`. `login`: a robot account that may list and read artifacts."""

    def __init__(self, name: str, url: str, login: Login | None, ca: str | None, timeout: float = 10) -> None:
        self._rest = Rest("Harbor", f"registries.{name}", url, login, ca, timeout)

    @again_when_reading
    def find(self, image: str) -> Pushed | None:
        name = ImageName.parse(image)
        try:
            return _pushed(self._get(f"{_path(name.repository)}/{quote(name.reference, safe='')}", WANTED))
        except Missing:
            return None

    @again_when_reading
    def newest(self, repository: str, most: int) -> list[Pushed]:
        query = {**WANTED, "sort": "-push_time", "page": "1", "page_size": str(most)}
        try:
            return [_pushed(artifact) for artifact in self._get(_path(repository), query)]
        except Missing:
            return []

    def _get(self, path: str, query: Mapping[str, str]) -> Any:
        response = self._rest.send(path, query, {"X-Accept-Vulnerabilities": REPORT})
        return self._rest.json(response)


def _path(repository: str) -> str:
    project, _, rest = repository.partition("/")
    return (
        f"/api/v2.0/projects/{quote(project, safe='')}/repositories/{quote(quote(rest, safe=''))}/artifacts"
    )


def _pushed(artifact: Any) -> Pushed:
    try:
        return Pushed(
            digest=str(artifact["digest"]),
            tags=tuple(str(tag["name"]) for tag in artifact.get("tags") or ()),
            size=int(artifact["size"]) if artifact.get("size") else None,
            pushed=_time(artifact.get("push_time")),
            scan=_scan(artifact.get("scan_overview") or {}),
        )
    except (AttributeError, KeyError, TypeError, ValueError):
        raise Unavailable("Harbor", "answered with something that is no artifact") from None


def _time(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def _scan(overview: Mapping[str, Any]) -> str:
    """Of the one report, whichever scanner made it."""
    report = overview.get(REPORT) or next(iter(overview.values()), None)
    if not report:
        return ""
    if report.get("scan_status") != "Success":
        return f"scan: {str(report.get('scan_status', 'unknown')).lower()}"
    counts = (report.get("summary") or {}).get("summary") or {}
    found = [f"{counts[severity]} {severity.lower()}" for severity in SEVERITIES if counts.get(severity)]
    return ", ".join(found) or "nothing grave found"
