"""The shop's chat page in a real browser, as people on call, engineers and QA use it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import ViewportSize, expect

from sandbox.chat import Chat
from sandbox.stage import Stage
from tests.browser.conftest import Opens
from tests.browser.device import DESKTOP, PHONE

Picture = Callable[[str], Path | None]

GOOD = "releases-r1798-40"
SIZES = pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["390", "1280"])
MOST_TAPS = 3
"""From the message of the failure to a finished rollback."""


def test_on_call_from_the_failed_message_to_a_finished_rollback(
    opens: Opens, chat: Chat, stage: Stage, picture: Picture
) -> None:
    chat.ends(chat.says("deploy web to product at r667", by="ops", channel="#oncall"))
    phone = opens(PHONE, "oncall", "oncall")
    phone.sees("CrashLoopBackOff")
    phone.shows_top()
    phone.shot(picture("on-call-failed"))

    phone.tap(phone.button("Roll back"))
    phone.sees(f"from releases-r667-1 back to {GOOD}", phone.dialog)
    phone.shot(picture("on-call-confirm"))
    phone.tap(phone.button("Roll back", phone.dialog))
    phone.sees(f"web/product is back on {GOOD}")
    phone.shows_top()
    phone.shot(picture("on-call-done"))

    assert phone.taps <= MOST_TAPS
    assert stage.world.kubernetes.image("product", "web").endswith(GOOD)


@SIZES
def test_a_deploy_is_filled_in_shown_and_done(
    opens: Opens, stage: Stage, picture: Picture, size: ViewportSize
) -> None:
    device = opens(size, "engineer", "deploys")
    name = "phone" if size is PHONE else "desktop"

    device.says("/ship deploy web")
    device.sees("Environment", device.dialog)
    device.tap(device.button("Environment", device.dialog))
    device.tap(device.dialog.get_by_role("option", name="trunk"))
    device.shot(picture(f"{name}-deploy-form"))
    device.tap(device.button("Continue", device.dialog))
    device.sees("deploy web to trunk", device.dialog)
    device.sees(GOOD, device.dialog)
    device.shot(picture(f"{name}-deploy-plan"))
    device.tap(device.button("Deploy", device.dialog))

    expect(device.page.locator("dialog[open]")).to_have_count(0)
    device.sees("is live on web/trunk")
    assert len(stage.world.jenkins.triggers) == 1


def test_a_project_is_found_by_a_few_letters(opens: Opens) -> None:
    phone = opens(PHONE, "engineer", "deploys")

    phone.says("/ship deploy")
    phone.tap(phone.button("Project", phone.dialog))
    phone.dialog.get_by_role("searchbox").fill("sho")

    expect(phone.dialog.get_by_role("option").first).to_have_text("shop")
    phone.tap(phone.dialog.get_by_role("option", name="shop"))
    expect(phone.button("Project", phone.dialog)).to_have_text("shop")


def test_what_is_wrong_stands_beside_its_field(opens: Opens) -> None:
    phone = opens(PHONE, "engineer", "deploys")

    phone.says("/ship deploy web")
    phone.tap(phone.button("Continue", phone.dialog))

    phone.sees("Please complete this required field", phone.dialog)


def test_a_hop_of_the_log_pipeline_is_held_up_and_let_go(opens: Opens, stage: Stage) -> None:
    desktop = opens(DESKTOP, "ops", "deploys")

    desktop.tap(desktop.button("Faults"))
    desktop.tap(desktop.button("Kafka", desktop.dialog))
    expect(desktop.button("Kafka", desktop.dialog)).to_have_attribute("aria-pressed", "true")
    assert stage.world.pipeline.stalled == {"kafka"}
    desktop.tap(desktop.button("Close", desktop.dialog))
    desktop.says("@shipmate logs pipeline")
    desktop.sees("Kafka is down: none of its brokers answers")

    desktop.tap(desktop.button("Faults: 1 servers spoiled"))
    desktop.tap(desktop.dialog.get_by_role("button", name="Kafka").last)
    expect(desktop.dialog.get_by_role("button", name="Kafka").last).to_have_attribute("aria-pressed", "false")
    assert not stage.world.pipeline.stalled


@SIZES
def test_a_conversation_in_chinese(opens: Opens, stage: Stage, picture: Picture, size: ViewportSize) -> None:
    device = opens(size, "mei", "deploys")
    name = "phone" if size is PHONE else "desktop"

    device.says("@shipmate 部署 web 到 trunk")
    device.sees("· 完成")
    device.says("@shipmate 部署 web 到 product")
    device.sees("product 需要角色 ops")
    device.shot(picture(f"{name}-chinese"))

    assert len(stage.world.jenkins.triggers) == 1
    assert stage.world.kubernetes.image("trunk", "web").startswith("harbor.shop.example/web/web:trunk-r")


@SIZES
def test_the_home_tab(opens: Opens, chat: Chat, picture: Picture, size: ViewportSize) -> None:
    """What is mine, drawn when it is opened and again when something changes."""
    chat.says("lock web in dev for 2h because regression 3.2", by="engineer")
    device = opens(size, "engineer", "shipmate")
    name = "phone" if size is PHONE else "desktop"

    device.tap(device.page.get_by_role("tab", name="Home"))
    home = device.page.locator("#home")
    device.sees("web/dev is locked", home)
    chat.ends(chat.says("deploy web to dev", by="engineer"))
    device.sees("deploy web to dev · done", home)
    device.shot(picture(f"{name}-home"))
    device.tap(device.button("Unlock", home))

    expect(home).not_to_contain_text("web/dev is locked by")


def test_what_is_on_qa_who_holds_it_and_until_when_in_one_look(opens: Opens, chat: Chat) -> None:
    chat.ends(chat.says("deploy web to trunk", by="qa"))
    chat.says("lock web in trunk for 2h because regression 3.2", by="qa")
    phone = opens(PHONE, "engineer", "deploys")

    phone.says("@shipmate board web in trunk")
    board = phone.messages.filter(has_text="trunk-r1841-1").last
    for words in ("web", "trunk", "@qa", "until Today at", "regression 3.2"):
        phone.sees(words, board)
    box = board.bounding_box()

    assert box is not None
    assert box["height"] < PHONE["height"] / 2


@SIZES
def test_a_day_in_the_channel(opens: Opens, chat: Chat, picture: Picture, size: ViewportSize) -> None:
    """All that is long: help, the board, a log, a refusal."""
    device = opens(size, "engineer", "deploys")

    for text, answer in (
        ("help", "What you may do"),
        ("logs web in trunk since 1h", "web/trunk"),
        ("board", "releases-r1798-40"),
        ("deploy web to product", "product needs role ops"),
    ):
        device.says(f"@shipmate {text}")
        device.sees(answer)


def test_the_menu_of_a_message_is_in_sight_where_nothing_hovers(opens: Opens, chat: Chat) -> None:
    chat.ends(chat.says("deploy web to dev", by="engineer"))
    phone = opens(PHONE, "engineer", "deploys")
    message = phone.sees("is live on web/dev")

    phone.tap(message.get_by_role("button", name="Message menu"))
    phone.tap(phone.dialog.get_by_text("What changed?"))

    expect(message).to_contain_text("2 replies")
    phone.tap(message.get_by_role("button", name="2 replies"))
    phone.sees("by @engineer", phone.page.locator("#thread-stream"))


def test_what_is_typed_before_the_room_is_there_is_kept(opens: Opens) -> None:
    phone = opens(PHONE, "engineer", "deploys")
    late = "WebSocket.prototype.__defineSetter__('onmessage', function (hear) { this.addEventListener('message', "
    late += "(said) => window.arrive ? hear(said) : (window.held ??= []).push(() => hear(said))); });"
    phone.page.add_init_script(late)
    phone.page.reload()
    phone.page.locator("#composer-field").fill("deploy web to tr")
    phone.page.wait_for_function("window.held?.length")

    phone.page.evaluate("window.arrive = true; window.held.forEach((go) => go())")

    expect(phone.page.locator("#composer-field[aria-label]")).to_have_value("deploy web to tr")
