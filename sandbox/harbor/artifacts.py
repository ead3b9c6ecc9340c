"""Images as Harbor describes them: the `Artifact` of its API v2.0, with facts made from the digest alone."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from sandbox.images import Image

REPORT = "application/vnd.security.vulnerability.report; version=1.1"
SCAN_SECONDS = 2.0
"""How long after the push the scanner needs."""
MEBIBYTE = 2**20


def artifact(
    number: int, images: Sequence[Image], report: Mapping[str, object] | None, *, tags: bool
) -> dict[str, object]:
    """`images`: everything that has this digest, one for each tag. `report`: of the scan; None: not asked for."""
    first = images[0]
    found: dict[str, object] = {
        "id": number,
        "type": "IMAGE",
        "media_type": "application/vnd.docker.container.image.v1+json",
        "manifest_media_type": "application/vnd.docker.distribution.manifest.v2+json",
        "digest": first.digest,
        "size": _dice(first).randrange(80 * MEBIBYTE, 220 * MEBIBYTE),
        "push_time": _stamp(first.pushed),
        "pull_time": "0001-01-01T00:00:00.000Z",
        "project_id": 1,
        "repository_id": 1,
        "extra_attrs": {"architecture": "amd64", "os": "linux"},
        "labels": None,
        "references": None,
        "tags": None,
    }
    if tags:
        found["tags"] = [_tag(number, image) for image in images]
    if report is not None:
        found["scan_overview"] = {REPORT: report}
    return found


def _tag(number: int, image: Image) -> dict[str, object]:
    return {
        "id": number,
        "artifact_id": number,
        "repository_id": 1,
        "name": image.tag,
        "push_time": _stamp(image.pushed),
        "pull_time": "0001-01-01T00:00:00.000Z",
        "immutable": False,
    }


def scanned(image: Image, now: float) -> dict[str, object]:
    """`NativeReportSummary`."""
    if now < image.pushed + SCAN_SECONDS:
        return {"report_id": image.digest[7:43], "scan_status": "Running", "severity": ""}
    dice = _dice(image)
    counts = {"Critical": dice.choice((0, 0, 0, 1)), "High": dice.randrange(4), "Medium": dice.randrange(12)}
    counts = {severity: count for severity, count in counts.items() if count}
    return {
        "report_id": image.digest[7:43],
        "scan_status": "Success",
        "severity": next(iter(counts), "None"),
        "duration": 2,
        "summary": {"total": sum(counts.values()), "fixable": len(counts), "summary": counts},
        "start_time": _stamp(image.pushed),
        "end_time": _stamp(image.pushed + SCAN_SECONDS),
        "complete_percent": 100,
        "scanner": {"name": "Trivy", "vendor": "Aqua Security", "version": "v0.58.1"},
    }


def _dice(image: Image) -> random.Random:
    return random.Random(image.digest)


def _stamp(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"
