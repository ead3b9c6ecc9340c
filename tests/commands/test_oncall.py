"""oncall, changed and a rollback from there: what a thumb at night needs."""

from __future__ import annotations

from sandbox.chat import Chat, Said, eventually
from sandbox.server import Fault
from sandbox.stage import Stage
from sandbox.world import World
from tests.commands.test_dry_run import set_with_kubectl
from tests.commands.test_rollback import GOOD
from tests.trouble.support import broken


def asked_until(chat: Chat, words: str) -> Said:
    """The shop has just opened: its pods become ready one after the other."""

    def answer() -> Said | None:
        said = chat.says("oncall", by="oncall")
        return said if said.message.text.startswith(words) else None

    found = eventually(answer, words)
    assert found is not None
    return found


def test_when_all_is_well_it_says_so_in_a_line(chat: Chat) -> None:
    said = asked_until(chat, "16 targets, all healthy; nothing changed in the last 2 h")

    assert not said.buttons


def test_what_is_not_well_comes_first_and_is_rolled_back_from_there(chat: Chat, world: World) -> None:
    chat.ends(chat.says("deploy api to trunk", by="engineer"))
    chat.ends(chat.says("deploy web to product at r675", by="ops"))

    said = asked_until(chat, "1 of 16")

    assert said.message.text == "1 of 16 targets not healthy; 2 changed in the last 2 h"
    web, api = (
        said.shown.index("*web/product*: 3 of 3 ready · `releases-r675-"),
        said.shown.index("*api/trunk*"),
    )
    assert web < api
    assert ":warning: 1 pod in CreateContainerConfigError" in said.shown
    assert "Last: deploy web to product at r675 · FAILED · <@U0OPS>, " in said.shown
    assert list(said.buttons) == ["Roll back", "Logs", "What changed"], "the same for each"
    button = next(b for row in said.message.blocks for b in row.get("elements", ()) if b["type"] == "button")
    assert button["confirm"]["text"]["text"].startswith("web/product: from `releases-r675-1` back to ")
    chat.ends(chat.says(button["value"], by="oncall"))
    assert world.kubernetes.image("product", "web") == GOOD


def test_a_cluster_that_does_not_answer_is_not_taken_for_health(chat: Chat, stage: Stage) -> None:
    broken(stage, "kubernetes", Fault("refuse"))

    said = chat.says("oncall", by="oncall")

    stage.thread.call(stage.world.kubernetes.faults.clear)
    assert ":grey_question: Not known: " in said.shown


def test_who_follows_projects_sees_those(chat: Chat) -> None:
    chat.says("follow web", by="oncall")

    asked_until(chat, "4 targets, all healthy; nothing")


def test_in_chinese_words(chat: Chat) -> None:
    assert "16 targets" in chat.says("值班", by="oncall").shown


# -- what changed


def test_what_changed_tells_who_did_what_also_outside_shipmate(chat: Chat, stage: Stage) -> None:
    chat.ends(chat.says("deploy web to trunk at r1839", by="engineer"))
    chat.ends(chat.says("scale web in product to 4", by="oncall"))
    set_with_kubectl(stage, "trunk", {"image": "harbor.shop.example/web/web:by-hand"})

    said = chat.says("changed web in trunk", by="ops")

    assert "*deploy web to trunk at r1839* · done · <@U0ENGINEER>" in said.shown
    assert "`by-hand` set *outside Shipmate*" in said.shown
    assert "scale" not in said.shown
    assert list(said.buttons) == ["Roll back", "Logs"]


def test_around_a_time_of_everything_that_may_be_seen(chat: Chat) -> None:
    chat.ends(chat.says("deploy web to trunk at r1839", by="engineer"))
    chat.ends(chat.says("scale web in product to 4", by="oncall"))

    now, long_ago = chat.says("changed", by="qa"), chat.says("changed around yesterday 00:05", by="qa")

    assert "deploy web to trunk at r1839" in now.shown
    assert "scale web in product to 4" in now.shown
    assert "Nothing was changed in 16 targets" in long_ago.shown
