"""Commit hooks over HTTP: believed or not, offered or deployed, and never in anybody's way."""

from __future__ import annotations

import gzip
import json
import time
from urllib.parse import quote

import pytest

from sandbox.chat import Chat, eventually
from sandbox.server import Fault
from sandbox.stage import Stage
from tests.commands.test_cancel import id_of
from tests.hooks.support import (
    SECRETS,
    SHA,
    base,
    digest,
    forge,
    gitea,
    github,
    gitlab,
    own,
    post,
    said,
    svn,
)


def tell(stage: Stage, hook: str, body: bytes, headers: dict[str, str]) -> str:
    status, words = post(base(stage), hook, body, headers)
    assert status == 202, words
    return words


# -- an offer


def test_a_commit_is_offered_with_its_author_and_ticket(chat: Chat, stage: Stage) -> None:
    tell(stage, "own", *own(svn()))

    offer = said(chat, "`r1841` on trunk")

    assert "Fix login (<https://tickets.shop.example/browse/SHOP-77|SHOP-77>) (mei.lin)" in offer.text
    assert not stage.world.jenkins.triggers

    chat.ends(chat.taps(offer, "Deploy to trunk", by="qa"))
    assert stage.world.jenkins.triggers[0].parameters["REVISION"] == "r1841"


def test_more_commits_grow_the_same_offer_until_it_is_taken_up(chat: Chat, stage: Stage) -> None:
    tell(stage, "own", *own(svn("r1841")))
    tell(stage, "own", *own(svn("r1844", message="Show the date")))

    offer = said(chat, "2 new commits on trunk")
    assert len(chat.said()) == 1
    assert offer.text.index("r1844") < offer.text.index("r1841")
    assert offer.buttons["Deploy to trunk"]["value"] == "deploy web to trunk at r1844"

    tell(stage, "own", *own(svn("r1841")))  # told again
    tell(stage, "own", *own(svn("r1842")))  # overtaken on its way
    eventually(lambda: "3 new commits on trunk" in offer.shown, "the third")
    assert offer.shown.index("r1844") < offer.shown.index("r1842") < offer.shown.index("r1841")
    assert offer.buttons["Deploy to trunk"]["value"] == "deploy web to trunk at r1844"

    chat.ends(chat.taps(offer, "Deploy to trunk", by="qa"))
    tell(stage, "own", *own(svn("r1847")))
    assert "new commits" not in said(chat, "`r1847` on trunk").text


@pytest.mark.parametrize(
    ("hook", "told", "words"),
    [
        ("hub", github(), "Cache the price list (Tomas Novak)"),
        ("lab", gitlab(), "Validate postcodes (Aisha Bello)"),
        ("tea", gitea(), "Log the order id (Priya Nair)"),
    ],
)
def test_a_push_to_a_forge_is_offered(
    chat: Chat, stage: Stage, hook: str, told: dict[str, object], words: str
) -> None:
    tell(stage, hook, *forge(hook, told))

    offer = said(chat, words)

    assert f"`{SHA[:7]}` on trunk" in offer.text
    assert offer.buttons["Deploy to trunk"]["value"] == f"deploy api to trunk at {SHA}"


def test_a_hash_of_64_digits_stays_whole(chat: Chat, stage: Stage) -> None:
    long = "3f" * 32
    tell(stage, "own", *own(svn(long, repository="shop/api", branch="trunk")))

    assert said(chat, "on trunk").buttons["Deploy to trunk"]["value"] == f"deploy api to trunk at {long}"


def test_what_a_commit_says_does_nothing(chat: Chat, stage: Stage) -> None:
    tell(stage, "own", *own(svn(message="*bold* <!channel> @here <@U0OPS>", author="<!here>")))

    offer = said(chat, "`r1841` on trunk")

    assert "<!channel>" not in offer.text
    assert "<@U0OPS>" not in offer.text
    assert "∗bold∗" in offer.text


def test_a_channel_that_is_out_of_reach_keeps_no_other_offer(chat: Chat, stage: Stage) -> None:
    tell(stage, "own", *own(svn(repository="shop")))
    tell(stage, "own", *own(svn()))

    said(chat, "`r1841` on trunk")
    eventually(lambda: not stage.redis.exists("shipmate:outbox:C0NOWHERE"), "giving it up")
    logs = stage.crew.log("web") + stage.crew.log("bot")
    assert "a notice in C0NOWHERE cannot be delivered" in logs


# -- a deployment


def test_a_commit_deploys_by_itself_where_the_target_says_so(chat: Chat, stage: Stage) -> None:
    words = tell(stage, "own", *own(svn("r1848", "branches/dev/src")))

    deployed = chat.ends(said(chat, "deploy web to dev at r1848"))

    assert words == "r1848: deploys to web/dev"
    assert "is live on web/dev" in deployed.text
    assert "asked by the own hook" in deployed.text
    assert stage.world.jenkins.triggers[0].parameters["REVISION"] == "r1848"


def test_a_branch_stands_for_a_line_by_configuration(chat: Chat, stage: Stage) -> None:
    tell(stage, "tea", *forge("tea", gitea("main")))

    deployed = chat.ends(said(chat, f"deploy api to hidden at {SHA}"))

    assert "is live on api/hidden" in deployed.text


def test_it_waits_for_what_runs_and_a_newer_one_takes_its_place(chat: Chat, stage: Stage) -> None:
    running = chat.says("deploy web to dev", by="engineer")
    tell(stage, "own", *own(svn("r1845", "branches/dev/a")))
    tell(stage, "own", *own(svn("r1848", "branches/dev/b")))

    older, newer = said(chat, "web to dev at r1845"), said(chat, "web to dev at r1848")

    assert "is live" in chat.ends(running).text
    assert "cancelled" in chat.ends(older).text
    assert f"`{id_of(newer)}` took its place. Nothing was started." in older.text
    assert "is live on web/dev" in chat.ends(newer).text
    assert [t.parameters["REVISION"] for t in stage.world.jenkins.triggers] == ["HEAD", "r1848"]


def test_a_locked_target_gets_one_offer_that_says_so(chat: Chat, stage: Stage) -> None:
    chat.says("lock web in dev for 2h because regression 3.2", by="engineer")

    tell(stage, "own", *own(svn("r1845", "branches/dev/a")))
    words = tell(stage, "own", *own(svn("r1848", "branches/dev/b")))

    offer = said(chat, "2 new commits on dev")
    assert words == "r1848: not deployed to web/dev by itself, offered"
    assert "Not deployed by itself." in offer.text
    assert "web/dev is locked by <@U0ENGINEER>" in offer.text
    assert "regression 3.2" in offer.text
    assert not stage.world.jenkins.triggers


def test_an_older_commit_that_comes_late_does_not_take_the_place_of_a_newer(chat: Chat, stage: Stage) -> None:
    tell(stage, "own", *own(svn("r1848", "branches/dev/a")))

    words = tell(stage, "own", *own(svn("r1845", "branches/dev/b")))

    chat.ends(said(chat, "deploy web to dev at r1848"))
    assert words == "r1845: a later revision was taken for web/dev already"
    assert [trigger.parameters["REVISION"] for trigger in stage.world.jenkins.triggers] == ["r1848"]


def test_a_lock_taken_while_it_waits_makes_it_one_offer(chat: Chat, stage: Stage) -> None:
    stage.world.jenkins.faults.set(Fault("error", match="buildWithParameters", status=503))
    running = chat.says("deploy web to dev", by="engineer")
    eventually(lambda: "Still trying" in running.shown, "the target to be busy")
    tell(stage, "own", *own(svn("r1848", "branches/dev/src")))
    waiting = said(chat, "deploy web to dev at r1848")
    chat.says("lock web in dev for 2h because regression 3.2", by="engineer")
    stage.world.jenkins.faults.clear()

    gone = chat.ends(waiting)
    offer = said(chat, "`r1848` on dev")
    tell(stage, "own", *own(svn("r1850", "branches/dev/src")))

    assert "· cancelled" in gone.shown
    assert "It is offered instead" in gone.shown
    assert "web/dev is locked by <@U0ENGINEER>" in offer.shown
    eventually(lambda: "2 new commits on dev" in offer.shown, "both commits in one offer")
    chat.ends(running)
    assert [trigger.parameters["REVISION"] for trigger in stage.world.jenkins.triggers] == ["HEAD"]


def test_a_frozen_environment_gets_an_offer_that_says_so(chat: Chat, stage: Stage) -> None:
    chat.says("freeze dev for 2h because the network is moved", by="ops")

    words = tell(stage, "own", *own(svn("r1848", "branches/dev/src")))

    offer = said(chat, "`r1848` on dev")
    assert words == "r1848: not deployed to web/dev by itself, offered"
    assert "dev is frozen by <@U0OPS>" in offer.text
    assert "the network is moved" in offer.text
    assert not stage.world.jenkins.triggers


def test_a_hook_without_the_permission_only_offers(chat: Chat, stage: Stage) -> None:
    tell(stage, "hub", *forge("hub", github("main")))

    offer = said(chat, f"`{SHA[:7]}` on releases")

    assert "Not deployed by itself." in offer.text
    assert "no role" in offer.text
    assert not stage.world.jenkins.triggers


def test_the_same_commit_told_twice_is_one_deployment(chat: Chat, stage: Stage) -> None:
    words = [tell(stage, "own", *own(svn("r1848", "branches/dev/src"))) for _time in range(2)]

    chat.ends(said(chat, "deploy web to dev at r1848"))

    assert words == ["r1848: deploys to web/dev", "r1848: was taken for web/dev already"]
    assert len(stage.world.jenkins.triggers) == 1


# -- nothing


@pytest.mark.parametrize(
    ("told", "words"),
    [
        (svn(repository="other"), "no project has a line at 'trunk/src' of 'other'"),
        (svn(path="tags/3.2.0"), "no project has a line at 'tags/3.2.0' of 'web'"),
        (svn(path="trunkish/src"), "no project has a line"),
        (svn(path="branches/releases/src"), "nothing follows from it"),
        ({"test": True}, "nothing follows from it"),
    ],
)
def test_what_nothing_follows_from_is_noted(
    chat: Chat, stage: Stage, told: dict[str, object], words: str
) -> None:
    answer = tell(stage, "own", *own(told))

    assert words in answer
    assert answer in stage.crew.log("web")
    nothing_was_started(chat, stage)


@pytest.mark.parametrize(
    ("hook", "told", "event"),
    [
        ("hub", {"zen": "Encourage flow.", "hook_id": 1}, "ping"),
        ("hub", github(ref="refs/tags/3.2.0"), "push"),
        ("hub", github(after="0" * 40, deleted=True, head_commit=None, commits=[]), "push"),
        ("tea", gitea(), "issues"),
        ("lab", gitlab(object_kind="tag_push", ref="refs/tags/3.2.0"), "push"),
        ("lab", gitlab(after="0" * 40, commits=[]), "push"),
        ("lab", gitlab(after="0" * 64), "push"),
        ("hub", github(after="0" * 64), "push"),
    ],
)
def test_other_news_of_a_forge_is_taken_and_left(
    chat: Chat, stage: Stage, hook: str, told: dict[str, object], event: str
) -> None:
    assert tell(stage, hook, *forge(hook, told, event)) == "nothing follows from it"

    nothing_was_started(chat, stage)


def nothing_was_started(chat: Chat, stage: Stage) -> None:
    assert not chat.said()
    assert not stage.world.jenkins.triggers


def signed_for_hub(body: bytes) -> tuple[bytes, dict[str, str]]:
    signature = digest(SECRETS["hub"], body)
    return body, {"X-GitHub-Event": "push", "X-Hub-Signature-256": f"sha256={signature}"}


Bad = tuple[str, bytes, dict[str, str], int]


def bad() -> dict[str, Bad]:
    """Hook, body, headers, and the status that is their answer. Signed now: a signature is good for minutes."""
    now = time.time()
    body, signed = own(svn())
    hub_body, hub_signed = forge("hub", github())
    return {
        "unsigned": ("own", body, {}, 401),
        "half signed": ("own", body, {k: v for k, v in signed.items() if "Delivery" not in k}, 401),
        "another secret": ("own", *own(svn(), secret="wrong"), 401),
        "another body": ("own", body + b" ", signed, 401),
        "another number": ("own", body, {**signed, "X-Shipmate-Delivery": "0" * 32}, 401),
        "another time": ("own", body, {**signed, "X-Shipmate-Timestamp": str(int(now) - 9)}, 401),
        "too old": ("own", *own(svn(), at=now - 400), 401),
        "from the future": ("own", *own(svn(), at=now + 400), 401),
        "no digits": ("own", body, {**signed, "X-Shipmate-Signature": "sha256=é"}, 401),
        "hub unsigned": ("hub", hub_body, {"X-GitHub-Event": "push"}, 401),
        "hub of another": ("hub", hub_body + b" ", hub_signed, 401),
        "lab without a token": ("lab", b"{}", {}, 401),
        "lab with a wrong token": ("lab", b"{}", {"X-Gitlab-Token": "wrong"}, 401),
        "tea unsigned": ("tea", b"{}", {"X-Gitea-Event": "push"}, 401),
        "signed twice": (
            "own",
            body,
            {**signed, "X-Shipmate-Signature": f"{signed['X-Shipmate-Signature']},x"},
            401,
        ),
        "a bomb that nobody signed": (
            "own",
            gzip.compress(bytes(4_000_000)),
            {"Content-Encoding": "gzip"},
            401,
        ),
        "compressed": ("hub", *signed_for_hub(gzip.compress(hub_body)), 400),
        "sent as a form": ("hub", *signed_for_hub(b"payload=" + quote(hub_body).encode()), 400),
        "a number without an end": ("hub", *signed_for_hub(b'{"ref": ' + b"9" * 5000 + b"}"), 400),
        "a list": ("own", *own([]), 400),  # type: ignore[arg-type]
        "no revision": ("own", *own({"repository": "web"}), 400),
        "a revision that is none": ("own", *own(svn("r1841; rm")), 400),
        "a hash with a digit too much": ("own", *own(svn("3f" * 20 + "0")), 400),
        "paths that are none": ("own", *own(svn(paths="trunk")), 400),
        "a number for a name": ("own", *own(svn(author=4)), 400),
        "hub of another shape": ("hub", *forge("hub", {"ref": "refs/heads/trunk"}), 400),
        "hub of strange commits": ("hub", *forge("hub", github(head_commit={"author": 1})), 400),
        "lab of another shape": ("lab", *forge("lab", {"object_kind": "push"}), 400),
        "nobody's": ("nobody", *own(svn()), 404),
    }


@pytest.mark.parametrize("name", bad())
def test_what_is_not_believed_or_not_understood_starts_nothing(chat: Chat, stage: Stage, name: str) -> None:
    hook, body, headers, status = bad()[name]

    answered, words = post(base(stage), hook, body, headers)

    assert answered == status
    assert f"hook={hook} status={status} {words}" in stage.crew.log("web")
    assert not any(secret in words for secret in SECRETS.values())
    nothing_was_started(chat, stage)


def test_a_body_that_is_no_json_is_not_understood(chat: Chat, stage: Stage) -> None:
    for body in (b"", b"\xff\xfe", b"[" * 100_000):
        status, _words = post(base(stage), "lab", body, {"X-Gitlab-Token": SECRETS["lab"]})
        assert status == 400

    nothing_was_started(chat, stage)


def test_half_a_character_is_no_fault_of_ours(chat: Chat, stage: Stage) -> None:
    tell(stage, "own", *own(svn(author="mei\ud800", message="\udfff login", paths=["trunk/\ud83d"])))

    assert "? login (mei?)" in said(chat, "`r1841` on trunk").text


def test_a_huge_body_is_not_read(chat: Chat, stage: Stage) -> None:
    status, words = post(base(stage), "own", json.dumps(svn(message="x" * 5_100_000)).encode(), own(svn())[1])

    assert (status, words) == (413, "too large")
    assert "/hooks/own: too large" in stage.crew.log("web")
    nothing_was_started(chat, stage)


@pytest.mark.parametrize("hook", ["own", "hub", "lab", "tea"])
def test_a_request_that_comes_again_is_not_taken(chat: Chat, stage: Stage, hook: str) -> None:
    made = {"hub": github, "lab": gitlab, "tea": gitea}
    body, headers = own(svn()) if hook == "own" else forge(hook, made[hook]())
    tell(stage, hook, body, headers)
    said(chat, "on trunk")

    status, words = post(base(stage), hook, body, headers)

    assert (status, words) == (401, "this request was seen before")
    assert len(chat.said()) == 1
