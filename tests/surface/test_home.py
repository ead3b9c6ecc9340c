"""The Home tab: drawn when it is opened, and when something changes; its buttons work."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from sandbox.chat import Chat, eventually
from sandbox.server import Fault
from sandbox.slack.records import Json
from sandbox.stage import Stage, staged
from tests.commands.test_cancel import id_of
from tests.conftest import PACE, open_shop
from tests.sample import changed_shop
from tests.surface.screen import Screen, buttons, home, opens, shown


def labels(view: Json) -> list[str]:
    return [button["text"]["text"] for button in buttons(view)]


def test_it_shows_what_concerns_somebody_when_they_open_it(chat: Chat, stage: Stage) -> None:
    chat.ends(chat.says("deploy web to dev", by="engineer"))
    chat.says("lock web in dev for 1h because tests", by="engineer")

    view = opens(stage, "engineer", "Your projects")

    text = shown(view)
    assert "*deploy web to dev* · done" in text
    assert "*web*\n" in text
    assert "`dev-r1839-1`" in text or "dev-r" in text
    assert "web/dev is locked" in text
    assert "Direct messages: *off*" in text
    assert {"Deploy", "Refresh", "Unlock", "Extend by 1 h", "Turn on"} <= set(labels(view))


def test_it_follows_what_changes_while_it_is_looked_at(chat: Chat, stage: Stage) -> None:
    opens(stage, "engineer", "None so far")

    said = chat.ends(chat.says("deploy web to dev", by="engineer"))
    done = home(stage, "engineer", "*deploy web to dev* · done")
    chat.says("lock web in dev for 1h because tests", by="engineer")

    assert id_of(said) in shown(done)
    home(stage, "engineer", "web/dev is locked")


def test_nobody_elses_is_drawn_who_does_not_look(chat: Chat, stage: Stage) -> None:
    opens(stage, "engineer", "Your projects")

    chat.ends(chat.says("deploy web to dev", by="engineer"))
    home(stage, "engineer", "*deploy web to dev* · done")

    assert stage.thread.call(stage.world.slack.slack.snapshot, "qa")["home"] is None


def test_a_lock_is_given_up_and_the_answer_stands_there(chat: Chat, stage: Stage) -> None:
    chat.says("lock web in dev for 1h because tests", by="engineer")
    view = opens(stage, "engineer", "web/dev is locked")

    Screen(stage, "engineer").taps("Unlock", view)

    after = home(stage, "engineer", "unlocked")
    eventually(lambda: "Your locks" not in shown(home(stage, "engineer")), "the lock to be gone")
    assert shown(after).index("unlocked") < shown(after).index("Your projects")
    direct = stage.thread.call(stage.world.slack.slack.dm, "engineer")
    assert not chat.said(direct)


def test_settings_are_changed_there_and_it_speaks_the_language_at_once(stage: Stage, chat: Chat) -> None:
    view = opens(stage, "engineer", "Direct messages: *off*")

    Screen(stage, "engineer").taps("简体中文", view)

    after = home(stage, "engineer", "你的项目")
    assert "语言：*简体中文*" in shown(after)


def test_what_is_chosen_in_a_channel_is_shown_there_too(chat: Chat, stage: Stage) -> None:
    opens(stage, "engineer", "You follow no project")

    chat.says("follow pay", by="engineer")

    home(stage, "engineer", "You follow *pay*")


def test_somebody_who_reads_chinese_reads_it_in_chinese(stage: Stage, chat: Chat) -> None:
    view = opens(stage, "mei", "你的项目")

    assert {"刷新"} <= set(labels(view))


def test_what_is_started_there_is_told_in_the_direct_messages(chat: Chat, stage: Stage) -> None:
    chat.ends(chat.says("deploy web to dev at r675", by="engineer"))
    view = opens(stage, "engineer", "Roll back web/dev")

    Screen(stage, "engineer").taps("Roll back web/dev", view)

    direct = stage.thread.call(stage.world.slack.slack.dm, "engineer")
    said = eventually(lambda: chat.said(direct), "the answer")
    assert "web/dev" in said[0].shown


def test_a_form_opens_from_it(stage: Stage, chat: Chat) -> None:
    view = opens(stage, "engineer", "Your projects")
    screen = Screen(stage, "engineer")
    stage.thread.call(stage.world.slack.slack.modals.close_all, "U0ENGINEER")

    screen.taps("Deploy", view)

    screen.shows("Deploy")


def test_a_guest_is_told_why_there_is_nothing(stage: Stage, chat: Chat) -> None:
    opens(stage, "guest", "takes no commands from guests")


def test_a_cluster_that_is_silent_leaves_the_rest(stage: Stage, chat: Chat) -> None:
    stage.world.kubernetes.faults.set(Fault("error", status=503))

    view = opens(stage, "engineer", "Your projects")

    assert "Kubernetes" in shown(view)
    assert "Direct messages" in shown(view)


def test_home_is_a_command_too(chat: Chat) -> None:
    assert "Your projects" in chat.says("home", by="engineer").shown


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """Sixty projects more, and on-call approves what goes to product."""

    def larger(plain: dict[str, Any]) -> None:
        plain["environments"]["product"]["approvals"] = {"count": 1, "role": "oncall", "minutes": 60}
        for number in range(1, 61):
            one = {"source": "svn", "environments": {"dev": {"name": "web", "container": "web"}}}
            plain["projects"][f"p{number:02}"] = one

    folder = tmp_path_factory.mktemp("home")
    with staged(folder, PACE, config=changed_shop(folder, larger)) as stage:
        open_shop(stage)
        yield stage


def test_sixty_projects_are_paged_and_those_followed_come_first(large: Stage) -> None:
    open_shop(large)
    large.chat.says("follow p60", by="ops")
    first = opens(large, "ops", "Page 1 of 7")

    Screen(large, "ops").taps("Next", first)
    second = home(large, "ops", "Page 2 of 7")

    assert "*p60*\n" in shown(first)
    assert "*p60*\n" not in shown(second)
    assert "Back" in labels(second)
    assert len(first["blocks"]) <= 100


def test_what_waits_for_ones_approval_is_approved_there(large: Stage) -> None:
    open_shop(large)
    said = large.chat.says("deploy web to product at r1839", by="ops")
    view = opens(large, "oncall", "Waiting for your approval")
    mine = opens(large, "ops", "waits for approval")

    Screen(large, "oncall").taps("Approve", view)

    home(large, "oncall", "Approved")
    assert "Approve" not in labels(mine)
    large.chat.ends(said)
    eventually(lambda: "Waiting for your approval" not in shown(home(large, "oncall")), "nothing to wait")
    home(large, "ops", "· done")
