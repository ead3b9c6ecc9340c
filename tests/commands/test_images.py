"""images, and what is refused because an image is not there; through chat, against the sandbox's Harbor."""

from __future__ import annotations

import pytest

from sandbox.chat import Chat
from sandbox.server import Fault
from sandbox.stage import Stage
from sandbox.world import World

FIRST = "harbor.shop.example/web/web:releases-r1798-40"


def test_images_shows_what_there_is_and_where_it_runs(chat: Chat, world: World) -> None:
    chat.ends(chat.says("deploy web to trunk", by="engineer"))

    said = chat.says("images web", by="qa")

    newest, oldest = said.text.index("`trunk-r1841-1`"), said.text.index("`releases-r1798-40`")
    assert newest < oldest
    assert "runs in trunk" in said.text[newest:oldest]
    assert "#1> of trunk" in said.text[newest:oldest]
    assert world.images.pushed[world.kubernetes.image("trunk", "web")].digest[7:19] in said.text
    assert "MB" in said.text[newest:oldest]
    assert "pushed" in said.text[newest:oldest]
    assert "runs in dev, hidden, product" in said.text[oldest:]
    assert "Built on `harbor.shop.example/base/tomcat:9-jdk17`" in said.text


REPORT = {
    "report_id": "5f62c830-f996-11e9-957f-0242c0a89008",
    "severity": "High",
    "duration": 300,
    "start_time": "2006-01-02T14:04:05.000Z",
    "end_time": "2006-01-02T15:04:05.000Z",
    "complete_percent": 100,
    "scanner": {"name": "Trivy", "vendor": "Aqua Security", "version": "v0.9.1"},
}
"""`NativeReportSummary`, with the examples of https://github.com/goharbor/harbor/blob/main/api/v2.0/swagger.yaml"""


def counted(**severities: int) -> dict[str, object]:
    """`VulnerabilitySummary`."""
    return {"total": sum(severities.values()), "fixable": 1, "summary": severities}


@pytest.mark.parametrize(
    ("report", "said"),
    [
        (
            {"scan_status": "Success", "summary": counted(Critical=5, High=2, Medium=7, Low=90, Unknown=1)},
            "vulnerabilities: 5 critical, 2 high, 7 medium",
        ),
        ({"scan_status": "Success", "summary": counted(High=1)}, "vulnerabilities: 1 high"),
        (
            {"scan_status": "Success", "severity": "Low", "summary": counted(Low=4)},
            "no grave vulnerability found",
        ),
        (
            {"scan_status": "Success", "severity": "None", "summary": counted()},
            "no grave vulnerability found",
        ),
        ({"scan_status": "Pending"}, "scan: pending"),
        ({"scan_status": "Scheduled"}, "scan: pending"),
        ({"scan_status": "Running"}, "scan: running"),
        ({"scan_status": "Stopped"}, "scan: stopped"),
        ({"scan_status": "Error"}, "scan: failed"),
    ],
    ids=lambda value: value if isinstance(value, str) else value["scan_status"],
)
def test_the_summary_of_a_scan_is_shown(
    chat: Chat, world: World, report: dict[str, object], said: str
) -> None:
    image = world.images.push("harbor.shop.example/web/web:scanned-1", content=str(report))
    world.harbor.reports[image.digest] = {**REPORT, **report}

    shown = chat.says("images web", by="qa").text

    facts = shown.split("`scanned-1`")[1].splitlines()[1]
    assert facts.endswith(f" · {said}")


def test_images_names_the_build_where_an_archived_file_names_the_image(chat: Chat, world: World) -> None:
    chat.ends(chat.says("deploy api to dev", by="engineer"))

    said = chat.says("images api", by="engineer")

    assert "#1> of dev" in said.text


def test_what_runs_and_is_no_longer_kept_is_marked(chat: Chat, stage: Stage) -> None:
    stage.thread.call(stage.world.images.remove, FIRST)

    said = chat.says("images web", by="engineer")

    assert "no longer in the registry" in said.text
    assert "runs in dev, trunk, hidden, product" in said.text


def test_harbor_that_is_away_is_named_and_what_runs_is_shown(chat: Chat, world: World) -> None:
    world.harbor.faults.set(Fault("error", status=503))

    said = chat.says("images web", by="engineer")

    assert "Harbor answered 503" in said.text
    assert "`releases-r1798-40` · runs in dev, trunk, hidden, product" in said.text


def test_a_build_that_pushed_nothing_is_told_and_nothing_is_touched(chat: Chat, world: World) -> None:
    said = chat.ends(chat.says("deploy web to trunk at r668", by="engineer"))

    assert "Build #1 ended well, but did not push" in said.text
    assert "web/trunk was not touched" in said.text
    assert not world.kubernetes.patches


def test_a_rollback_to_an_image_that_is_gone_is_refused_before_anything_changes(
    chat: Chat, stage: Stage
) -> None:
    chat.ends(chat.says("deploy web to trunk", by="engineer"))
    patched = len(stage.world.kubernetes.patches)
    stage.thread.call(stage.world.images.remove, FIRST)

    said = chat.ends(chat.says("rollback web in trunk to previous", by="engineer"))

    assert "harbor.shop.example no longer has releases-r1798-40: nothing was changed." in said.text
    assert "`images web` shows what is there" in said.text
    assert len(stage.world.kubernetes.patches) == patched


def test_a_registry_that_is_away_holds_no_rollback_up(chat: Chat, world: World) -> None:
    chat.ends(chat.says("deploy web to trunk", by="engineer"))
    world.harbor.faults.set(Fault("refuse"))

    said = chat.ends(chat.says("rollback web in trunk to previous", by="engineer"))

    assert "web/trunk is back on releases-r1798-40" in said.text
    assert "not checked whether the image is still kept: Harbor cannot be reached" in said.text


def test_a_deploy_waits_for_a_registry_that_is_away_for_a_moment(chat: Chat, world: World) -> None:
    world.harbor.faults.set(Fault("error", status=500, times=2))

    said = chat.ends(chat.says("deploy web to trunk", by="engineer"))

    assert "trunk-r1841-1 is live on web/trunk" in said.text


def test_what_was_promoted_is_one_image_in_both_environments(chat: Chat, world: World) -> None:
    chat.ends(chat.says("deploy web to product at r1798", by="ops"))
    chat.ends(chat.says("deploy web to hidden at r1805", by="qa"))
    chat.says("pass web in hidden", by="qa")
    chat.ends(chat.taps(chat.says("promote web to product", by="ops"), "Promote", by="ops"))
    assert "@sha256:" in world.kubernetes.image("product", "web")

    images = chat.says("images web", by="qa")
    same = chat.says("changes web from hidden to product", by="qa")
    latest = chat.says("changes web in product", by="qa")

    assert images.text.count("releases-r1805-2") == 1
    assert "runs in hidden, product" in images.text
    assert "run the same image" in same.text
    assert "*no change*" in latest.text
