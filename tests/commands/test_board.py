"""board: what is where, who holds it, until when."""

from __future__ import annotations

from sandbox.chat import Chat
from sandbox.server import Fault
from sandbox.stage import Stage
from tests.commands.test_cancel import id_of


def answered(chat: Chat, text: str, by: str = "qa") -> str:
    return chat.says(text, by=by).shown


def test_each_project_shows_its_way_with_version_and_age(chat: Chat) -> None:
    chat.ends(chat.says("deploy web to trunk at r1841", by="engineer"))

    board = answered(chat, "board web").splitlines()

    assert board[0] == "*web*"
    assert [line.split("*")[1] for line in board[1:5]] == ["dev", "trunk", "hidden", "product"]
    assert board[2].startswith(":large_green_circle: *trunk* · `trunk-r1841-1` · ")
    assert "*product* (releases) · `releases-r1798-40` · " in board[4]


def test_who_holds_what_is_on_qa_and_until_when(chat: Chat) -> None:
    chat.says("lock web in trunk for 2h because regression 3.2", by="qa")

    board = answered(chat, "board trunk")

    assert "*trunk* · `releases-r1798-40` · " in board
    assert ":lock: <@U0QA> until <!date^" in board
    assert "regression 3.2" in board
    assert "*dev*" not in board


def test_what_runs_and_what_waits_is_shown(chat: Chat, stage: Stage) -> None:
    stage.world.jenkins.faults.set(Fault("error", match="buildWithParameters", status=503))
    first = chat.says("deploy web to dev", by="engineer")
    second = chat.says("deploy web to dev", by="ops")
    later = chat.says("deploy web to dev at 22:00", by="ops")

    board = answered(chat, "board web in dev")

    assert f":hourglass_flowing_sand: `{id_of(first)}` deploy web to dev by <@U0ENGINEER>, 1 in line" in board
    assert f":alarm_clock: `{id_of(later)}` deploy web to dev by <@U0OPS> · <!date^" in board
    chat.says(f"cancel {id_of(later)}", by="ops")
    stage.world.jenkins.faults.clear()
    chat.ends(first)
    chat.ends(second)


def test_a_cluster_that_is_away_is_said_and_locks_are_still_shown(chat: Chat, stage: Stage) -> None:
    chat.says("lock web in trunk for 2h", by="qa")
    stage.world.kubernetes.faults.set(Fault("refuse"))

    board = answered(chat, "board web")

    assert ":white_circle: *trunk* · " in board
    assert ":lock: <@U0QA>" in board


def test_status_shows_locks_too(chat: Chat) -> None:
    chat.says("lock web in trunk for 2h because regression", by="qa")

    assert ":lock: web/trunk is locked by <@U0QA>" in answered(chat, "status web in trunk")
    assert ":lock: <@U0QA> until" in answered(chat, "status web")
