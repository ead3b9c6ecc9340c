"""promote, pass and fail: the image that QA tested, and no other, goes live."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from sandbox.chat import Chat, Said
from sandbox.server import Fault
from sandbox.stage import Stage, staged
from sandbox.world import World
from tests.commands.test_cancel import id_of
from tests.commands.test_later import comes
from tests.commands.test_lock import untouched
from tests.conftest import PACE
from tests.sample import changed_shop

REPOSITORY = "harbor.shop.example/web/web"


def in_hidden(chat: Chat, at: str = "r1805") -> str:
    """Deploys to hidden, and gives the tag."""
    said = chat.ends(chat.says(f"deploy web to hidden at {at}", by="qa"))
    assert "is live on web/hidden" in said.shown
    return said.shown.split("image `")[1].split("`")[0]


def live(world: World, environment: str = "product") -> str:
    spec = world.kubernetes.deployment(environment, "web")["spec"]["template"]["spec"]
    return str(spec["containers"][0]["image"])


def digest(world: World, tag: str) -> str:
    image = world.images.find(f"{REPOSITORY}:{tag}")
    assert image is not None
    return image.digest


def promoted(chat: Chat, card: Said) -> Said:
    return chat.ends(chat.taps(card, "Promote", by="ops"))


def test_what_was_passed_goes_live_by_its_digest_and_nothing_is_built(chat: Chat, world: World) -> None:
    chat.ends(chat.says("deploy web to product at r1798", by="ops"))
    tag = in_hidden(chat)
    passed = chat.says("pass web in hidden because regression 3.2 is green", by="qa")

    same = chat.says("promote web from hidden to product", by="ops")
    card = chat.taps(passed, "Promote to product", by="ops")
    done = promoted(chat, card)

    assert f"<@U0QA> passed `{tag}`" in passed.shown
    assert "Promote" in same.buttons
    assert "passed by <@U0QA>" in card.shown
    assert "regression 3.2 is green" in card.shown
    assert "It brings " in card.shown
    assert "Replaces `releases-r1798-1`" in card.shown
    assert f"{tag} is live on web/product, the same image that ran in hidden" in done.shown
    assert live(world) == f"{REPOSITORY}:{tag}@{digest(world, tag)}"
    assert len(world.jenkins.triggers) == 2


def test_the_way_back_from_a_promotion_is_open(chat: Chat, world: World) -> None:
    before = live(world)
    in_hidden(chat)
    chat.says("pass web in hidden", by="qa")
    promoted(chat, chat.says("promote web to product", by="ops"))

    chat.ends(chat.says("rollback web in product to previous", by="oncall"))

    assert live(world) == before


def test_what_nobody_passed_is_not_promoted(chat: Chat, world: World) -> None:
    in_hidden(chat)

    card = chat.says("promote web to product", by="ops")

    assert "Nobody has passed it yet: `pass web in hidden` does." in card.shown
    assert "Nobody has said" not in card.shown
    assert list(card.buttons) == ["Pass in hidden"]
    assert not chat.says("promote web to product", by="engineer").buttons

    passed = chat.taps(card, "Pass in hidden", by="ops")

    assert "Promote to product" in passed.buttons


def test_a_pass_is_of_the_image_on_the_card_and_of_no_later_one(chat: Chat, world: World) -> None:
    tested = in_hidden(chat)
    card = chat.says("promote web to product", by="ops")
    later = in_hidden(chat, at="r1798")

    refused = chat.taps(card, "Pass in hidden", by="ops")

    assert f"web/hidden runs `{later}`" in refused.shown
    assert f"not `{tested} (" in refused.shown
    assert "`pass web in hidden`" in refused.shown
    assert "Nobody has passed it yet" in chat.says("promote web to product", by="ops").shown

    for name, passes in ((tested, False), (digest(world, tested), False), (later, True)):
        said = chat.says(f"pass web in hidden image {name} because regression 3.2 is green", by="qa").shown
        assert (f"<@U0QA> passed `{later}`" in said) is passes
    assert "passed by <@U0QA>" in chat.says("promote web to product", by="ops").shown


def test_what_was_failed_is_not_promoted_until_it_is_passed(chat: Chat) -> None:
    in_hidden(chat)
    chat.says("pass web in hidden", by="qa")
    failed = chat.says("fail web in hidden because the basket is empty", by="qa")

    card = chat.says("promote web to product", by="ops")
    chat.says("pass web in hidden because it was the test", by="qa")

    assert "the basket is empty" in failed.shown
    assert "It was failed by <@U0QA>" in card.shown
    assert "Promote" not in card.buttons
    assert "Promote" in chat.says("promote web to product", by="ops").buttons


def test_a_fail_names_the_image_and_what_it_blocks(chat: Chat, stage: Stage, world: World) -> None:
    tested = in_hidden(chat)
    chat.says("pass web in hidden", by="qa")
    waits = chat.taps(chat.says("promote web to product at 22:00", by="ops"), "Promote", by="ops")
    later = in_hidden(chat, at="r1798")

    failed = chat.says(f"fail web in hidden image {tested} because it leaks", by="qa")
    unknown = chat.says("fail web in hidden image 9.9.9 because it leaks", by="qa")
    in_trunk = chat.says("fail web in trunk because the basket is empty", by="qa")

    assert (
        f"<@U0QA> failed `{tested}` ({digest(world, tested)[7:19]}) in web/hidden: it leaks." in failed.shown
    )
    assert "It is not promoted to product until somebody passes it." in failed.shown
    assert "for web/product, asked by <@U0OPS>, is refused when its turn comes." in failed.shown
    assert f"web/hidden runs `{later}`" in unknown.shown
    assert "Nothing was recorded" in unknown.shown
    assert "Nothing is promoted from trunk: it is only noted." in in_trunk.shown
    assert "Nobody has passed it yet" in chat.says("promote web to product", by="ops").shown
    comes(stage, waits)
    assert "it leaks" in chat.ends(waits).shown


def test_only_environments_to_which_something_is_promoted_are_offered(chat: Chat) -> None:
    promotes = chat.says("promote web", by="ops")
    passes = chat.says("pass web", by="qa")

    assert list(promotes.buttons) == ["promote web to product"]
    assert list(passes.buttons) == ["pass web in hidden"]


def test_a_fail_holds_back_what_was_on_its_way(chat: Chat, stage: Stage, world: World) -> None:
    in_hidden(chat)
    chat.says("pass web in hidden", by="qa")
    card = chat.says("promote web to product at 22:00", by="ops")
    later = chat.taps(card, "Promote", by="ops")
    chat.says("fail web in hidden because the basket is empty", by="qa")
    before = live(world)

    comes(stage, later)

    chat.ends(later)
    assert "It was failed by @\u2060qa" in later.shown
    assert "the basket is empty" in later.shown
    assert live(world) == before


def test_what_was_tested_may_go_live_when_hidden_has_moved_on(chat: Chat, stage: Stage, world: World) -> None:
    tag = in_hidden(chat)
    chat.says("pass web in hidden", by="qa")
    later = chat.taps(chat.says("promote web to product at 22:00", by="ops"), "Promote", by="ops")
    in_hidden(chat, at="r1798")

    comes(stage, later)

    assert "is live on web/product" in chat.ends(later).shown
    assert live(world) == f"{REPOSITORY}:{tag}@{digest(world, tag)}"


def test_a_tag_that_was_moved_since_the_test_is_refused(chat: Chat, world: World) -> None:
    tag = in_hidden(chat)
    chat.says("pass web in hidden", by="qa")
    tested = world.images.find(f"{REPOSITORY}:{tag}")
    assert tested is not None
    kept = f"{REPOSITORY}:kept-{tag}"
    world.images.pushed[kept] = replace(tested, reference=kept)
    world.images.push(f"{REPOSITORY}:{tag}", content="another")

    card = chat.says("promote web to product", by="ops")

    assert "was moved since it was tested" in card.shown
    assert "Promote" not in card.buttons


def test_an_image_that_is_gone_is_refused(chat: Chat, world: World) -> None:
    tag = in_hidden(chat)
    chat.says("pass web in hidden", by="qa")
    world.images.remove(f"{REPOSITORY}:{tag}")

    card = chat.says("promote web to product", by="ops")

    assert f"no longer has {tag}" in card.shown


def test_what_never_ran_in_hidden_is_refused(chat: Chat, world: World) -> None:
    before = live(world)
    said = chat.ends(chat.says(f"promote web to product image 9.9.9@sha256:{'0' * 64}", by="ops"))

    assert "It never ran healthy in web/hidden" in said.shown
    assert "refused" in said.shown
    assert not said.buttons
    assert live(world) == before


@pytest.mark.parametrize(
    ("text", "by", "words"),
    [
        ("promote web to product", "engineer", "That needs role ops"),
        ("promote web to trunk", "ops", "Nothing is promoted to trunk"),
        ("promote web from trunk to product", "ops", "web is promoted to product from hidden only"),
        ("pass web in hidden", "engineer", "role qa"),
        ("fail web in hidden", "qa", "reason is missing"),
        ("promote web to product image web:latest", "ops", "image: I need"),
    ],
)
def test_what_cannot_be_is_refused_with_the_reason(
    chat: Chat, world: World, text: str, by: str, words: str
) -> None:
    assert words in chat.says(text, by=by).shown
    assert untouched(world)


def test_nobody_passes_what_is_about_to_change(chat: Chat, world: World) -> None:
    world.jenkins.faults.set(Fault("slow", match="buildWithParameters", seconds=2, times=1))
    deploy = chat.says("deploy web to hidden", by="ops")

    early = chat.says("pass web in hidden", by="qa")

    assert "is under way: what runs in web/hidden is about to change" in early.shown
    chat.ends(deploy)


def test_a_freeze_is_shown_on_the_card_and_holds_the_promotion_back(chat: Chat) -> None:
    in_hidden(chat)
    chat.says("pass web in hidden", by="qa")
    chat.says("freeze product for 2h because fair", by="ops")

    card = chat.says("promote web to product", by="ops")
    refused = chat.taps(card, "Promote", by="ops")

    assert "product is frozen by <@U0OPS>" in card.shown
    assert "Queue after unlock" in refused.buttons
    queued = chat.taps(refused, "Queue after unlock", by="ops")
    chat.says("unfreeze product", by="ops")
    assert "is live on web/product" in chat.ends(queued).shown
    assert id_of(queued)


@pytest.fixture(scope="module")
def patient(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """A shop in which an image must run in hidden for half an hour first."""

    def change(plain: dict[str, Any]) -> None:
        plain["environments"]["product"]["promotion"]["minutes"] = 30

    folder = tmp_path_factory.mktemp("patient")
    with staged(folder, PACE, config=changed_shop(folder, change)) as stage:
        yield stage


def test_what_has_not_run_there_for_long_enough_waits(patient: Stage) -> None:
    chat = patient.chat
    tag = in_hidden(chat)
    chat.says("pass web in hidden", by="qa")

    answer = chat.says("promote web to product", by="ops")

    assert tag in answer.shown
    assert "and must for 30 min: until " in answer.shown
    assert "Promote" not in answer.buttons
    assert live(patient.world).endswith("releases-r1798-40")
