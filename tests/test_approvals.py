"""Changes that somebody else must approve, through chat."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from bot.app import App
from bot.approvals import objection
from bot.environment import Environment
from bot.ledger import Ledger, Lost
from bot.operation import Operation
from bot.policy import Policy
from bot.ports import Person
from bot.settings.sections import Members, Role, Rule
from commands.approve import Approve
from commands.naming import OperationId
from sandbox.chat import Chat, eventually
from sandbox.jenkins.history import history
from sandbox.stage import Stage, staged
from tests.commands.test_cancel import id_of
from tests.commands.test_later import BERLIN, comes
from tests.conftest import PACE, open_shop
from tests.ledger_support import EVA, change
from tests.sample import changed_shop
from tests.surface.discipline import breaches, in_channels
from tests.trouble.support import set_image

REST = {"zone": "Asia/Shanghai", "because": "we rest"}
ALWAYS = [
    {"starts": "Mon 00:00", "ends": "Thu 12:00", **REST},
    {"starts": "Thu 12:00", "ends": "Mon 00:00", **REST},
]
"""Two freezes that are a week together."""


@pytest.fixture(scope="module")
def strict(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """A shop in which operations and on-call approve what goes to product, two of them."""

    def strictly(plain: dict[str, Any]) -> None:
        plain["environments"]["product"]["approvals"] = {"count": 1, "role": "oncall", "minutes": 1}
        plain["environments"]["trunk"]["approvals"] = {"count": 1, "role": "oncall", "minutes": 1}
        plain["environments"]["dev"]["freezes"] = ALWAYS
        ahead = [f"{datetime.now(BERLIN) + timedelta(days):%a} 00:00" for days in (2, 4)]
        soon = {"starts": ahead[0], "ends": ahead[1], "zone": "Europe/Berlin", "because": "stocktaking"}
        plain["environments"]["hidden"]["freezes"] = [soon]

    folder = tmp_path_factory.mktemp("approvals")
    with staged(folder, PACE, config=changed_shop(folder, strictly)) as stage:
        yield stage


@pytest.fixture
def stage(strict: Stage) -> Stage:
    open_shop(strict)
    return strict


@pytest.fixture
def chat(stage: Stage) -> Chat:
    return stage.chat


def test_nothing_starts_before_the_approval_and_the_plan_is_shown(chat: Chat, stage: Stage) -> None:
    deploy = chat.says("deploy web to product at r1839", by="ops")

    assert "waits for approval" in deploy.shown
    assert "builds web-build from releases at r1839" in deploy.shown
    assert "role oncall" in deploy.shown
    assert stage.world.jenkins.triggers == []

    chat.taps(deploy, "Approve", by="oncall")

    chat.ends(deploy)
    assert "is live on web/product" in deploy.shown
    assert len(stage.world.jenkins.triggers) == 1
    slack = stage.world.slack.slack
    assert len(stage.thread.call(in_channels, slack)) == 1, "one message, from the question to its end"
    assert stage.thread.call(breaches, slack) == []


def test_whoever_approves_a_promotion_sees_who_passed_it_and_what_it_brings(chat: Chat, stage: Stage) -> None:
    releases = [f"r{commit.id}" for commit in history("svn", "web", "releases")]
    live = chat.says(f"deploy web to product at {releases[-5]}", by="ops")
    chat.taps(live, "Approve", by="oncall")
    chat.ends(live)
    chat.ends(chat.says("deploy web to hidden", by="qa"))
    chat.says("pass web in hidden because regression 3.2 is green", by="qa")
    card = chat.says("promote web to product", by="ops")

    waits = chat.taps(card, "Promote", by="ops")
    eventually(lambda: "It brings 4 changes:" in waits.shown, "what it brings")

    assert "Needs 1 approval by role oncall" in card.shown
    assert "It was passed by <@U0QA>" in waits.shown
    assert "regression 3.2 is green" in waits.shown
    assert re.findall(r"• `(r\d+)`", waits.shown) == releases[:-5:-1]
    assert "Needs 1 approval by role oncall" in waits.shown
    assert not re.search("[0-9a-f]{64}", waits.shown)
    chat.taps(waits, "Approve", by="oncall")
    assert "is live on web/product, the same image that ran in hidden" in chat.ends(waits).shown


def test_nobody_approves_their_own(chat: Chat, stage: Stage) -> None:
    deploy = chat.says("deploy web to product", by="ops")

    answer = chat.says(f"approve {id_of(deploy)}", by="ops")

    assert "somebody else with role oncall must approve it" in answer.shown
    assert stage.world.jenkins.triggers == []
    chat.says(f"cancel {id_of(deploy)}", by="ops")


def test_approving_needs_the_role(chat: Chat, stage: Stage) -> None:
    deploy = chat.says("deploy web to product", by="ops")

    answer = chat.taps(deploy, "Approve", by="engineer")

    assert "needs role oncall" in answer.shown
    chat.says(f"cancel {id_of(deploy)}", by="ops")
    chat.ends(deploy)
    assert stage.world.jenkins.triggers == []


def test_each_reads_of_an_approval_in_their_own_language(chat: Chat) -> None:
    deploy = chat.says("部署 web 到 trunk", by="mei")
    waiting = deploy.shown

    own = chat.taps(deploy, "批准", by="mei")
    answer = chat.taps(deploy, "批准", by="oncall")

    assert "等待审批" in waiting
    assert "从 trunk 的 HEAD 构建 web-build" in waiting
    assert "须由另一位角色为 oncall 的人审批" in own.shown
    assert answer.shown.startswith("Approved")
    assert "已在 web/trunk 上线" in chat.ends(deploy).shown


def test_a_denial_ends_it_and_says_why(chat: Chat, stage: Stage) -> None:
    deploy = chat.says("deploy web to product", by="ops")

    chat.says(f"deny {id_of(deploy)} because QA is not done", by="oncall")

    chat.ends(deploy)
    assert "denied" in deploy.shown
    assert "QA is not done" in deploy.shown
    assert stage.world.jenkins.triggers == []


def test_a_target_that_changed_since_is_not_approved(chat: Chat, stage: Stage) -> None:
    deploy = chat.says("deploy web to product", by="ops")
    chat.ends(chat.says("scale web in product to 4", by="ops"))

    answer = chat.taps(deploy, "Approve", by="oncall")

    assert "web/product has changed since" in answer.shown
    assert stage.world.jenkins.triggers == []
    chat.says(f"cancel {id_of(deploy)}", by="ops")


def test_what_somebody_changed_behind_the_bot_since_is_not_deployed_over(chat: Chat, stage: Stage) -> None:
    """The approval was given for a change over what ran then; nobody at the door can ask the cluster."""
    deploy = chat.says("deploy web to product", by="ops")
    eventually(lambda: "web:releases-r1798-40 runs there now" in deploy.shown, "what it is asked over")
    set_image(stage.world, "web", "product", "harbor.shop.example/web/web:releases-r1791-38")

    chat.taps(deploy, "Approve", by="oncall")

    chat.ends(deploy)
    assert "refused" in deploy.shown
    assert (
        "somebody has changed that since: harbor.shop.example/web/web:releases-r1791-38 runs" in deploy.shown
    )
    assert "Nothing was started" in deploy.shown
    assert stage.world.jenkins.triggers == []


def test_who_lost_the_permission_since_gets_no_approval() -> None:
    oncall = Role(members=Members(users=("U0ONCALL",)), may=(Rule(commands=("rollback",)),))
    policy = Policy({"oncall": oncall}, [("web", "product")], {"T0SHOP"}, ("deploy", "rollback"))
    approval = {"role": "oncall", "who": "<@U0ONCALL>", "count": 1}
    asked = change("web/product", plan={"approval": approval})

    reason = objection(asked, Person("U0ONCALL", "oncall", team="T0SHOP"), EVA, policy, None)

    assert reason.startswith("<@U0ENGINEER> may no longer do this")


def test_a_rollback_needs_no_approval(chat: Chat, stage: Stage) -> None:
    set_image(stage.world, "web", "product", "harbor.shop.example/web/web:trunk-r1839-1")

    rollback = chat.says("rollback web in product to releases-r1798-40", by="oncall")

    chat.ends(rollback)
    assert "is back on" in rollback.shown


def test_an_approval_that_nobody_gives_expires(chat: Chat, stage: Stage) -> None:
    deploy = chat.says("deploy web to product", by="ops")
    stage.redis.zadd("shipmate:due", {id_of(deploy): 0})
    early = eventually(
        lambda: (stage.redis.zscore("shipmate:due", id_of(deploy)) or 0) > 1, "the sweep to look at it"
    )

    assert early
    assert "waits for approval" in deploy.shown
    chat.says(f"cancel {id_of(deploy)}", by="ops")


def test_an_approval_that_came_too_late_counts_no_more(chat: Chat, stage: Stage) -> None:
    deploy = chat.says("deploy web to product", by="ops")

    overdue(stage, id_of(deploy))

    chat.ends(deploy)
    assert "expired" in deploy.shown
    assert "Nobody approved it within 1 min. Nothing was started." in deploy.shown
    late = chat.says(f"approve {id_of(deploy)}", by="oncall")
    assert "waits for no approval: expired" in late.shown
    assert stage.world.jenkins.triggers == []


def overdue(stage: Stage, operation_id: str) -> None:
    """As if it had waited for as long as it may."""
    ledger = Ledger(stage.redis)
    while True:
        before = ledger.get(operation_id)
        assert before is not None
        approval = {**before.plan["approval"], "until": time.time() - 1}
        after = replace(before, plan={**before.plan, "approval": approval})
        try:
            ledger.write(before, after, lease=None, announce=False, due=time.time())
        except Lost:
            continue  # a worker was quicker
        return


class Overtaken(Ledger):
    """Somebody else writes just before us, once."""

    done = False

    def write(self, before: Operation, *args: Any, **options: Any) -> Operation:
        if not self.done:
            self.done = True
            super().write(before, before, lease=None, announce=False, due=time.time() + 60)
        return super().write(before, *args, **options)


def test_of_two_who_decide_at_once_the_second_decides_on_what_is_so_then(chat: Chat, stage: Stage) -> None:
    deploy = chat.says("deploy web to product at r1839", by="ops")
    app = App(Environment.read(stage.variables))
    oncall = app.directory.person("U0ONCALL", "T0SHOP")
    on = replace(app.backends, ledger=Overtaken(app.redis))

    reply = Approve(OperationId(id_of(deploy))).answer(oncall, on)

    assert reply.summary == f"Approved `{id_of(deploy)}` (`deploy web to product at r1839`)."
    assert "is live on web/product" in chat.ends(deploy).shown


def test_approving_what_is_over_or_unknown_is_said_to_be_so(chat: Chat, stage: Stage) -> None:
    done = chat.ends(chat.says("scale web in product to 4", by="ops"))

    late = chat.says(f"approve {id_of(done)}", by="oncall")
    unknown = chat.says("approve zzz9", by="oncall")

    assert "waits for no approval: done" in late.shown
    assert "There is no operation `zzz9`" in unknown.shown


def test_a_freeze_that_began_meanwhile_keeps_it_from_being_approved(chat: Chat, stage: Stage) -> None:
    deploy = chat.says("deploy web to product", by="ops")
    chat.says("freeze product for 2h because fair", by="ops")

    answer = chat.taps(deploy, "Approve", by="oncall")

    assert "product is frozen by <@U0OPS>" in answer.shown
    assert "waits for approval" in deploy.shown
    assert stage.world.jenkins.triggers == []
    chat.says(f"cancel {id_of(deploy)}", by="ops")


def test_the_board_shows_what_waits_for_approval(chat: Chat) -> None:
    deploy = chat.says("deploy web to product at r1839", by="ops")

    board = chat.says("board web in product", by="qa")

    waits = f":raised_hand: `{id_of(deploy)}` deploy web to product at r1839 by <@U0OPS> waits for approval"
    assert waits in board.shown
    chat.says(f"deny {id_of(deploy)} because not today", by="oncall")


def test_what_is_for_later_is_approved_beforehand_and_starts_in_its_time(chat: Chat, stage: Stage) -> None:
    deploy = chat.says("deploy web to product at r1839 at 22:00", by="ops")
    assert "waits for approval" in deploy.shown

    chat.taps(deploy, "Approve", by="oncall")
    eventually(lambda: "scheduled" in deploy.shown, "it to wait for its time")
    assert stage.world.jenkins.triggers == []
    comes(stage, deploy)

    assert "is live on web/product" in chat.ends(deploy).shown
    assert stage.world.jenkins.triggers[0].parameters["REVISION"] == "r1839"


def test_who_approves_what_is_for_later_reads_when_it_starts(chat: Chat, stage: Stage) -> None:
    deploy = chat.says("deploy web to product at r1839 at 22:00", by="ops")
    assert "Starts <!date^" in deploy.shown
    assert "· <!date^" in chat.says("board web in product", by="qa").shown

    approved = chat.says(f"approve {id_of(deploy)}", by="oncall")

    assert "Starts <!date^" in approved.shown
    chat.says(f"cancel {id_of(deploy)}", by="ops")


def test_nothing_is_scheduled_into_a_freeze_of_the_week(chat: Chat, stage: Stage) -> None:
    within, after = (f"{datetime.now(BERLIN) + timedelta(days):%Y-%m-%d} 12:00" for days in (3, 5))

    refused = chat.says(f"deploy web to hidden at {within}", by="ops")
    taken = chat.says(f"deploy web to hidden at {after}", by="ops")

    assert "hidden is frozen since <!date^" in refused.shown
    assert "stocktaking. It would start within that. Nothing was scheduled." in refused.shown
    assert "Say a time from <!date^" in refused.shown
    assert not refused.buttons
    assert "scheduled" in taken.shown
    chat.says(f"cancel {id_of(taken)}", by="ops")


def test_a_promotion_says_which_approvals_it_needs(chat: Chat) -> None:
    chat.ends(chat.says("deploy web to hidden at r1805", by="qa"))
    chat.says("pass web in hidden", by="qa")
    card = chat.says("promote web to product", by="ops")

    promotion = chat.taps(card, "Promote", by="ops")

    assert "Needs 1 approval by role oncall" in card.shown
    assert "if it ran healthy in web/hidden" in promotion.shown
    chat.taps(promotion, "Approve", by="oncall")
    assert "is live on web/product" in chat.ends(promotion).shown


# -- freezes of the week, which the sample shop has none of


def test_a_freeze_of_the_week_holds_back_and_nobody_is_asked_or_ends_it(chat: Chat, stage: Stage) -> None:
    refused = chat.says("deploy web to dev", by="engineer")
    ended = chat.says("unfreeze dev", by="ops")

    assert "dev is frozen since <!date^" in refused.shown
    assert "we rest" in refused.shown
    assert list(refused.buttons) == ["Queue after unlock"]
    assert "comes back every week" in ended.shown
    assert "dev is frozen" in chat.says("locks", by="qa").shown
    assert stage.world.jenkins.triggers == []
