"""effect: errors a minute before and after, by itself in the thread of a rollback."""

from __future__ import annotations

import time

from bot.grammar import Grammar, Parsed
from commands.effect import Effect
from commands.naming import OperationId
from sandbox.chat import Chat, Said
from sandbox.server import Fault
from sandbox.stage import Stage
from sandbox.world import World
from tests.commands.effect_support import its_time_comes, left_for_later, told_in_thread
from tests.commands.logs_support import written
from tests.commands.test_cancel import id_of
from tests.commands.test_rollback import GOOD
from tests.trouble.support import broken


class Thumb:
    """Counts what it taps: a dialog that asks first takes a second tap."""

    def __init__(self, chat: Chat, by: str) -> None:
        self.taps = 0
        self._chat, self._by = chat, by

    def taps_on(self, said: Said, label: str) -> Said:
        self.taps += 2 if "confirm" in said.buttons[label] else 1
        return self._chat.taps(said, label, by=self._by)


def test_it_is_understood() -> None:
    grammar = Grammar([Effect], projects=["web"], environments=["dev"])

    assert grammar.parse("effect k7f3") == Parsed(Effect(OperationId("k7f3")))
    assert grammar.parse("效果 k7f3") == Parsed(Effect(OperationId("k7f3")))


def test_two_taps_from_the_failure_to_a_rollback_that_is_seen_to_help(
    chat: Chat, stage: Stage, world: World
) -> None:
    """The on-call path."""
    crashed = chat.ends(chat.says("deploy web to product at r667", by="ops"))
    for number in range(
        3_000
    ):  # a few of the pods that go may come after: seconds are compared here, not minutes
        written(stage, f"zebra {number} has no hay", ago=0, environment="product")
    thumb = Thumb(chat, by="oncall")

    said = chat.ends(thumb.taps_on(crashed, "Roll back"))

    assert thumb.taps <= 2
    assert world.kubernetes.image("product", "web") == GOOD
    assert "errors before and after are compared in the thread at " in said.shown
    its_time_comes(stage, said)
    told = told_in_thread(said, "fewer errors")
    assert told.message.text.startswith("web/product: fewer errors: ")
    assert "after `rollback web in product to releases-r1798-40" in told.shown
    assert list(told.buttons) == ["Errors"]
    assert len(said.replies) == 2, "the end, and what came of it"


def test_it_can_be_asked_for_and_tells_of_more_errors(chat: Chat, stage: Stage) -> None:
    deployed = chat.ends(chat.says("deploy web to dev at r1839", by="engineer"))
    for number in range(9):
        written(stage, f"zebra {number} has no hay", at=time.time(), environment="dev")

    said = chat.says(f"effect {id_of(deployed)}", by="engineer")

    assert "*web/dev: more errors*" in said.shown
    assert list(said.buttons) == ["Roll back", "Errors"]


def test_a_log_store_that_does_not_answer_is_told_with_a_button(chat: Chat, stage: Stage) -> None:
    chat.ends(chat.says("deploy web to trunk", by="engineer"))
    back = chat.ends(chat.says("rollback web in trunk to 1798", by="engineer"))
    broken(stage, "elasticsearch", Fault("refuse"))

    its_time_comes(stage, back)

    told = told_in_thread(back, "are not known yet: Elasticsearch")
    assert told.buttons["Look again"]["value"] == f"effect {id_of(back)}"
    stage.thread.call(stage.world.elasticsearch.faults.clear)


def test_whoever_may_not_read_the_log_is_not_told(chat: Chat, stage: Stage) -> None:
    assert left_for_later(stage, chat.ends(chat.says("scale web in product to 4", by="oncall"))) == []
    assert "There is no operation `k7f3`" in chat.says("effect k7f3", by="engineer").shown


def test_the_on_call_path_in_chinese(chat: Chat, stage: Stage, world: World) -> None:
    chat.says("settings language zh", by="ops")
    crashed = chat.ends(chat.says("部署 web 到 product at r667", by="ops"))

    assert crashed.replies[-1].message.text.startswith(
        "失败 web/product：崩溃循环，3 个中 3 个正常。点开回滚"
    )
    asked = crashed.buttons["回滚"]["confirm"]["text"]["text"]
    assert asked.startswith("web/product：从 `releases-r667-1` 回滚到 `releases-r1798-40` （早 ")
    assert "3 个副本，与现在相同。" in asked
    back = chat.ends(chat.taps(crashed, "回滚", by="ops"))
    assert world.kubernetes.image("product", "web") == GOOD
    its_time_comes(stage, back)
    assert "web/product：" in told_in_thread(back, "对比 `回滚 web 在 product").shown


def test_a_deployment_to_a_protected_environment_is_compared_too(chat: Chat, stage: Stage) -> None:
    live = chat.ends(chat.says("deploy web to product", by="ops"))
    elsewhere = chat.ends(chat.says("deploy web to trunk", by="engineer"))

    [later] = left_for_later(stage, live)

    assert later.text == f"effect {id_of(live)}"
    assert left_for_later(stage, elsewhere) == []
