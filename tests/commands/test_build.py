"""build, changes, and deploying a build that is there already; through chat."""

from __future__ import annotations

import re

import pytest

from sandbox.chat import Chat
from sandbox.jenkins.history import history
from sandbox.world import World

TRUNK = [f"r{commit.id}" for commit in history("svn", "web", "trunk")]


def test_a_build_deploys_nothing_and_offers_to(chat: Chat, world: World) -> None:
    chat.ends(chat.says(f"deploy web to trunk at {TRUNK[-4]}", by="engineer"))
    running = world.kubernetes.image("trunk", "web")

    said = chat.ends(chat.says("build web trunk", by="qa"))

    assert "Build 2 of trunk ready: 3 changes since what runs in trunk." in said.text
    assert world.kubernetes.image("trunk", "web") == running

    deployed = chat.ends(chat.taps(said, "Deploy to trunk", by="qa"))

    assert f"trunk-{TRUNK[-1]}-2 is live on web/trunk" in deployed.text
    assert f"3 changes since `{running.split(':')[1]}`" in deployed.text
    assert len(world.jenkins.triggers) == 2


def test_a_build_is_of_the_revision_that_was_asked_for(chat: Chat, world: World) -> None:
    chat.ends(chat.says("build web trunk at r1835", by="engineer"))

    assert world.jenkins.triggers[0].parameters["LINE"] == "trunk"
    assert world.jenkins.triggers[0].parameters["REVISION"] == "r1835"


def test_a_build_waits_for_nobody_who_has_the_environment(chat: Chat, world: World) -> None:
    deploying = chat.says("deploy web to trunk", by="engineer")

    building = chat.says("build web trunk", by="qa")

    assert "in line" not in building.text
    chat.ends(building)
    chat.ends(deploying)
    assert len(world.jenkins.triggers) == 2


def test_a_build_that_is_cancelled_is_stopped(chat: Chat, world: World) -> None:
    said = chat.says("build web trunk", by="engineer")

    chat.taps(said, "Stop", by="qa")

    assert "cancelled" in chat.ends(said).text


def test_a_failed_build_shows_the_console(chat: Chat) -> None:
    said = chat.ends(chat.says("build web trunk at r666", by="engineer"))

    assert "FAILED" in said.text
    assert "COMPILATION ERROR" in said.text


def test_a_job_that_rolls_out_by_itself_cannot_build_alone(chat: Chat, world: World) -> None:
    said = chat.says("build pay trunk", by="engineer")

    assert "`deploy pay to`" in said.text
    assert not world.jenkins.triggers


def test_a_line_that_is_unknown_is_told(chat: Chat) -> None:
    said = chat.says("build web trunc", by="engineer")

    assert "build web trunk" in said.buttons


def test_a_build_of_another_line_is_refused(chat: Chat, world: World) -> None:
    chat.ends(chat.says("build web dev", by="engineer"))

    said = chat.ends(chat.says("deploy web to product build 1", by="ops"))

    assert "Build #1 is of dev, and web/product takes releases. Nothing was changed." in said.text
    assert not world.kubernetes.patches


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("deploy web to trunk build 99", "web-build has no build #99, or not any more"),
        ("deploy web to trunk at r1835 build 1", "name the build or a revision"),
        ("deploy web to trunk build x", "the number of a build"),
    ],
)
def test_a_build_that_is_none(chat: Chat, world: World, text: str, words: str) -> None:
    said = chat.says(text, by="engineer")

    assert words in (said.text if said.only_for else chat.ends(said).text)
    assert not world.jenkins.triggers
    assert not world.kubernetes.patches


def test_a_failed_build_is_not_deployed(chat: Chat, world: World) -> None:
    chat.ends(chat.says("build web trunk at r666", by="engineer"))

    said = chat.ends(chat.says("deploy web to trunk build #1", by="engineer"))

    assert "Build #1 failed" in said.text
    assert not world.kubernetes.patches


def test_a_build_named_by_an_archived_file_or_a_parameter_is_deployed(chat: Chat, world: World) -> None:
    for project, job in (("api", "team/api-build"), ("shop", "shop-build")):
        chat.ends(chat.says(f"build {project} trunk", by="engineer"))

        chat.ends(chat.says(f"deploy {project} to trunk build 1", by="engineer"))

        assert world.kubernetes.image("trunk", project) == world.jenkins.builds(job)[0].image


def test_a_release_tag_is_a_line_of_its_own_in_subversion(chat: Chat, world: World) -> None:
    said = chat.ends(chat.says("deploy web to hidden at tag 3.2.0", by="qa"))

    assert world.jenkins.triggers[0].parameters["LINE"] == "3.2.0"
    assert world.jenkins.triggers[0].parameters["REVISION"] == "HEAD"
    assert world.kubernetes.image("hidden", "web").split(":")[1].startswith("3.2.0-r")
    assert "is live on web/hidden" in said.text


def test_a_release_tag_is_what_git_checks_out(chat: Chat, world: World) -> None:
    chat.ends(chat.says("deploy api to hidden at tag 3.2.0", by="qa"))

    assert world.jenkins.triggers[0].parameters["LINE"] == "releases"
    assert world.jenkins.triggers[0].parameters["REVISION"] == "3.2.0"


def test_changes_are_the_commits_between_what_runs_and_the_latest_build(chat: Chat, world: World) -> None:
    chat.ends(chat.says(f"deploy web to trunk at {TRUNK[-8]}", by="engineer"))
    chat.ends(chat.says(f"build web trunk at {TRUNK[-5]}", by="engineer"))
    chat.ends(chat.says("build web dev", by="engineer"))
    chat.ends(chat.says("build web trunk", by="engineer"))

    said = chat.says("changes web in trunk", by="qa")

    assert re.findall(r"• `(\w+)`", said.text) == TRUNK[:-8:-1]
    assert "*7 changes* in the latest build of trunk" in said.text
    newest = history("svn", "web", "trunk")[-1]
    assert newest.author in said.text
    assert "<https://tickets.shop.example/browse/SHOP-" in said.text
    assert "Deploy to trunk" in said.buttons


def test_a_build_that_jenkins_has_discarded_is_said_to_be_missing(chat: Chat, world: World) -> None:
    chat.ends(chat.says(f"deploy web to trunk at {TRUNK[-8]}", by="engineer"))
    chat.ends(chat.says(f"build web trunk at {TRUNK[-5]}", by="engineer"))
    chat.ends(chat.says(f"build web trunk at {TRUNK[-2]}", by="engineer"))
    world.jenkins.discard("web-build", 2)

    told = chat.says("changes web in trunk", by="qa")
    built = chat.ends(chat.says("build web trunk", by="qa"))

    assert re.findall(r"• `(\w+)`", told.text) == TRUNK[-2:-5:-1]
    assert (
        "Jenkins no longer has 1 build in between: changes that came with it are missing here." in told.text
    )
    assert "changes since" not in built.text, "a number that is too low would be believed"


def test_changes_of_a_pipeline_that_checks_out_git(chat: Chat, world: World) -> None:
    commits = history("git", "api", "trunk")
    chat.ends(chat.says(f"deploy api to trunk at {commits[-3].id}", by="engineer"))
    chat.ends(chat.says("build api trunk", by="engineer"))

    said = chat.says("changes api in trunk", by="qa")

    assert re.findall(r"• `(\w+)`", said.text) == [commits[-1].id[:7], commits[-2].id[:7]]


def test_changes_from_one_environment_to_another(chat: Chat, world: World) -> None:
    releases = [f"r{commit.id}" for commit in history("svn", "web", "releases")]
    chat.ends(chat.says(f"deploy web to product at {releases[-6]}", by="ops"))
    chat.ends(chat.says("deploy web to hidden", by="qa"))

    said = chat.says("changes web from hidden to product", by="qa")
    back = chat.says("changes web from product to hidden", by="qa")

    assert re.findall(r"• `(\w+)`", said.text) == releases[:-6:-1]
    assert "*5 changes* in hidden" in said.text
    assert "*5 changes* would be taken back by product" in back.text


def test_changes_of_git_from_one_environment_to_another(chat: Chat) -> None:
    releases = history("git", "api", "releases")
    chat.ends(chat.says(f"deploy api to product at {releases[-4].id}", by="ops"))
    chat.ends(chat.says("deploy api to hidden", by="qa"))

    said = chat.says("changes api from hidden to product", by="qa")
    back = chat.says("changes api from product to hidden", by="qa")

    assert re.findall(r"• `(\w+)`", said.text) == [commit.id[:7] for commit in releases[:-4:-1]]
    assert "*3 changes* would be taken back by product" in back.text


def test_a_later_build_of_older_code_takes_changes_back(chat: Chat, world: World) -> None:
    chat.ends(chat.says(f"deploy web to trunk at {TRUNK[-8]}", by="engineer"))
    chat.ends(chat.says("deploy web to trunk", by="engineer"))

    built = chat.ends(chat.says(f"build web trunk at {TRUNK[-5]}", by="engineer"))
    said = chat.says("changes web in trunk", by="qa")
    deployed = chat.ends(chat.taps(built, "Deploy to trunk", by="engineer"))

    assert "takes back 4 changes" in built.shown
    assert "*4 changes* would be taken back by the latest build of trunk" in said.text
    assert re.findall(r"• `(\w+)`", said.text) == TRUNK[:-5:-1]
    assert "takes back 4 changes of" in deployed.shown


def test_older_code_than_jenkins_remembers_is_said_to_be_older(chat: Chat, world: World) -> None:
    chat.ends(chat.says("deploy web to trunk", by="engineer"))

    built = chat.ends(chat.says(f"build web trunk at {TRUNK[-8]}", by="engineer"))
    said = chat.says("changes web in trunk", by="qa")

    older = f"It is older code, {TRUNK[-8]} after {TRUNK[-1]}: it takes back what came between"
    assert older in built.shown
    assert older in said.text


def test_a_release_tag_is_compared_by_the_line_it_was_cut_from(chat: Chat, world: World) -> None:
    releases = [int(commit.id) for commit in history("svn", "web", "releases")]
    before = [number for number in releases if number <= 1800]
    chat.ends(chat.says(f"deploy web to product at r{before[-4]}", by="ops"))
    chat.ends(chat.says("build web releases", by="engineer"))
    chat.ends(chat.says("deploy web to hidden at tag 3.2.0", by="qa"))

    said = chat.says("changes web from hidden to product", by="qa")

    assert re.findall(r"• `r(\w+)`", said.text) == [str(number) for number in before[:-4:-1]]


def test_changes_that_nobody_can_tell(chat: Chat, world: World) -> None:
    before = chat.says("changes web in trunk", by="qa")
    chat.ends(chat.says("build web trunk", by="engineer"))
    unknown = chat.says("changes web in trunk", by="qa")
    same = chat.says("changes web from hidden to product", by="qa")

    assert "Jenkins knows no good build of trunk. `build web trunk` makes one." in before.text.replace(
        "ˋ", "`"
    )
    assert "Which build made releases-r1798-40, Jenkins does not know" in unknown.text
    assert "hidden and product run the same image" in same.text


def test_a_build_of_what_runs_already_brings_no_change(chat: Chat) -> None:
    chat.ends(chat.says("deploy web to trunk", by="engineer"))

    said = chat.says("changes web in trunk", by="qa")

    assert "*no change* between it and the latest build of trunk" in said.text
