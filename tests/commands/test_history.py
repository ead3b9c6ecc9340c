"""history, through chat."""

from __future__ import annotations

import re

from sandbox.chat import Chat, eventually
from sandbox.jenkins import past as jenkins_past
from sandbox.kubernetes import past
from sandbox.server import Fault
from sandbox.stage import Stage
from sandbox.world import World
from tests.commands.test_cancel import id_of
from tests.commands.test_dry_run import GOOD, OTHER, somebody_sets


def test_history_tells_who_did_what_newest_first(chat: Chat, world: World) -> None:
    chat.ends(chat.says("deploy web to dev", by="engineer"))
    chat.ends(chat.says("scale web in dev to 2", by="ops"))
    chat.ends(chat.says("restart web in dev", by="ops"))

    answer = chat.says("history web in dev", by="qa")

    _, restart, scale, deploy, first, *_ = answer.shown.splitlines()
    assert "restart web in dev · done · <@U0OPS>" in restart
    assert "scale web in dev to 2 · done · <@U0OPS>" in scale
    assert "deploy web to dev `dev-r1848-1` · done · <@U0ENGINEER>" in deploy
    assert " · took " in deploy
    assert "created with `releases-r1798-40` · *outside Shipmate*" in first


def test_what_failed_and_what_was_rolled_back_is_told_as_such(chat: Chat, world: World) -> None:
    failed = chat.ends(chat.says("deploy web to trunk at r667", by="engineer"))
    back = chat.ends(chat.says("rollback web in trunk to previous", by="ops"))

    answer = chat.says("history web in trunk", by="qa")

    _head, rollback, deploy, *_rest = answer.shown.splitlines()
    age_and_length = r" · \d+ s ago · took \d+ s · "
    assert re.fullmatch(
        ":white_check_mark: rollback web in trunk to previous `releases-r1798-40` · done · <@U0OPS>"
        f"{age_and_length}`{id_of(back)}`",
        rollback,
    )
    assert re.fullmatch(
        f":x: deploy web to trunk at r667 · FAILED · <@U0ENGINEER>{age_and_length}`{id_of(failed)}`", deploy
    )


def test_what_was_done_with_other_tools_is_among_it_and_marked(chat: Chat, stage: Stage) -> None:
    chat.ends(chat.says("deploy web to dev at r1839", by="engineer"))
    stage.world.images.push(OTHER)
    somebody_sets(stage, "dev", OTHER)
    eventually(lambda: len(stage.world.kubernetes.replica_sets("dev", "web")) == 3, "its revision")

    answer = chat.says("history web in dev", by="qa")

    _, newest, deploy, *_ = answer.shown.splitlines()
    assert "set to `trunk-r1839-1` · *outside Shipmate*" in newest
    assert "revision 3" in newest
    assert "deploy web to dev at r1839" in deploy


def test_going_back_with_kubectl_stands_where_it_happened(chat: Chat, stage: Stage) -> None:
    chat.ends(chat.says("deploy web to dev at r1839", by="engineer"))
    somebody_sets(stage, "dev", GOOD)

    def history() -> list[str]:
        return chat.says("history web in dev", by="qa").shown.splitlines()

    eventually(lambda: "revision 3" in "".join(history()), "the revision, with its new number")
    lines = history()
    (back,) = (number for number, line in enumerate(lines) if line.endswith("revision 3"))
    assert "set to `releases-r1798-40` · *outside Shipmate*" in lines[back]
    assert "deploy web to dev at r1839" in lines[back + 1]


def test_the_shop_of_a_newcomer_has_a_past(chat: Chat, stage: Stage) -> None:
    """`make up` gives it one."""
    stage.thread.run(past.remember(stage.world.kubernetes))
    stage.thread.call(jenkins_past.remember, stage.world.jenkins)

    changes = chat.says("changes web in product", by="qa")
    answer = chat.says("history web in product", by="qa")
    asked = chat.ends(chat.says("rollback web in product to previous", by="oncall"))
    said = chat.ends(chat.taps(asked, "releases-r1788-37", by="oncall"))

    assert "runs `releases-r1798-40`" in changes.shown
    assert "#40" in changes.shown
    _head, _nothing, today, earlier, *_rest = answer.shown.splitlines()
    assert re.search(r"set to `releases-r1798-40` · \*outside Shipmate\* · \d d ago · revision 2$", today)
    assert re.search(r"created with `releases-r1788-37` .* · \d\d d ago · revision 1$", earlier)
    assert "set outside Shipmate: how well it did is not known. Which one?" in asked.shown
    assert "web/product is back on releases-r1788-37" in said.shown


def test_what_was_refused_changed_nothing_and_is_no_history(chat: Chat) -> None:
    chat.ends(chat.says("rollback web in hidden to revision 99", by="oncall"))
    chat.ends(chat.says("scale web in hidden by -5", by="ops"))

    answer = chat.says("history web in hidden", by="qa")

    assert "rollback" not in answer.shown.partition("Status")[0]
    assert "scale" not in answer.shown


def test_a_target_without_history_says_so(chat: Chat, world: World) -> None:
    answer = chat.says("history web in hidden", by="qa")

    assert "Shipmate has changed nothing in web/hidden yet." in answer.shown
    assert answer.text.startswith("web/hidden: 1 change\n")  # the shop's own beginning; the sentence is none


def test_a_cluster_that_is_away_hides_only_what_others_did(chat: Chat, stage: Stage) -> None:
    chat.ends(chat.says("deploy web to dev", by="engineer"))
    stage.thread.call(stage.world.kubernetes.faults.set, Fault("refuse"))

    answer = chat.says("history web in dev", by="qa")

    assert "deploy web to dev" in answer.shown
    assert "What others did is not known: Kubernetes (main)" in answer.shown
