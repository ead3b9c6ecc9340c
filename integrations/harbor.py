"""Harbor: which images there are, since when, and what a scanner found in them (API v2.0).

Rules of Harbor this relies on (https://goharbor.io/docs/latest/build-customize-contribute/configure-swagger/):
a repository's name with slashes is encoded twice in a path; artifacts are sorted on demand; the summary of a
scan comes in the media type that `X-Accept-Vulnerabilities` asks for.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from urllib.parse import quote

from pydantic import BaseModel, TypeAdapter
from requests import Response

from bot.images import ImageName
from bot.language import N_, _
from bot.ports import Pushed
from bot.retrying import again_when_reading
from bot.words import commas
from integrations.rest import Login, Missing, Rest

REPORT = "application/vnd.security.vulnerability.report; version=1.1"  # not said: a media type
WANTED = {"with_tag": "true", "with_scan_overview": "true"}


class Tag(BaseModel):
    name: str


class Counts(BaseModel):
    summary: dict[str, int] | None = None
    """By severity."""


class Scan(BaseModel):
    scan_status: str = "unknown"
    summary: Counts | None = None


class Artifact(BaseModel):
    digest: str
    tags: list[Tag] | None = None
    size: int | None = None
    push_time: datetime | None = None
    scan_overview: dict[str, Scan] | None = None


NO_WORD = N_("scan: not known")
SCANS = {
    "Pending": N_("scan: pending"),
    "Scheduled": N_("scan: pending"),
    "Running": N_("scan: running"),
    "Error": N_("scan: failed"),
    "Stopped": N_("scan: stopped"),
}
"""States of a scan that has no result (https://github.com/goharbor/harbor, src/pkg/task and job/models.go)."""
SEVERITIES = {"Critical": N_("{n} critical"), "High": N_("{n} high"), "Medium": N_("{n} medium")}
"""Lower ones help nobody to decide."""

ONE, SEVERAL = TypeAdapter(Artifact), TypeAdapter(list[Artifact])


class Harbor:
    """Implements `bot.ports.Registry`. `login`: a robot account that may list and read artifacts."""

    def __init__(self, name: str, url: str, login: Login | None, ca: str | None, timeout: float = 10) -> None:
        self._rest = Rest("Harbor", f"registries.{name}", url, login, ca, timeout)

    @again_when_reading
    def find(self, image: str) -> Pushed | None:
        name = ImageName.parse(image)
        try:
            found = self._get(f"{_path(name.repository)}/{quote(name.reference, safe='')}", WANTED)
        except Missing:
            return None
        return _pushed(self._rest.read(found, ONE))

    @again_when_reading
    def newest(self, repository: str, most: int) -> list[Pushed]:
        query = {**WANTED, "sort": "-push_time", "page": "1", "page_size": str(most)}
        try:
            found = self._get(_path(repository), query)
        except Missing:
            return []
        return [_pushed(artifact) for artifact in self._rest.read(found, SEVERAL)]

    def _get(self, path: str, query: Mapping[str, str]) -> Response:
        return self._rest.send(path, query, {"X-Accept-Vulnerabilities": REPORT})


def _path(repository: str) -> str:
    project, _, rest = repository.partition("/")
    return (
        f"/api/v2.0/projects/{quote(project, safe='')}/repositories/{quote(quote(rest, safe=''))}/artifacts"
    )


def _pushed(artifact: Artifact) -> Pushed:
    return Pushed(
        digest=artifact.digest,
        tags=tuple(tag.name for tag in artifact.tags or ()),
        size=artifact.size or None,
        pushed=artifact.push_time,
        scan=_scan(artifact.scan_overview or {}),
    )


def _scan(overview: Mapping[str, Scan]) -> str:
    """Of the one report, whichever scanner made it."""
    report = overview.get(REPORT) or next(iter(overview.values()), None)
    if report is None:
        return ""
    if report.scan_status != "Success":
        return _(SCANS.get(report.scan_status, NO_WORD))
    counts = (report.summary and report.summary.summary) or {}
    found = [_(said, n=counts[name]) for name, said in SEVERITIES.items() if counts.get(name)]
    if not found:
        return _("no grave vulnerability found")
    return _("vulnerabilities: {counts}", counts=commas(found))
