"""Warnings of a real cluster, grouped over pods."""

from __future__ import annotations

from typing import Any

from integrations.kubernetes_events import event_lines
from tests.sandbox.kubernetes_support import recorded


def about(name: str, prefix: str) -> list[Any]:
    items = recorded(name)["items"]
    return [e for e in items if e["type"] == "Warning" and e["involvedObject"]["name"].startswith(prefix)]


def test_pods_with_the_same_warning_are_one_line() -> None:
    assert event_lines(about("06-failures/pending-events.json", "f-pending")) == ("2 pods: Insufficient cpu",)
    assert event_lines(about("06-failures/unready-events.json", "f-unready")) == (
        "2 pods: Unhealthy: Readiness probe failed: HTTP 503",
    )


def test_names_and_ids_of_pods_do_not_keep_warnings_apart() -> None:
    assert event_lines(about("06-failures/crash-events.json", "f-crash")) == (
        "2 pods: BackOff: Back-off restarting failed container f-crash",
    )


def test_a_quota_is_told_without_the_names_of_the_pods_it_refused() -> None:
    (first, *_) = event_lines(about("10-quota/events.json", "web-"))

    assert first.startswith("FailedCreate: quota pods is used up (pods: asked for 1, 3 of 3 in use)")


def test_at_most_five_lines_are_shown() -> None:
    items = [
        {"reason": f"R{n}", "message": "m", "involvedObject": {"name": "web-1"}, "type": "Warning"}
        for n in range(9)
    ]

    assert len(event_lines(items)) == 5
