"""A branch of git that is pushed back to a commit that it had: no new commit, and yet other code.

GitHub and Gitea send the commit it is at then as `head_commit`, GitLab sends `"commits": []` and nothing else.
"""

from __future__ import annotations

import pytest

from sandbox.chat import Chat, Said, eventually
from sandbox.stage import Stage
from tests.hooks.support import SHA, base, forge, gitea, github, gitlab, own, post, said, svn
from tests.hooks.test_http import tell


@pytest.mark.parametrize("hook", ["own", "lab", "tea"])
def test_a_branch_that_is_pushed_back_is_deployed_as_it_is_then(chat: Chat, stage: Stage, hook: str) -> None:
    first, second = "a" * 40, "b" * 40

    def pushed(sha: str, before: str, how_often: int) -> None:
        own_told = svn(sha, repository="shop/api", branch="main", paths=[])
        none_new = {"commits": [], "total_commits_count": 0} if how_often > 1 else {}
        told = {
            "own": own_told,
            "lab": gitlab("main", sha, before=before, **none_new),
            "tea": gitea("main", sha, before=before, commits=[]),
        }[hook]
        body, headers = own(told) if hook == "own" else forge(hook, told)
        assert tell(stage, hook, body, headers) == f"{sha}: deploys to api/hidden"
        assert post(base(stage), hook, body, headers)[0] == 401  # delivered again
        eventually(lambda: len(deployments(sha)) == how_often, f"deployment {how_often} of {sha}")
        assert "is live on api/hidden" in chat.ends(deployments(sha)[-1]).text

    def deployments(sha: str) -> list[Said]:
        return [each for each in chat.said() if f"deploy api to hidden at {sha}" in each.text]

    pushed(first, "0" * 40, 1)
    pushed(second, first, 1)
    pushed(first, second, 2)

    built = [trigger.parameters["REVISION"] for trigger in stage.world.jenkins.triggers]
    assert built == [first, second, first]


@pytest.mark.parametrize("hook", ["hub", "lab", "tea"])
def test_an_offer_follows_a_branch_that_is_pushed_back(chat: Chat, stage: Stage, hook: str) -> None:
    made = {"hub": github, "lab": gitlab, "tea": gitea}[hook]
    first, second = "a" * 40, "b" * 40
    tell(stage, hook, *forge(hook, made("trunk", first)))
    tell(stage, hook, *forge(hook, made("trunk", second, before=first)))
    offer = said(chat, "2 new commits on trunk")

    tell(stage, hook, *forge(hook, made("trunk", first, before=second, commits=[])))

    eventually(lambda: offer.buttons["Deploy to trunk"]["value"].endswith(first), "the commit it is back at")
    assert offer.shown.index(first[:7]) < offer.shown.index(second[:7])
    assert len(chat.said()) == 1


def test_a_push_without_commits_is_offered_with_who_pushed(chat: Chat, stage: Stage) -> None:
    tell(stage, "lab", *forge("lab", gitlab(commits=[], total_commits_count=0)))

    assert said(chat, f"`{SHA[:7]}` on trunk: no message (Aisha Bello)").buttons["Deploy to trunk"]
