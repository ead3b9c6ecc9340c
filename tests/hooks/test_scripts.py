"""The scripts of deploy/hooks in a real Subversion and a real git repository, against the process `web`."""

from __future__ import annotations

import os
import runpy
import shutil
import subprocess
import time
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import ClassVar

import pytest

from sandbox.chat import Chat, eventually
from sandbox.stage import Stage
from tests.hooks.support import SECRETS, base, post, said
from tests.integrations.test_registry import serving

HOOKS = Path(__file__).parents[2] / "deploy" / "hooks"


def run(*command: str | Path, cwd: Path | None = None) -> str:
    """As somebody with an ordinary environment; raises CalledProcessError with what went wrong."""
    environment = {"PATH": os.environ["PATH"], "HOME": str(cwd or Path("/nonexistent")), "LC_ALL": "C.UTF-8"}
    done = subprocess.run(  # noqa: S603
        [str(part) for part in command], cwd=cwd, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout + done.stderr


def install(name: str, folder: Path, url: str, repository: str = "") -> None:
    for file in (name, "shipmate-hook"):
        shutil.copy(HOOKS / file, folder / file)
    lines = ["[shipmate]", f"url = {url}", f"secret = {SECRETS['own']}"]
    (folder / "shipmate.conf").write_text(
        "\n".join([*lines, f"repository = {repository}"] if repository else lines)
    )


@pytest.fixture
def subversion(tmp_path: Path) -> Path:
    """A repository `web` with the usual folders; returns the working copy of its trunk."""
    run("svnadmin", "create", tmp_path / "web")
    url = f"file://{tmp_path}/web"
    run("svn", "mkdir", "-m", "the usual folders", f"{url}/trunk", f"{url}/branches", f"{url}/branches/dev")
    run("svn", "checkout", "-q", url, tmp_path / "copy")
    return tmp_path / "copy"


def commit(copy: Path, line: str, message: str) -> str:
    (copy / line / f"{time.monotonic_ns()}.txt").write_text("x")
    run("svn", "add", "-q", "--force", copy / line)
    return run("svn", "commit", "-m", message, "--username", "mei.lin", copy)


def test_a_commit_to_subversion_is_offered(chat: Chat, stage: Stage, subversion: Path) -> None:
    install("post-commit", subversion.parent / "web" / "hooks", f"{base(stage)}/hooks/own")

    answer = commit(subversion, "trunk", "Préis, 价格 and 'quotes' (SHOP-9)\n\nsecond paragraph")

    offer = said(chat, "`r2` on trunk")
    assert "Préis, 价格 and 'quotes'" in offer.text
    assert "second paragraph" not in offer.text
    assert "(mei.lin)" in offer.text
    assert "Warning" not in answer


def test_a_commit_to_a_branch_of_subversion_deploys(chat: Chat, stage: Stage, subversion: Path) -> None:
    install("post-commit", subversion.parent / "web" / "hooks", f"{base(stage)}/hooks/own")

    commit(subversion, "branches/dev", "Finish the basket")

    chat.ends(said(chat, "deploy web to dev at r2"))
    assert stage.world.jenkins.triggers[0].parameters["REVISION"] == "r2"


class Forgetful(BaseHTTPRequestHandler):
    """Passes requests on, and loses the first answer."""

    to = ""
    answers: ClassVar[list[tuple[int, str]]] = []

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        answer = post(Forgetful.to, "own", body, dict(self.headers))
        Forgetful.answers.append(answer)
        if len(Forgetful.answers) == 1:
            self.close_connection = True
            return
        self.send_response(answer[0])
        self.send_header("Content-Length", str(len(answer[1])))
        self.end_headers()
        self.wfile.write(answer[1].encode())

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # its name
        """Quiet."""


def test_a_script_whose_answer_was_lost_tries_again_and_starts_nothing_twice(
    chat: Chat, stage: Stage, subversion: Path
) -> None:
    Forgetful.to, Forgetful.answers = base(stage), []
    with serving(Forgetful) as url:
        install("post-commit", subversion.parent / "web" / "hooks", f"{url}/hooks/own")

        commit(subversion, "branches/dev", "Finish the basket")

        eventually(lambda: len(Forgetful.answers) == 2, "the second try")
    chat.ends(said(chat, "deploy web to dev at r2"))
    assert Forgetful.answers == [(202, "r2: deploys to web/dev")] * 2
    assert len(stage.world.jenkins.triggers) == 1


def test_a_line_that_is_cut_anew_in_subversion_deploys(chat: Chat, stage: Stage, subversion: Path) -> None:
    url = f"file://{subversion.parent}/web"
    commit(subversion, "trunk", "Finish the basket")
    install("post-commit", subversion.parent / "web" / "hooks", f"{base(stage)}/hooks/own")

    run("svn", "rm", "-m", "make room", f"{url}/branches/dev")
    run("svn", "cp", "-m", "cut dev anew", "--username", "mei.lin", f"{url}/trunk", f"{url}/branches/dev")

    chat.ends(said(chat, "deploy web to dev at r4"))
    eventually(lambda: "no project has a line at 'branches' of 'web'" in stage.crew.log("web"), "its removal")
    assert [trigger.parameters["REVISION"] for trigger in stage.world.jenkins.triggers] == ["r4"]


def test_a_commit_is_neither_held_up_nor_failed_by_a_shipmate_that_is_away(
    stage: Stage, subversion: Path
) -> None:
    install("post-commit", subversion.parent / "web" / "hooks", "http://127.0.0.1:9/hooks/own")
    began = time.monotonic()

    answer = commit(subversion, "trunk", "while it is away")

    assert "Committed revision 2." in answer
    assert "Warning" not in answer
    assert time.monotonic() - began < 20


def test_a_push_to_git_is_offered_for_each_branch(chat: Chat, stage: Stage, tmp_path: Path) -> None:
    bare, copy = tmp_path / "api.git", tmp_path / "copy"
    run("git", "init", "-q", "--bare", bare)
    install("post-receive", bare / "hooks", f"{base(stage)}/hooks/own", "shop/api")
    run("git", "init", "-q", "-b", "trunk", copy)
    identity = ("-c", "user.name=Jonas Weber", "-c", "user.email=jonas@shop.example")
    run("git", *identity, "commit", "-q", "--allow-empty", "-m", "Raise the pool\n\nto 40", cwd=copy)
    run("git", "branch", "other", cwd=copy)
    run("git", "tag", "3.2.0", cwd=copy)
    sha = run("git", "rev-parse", "HEAD", cwd=copy).strip()

    run("git", "push", "-q", "--all", bare, cwd=copy)
    run("git", "push", "-q", "--tags", bare, cwd=copy)
    run("git", "push", "-q", bare, ":other", cwd=copy)

    offer = said(chat, f"`{sha[:7]}` on trunk: Raise the pool (Jonas Weber)")
    assert offer.buttons["Deploy to trunk"]["value"] == f"deploy api to trunk at {sha}"
    eventually(lambda: "no project has a line at 'other' of 'shop/api'" in stage.crew.log("web"), "the other")
    assert len(chat.said()) == 1


def test_the_script_tests_itself(stage: Stage, tmp_path: Path) -> None:
    install("post-commit", tmp_path, f"{base(stage)}/hooks/own")

    assert run("python3", tmp_path / "shipmate-hook", "test") == "202 nothing follows from it\n"


def test_the_scripts_are_ready_to_run() -> None:
    for name in ("post-commit", "post-receive", "shipmate-hook"):
        assert os.access(HOOKS / name, os.X_OK)
        run("sh", "-n", HOOKS / name) if name != "shipmate-hook" else compile(
            (HOOKS / name).read_text(), name, "exec"
        )


def test_of_too_many_folders_those_that_tell_lines_apart_are_kept() -> None:
    folders = runpy.run_path(str(HOOKS / "shipmate-hook"))["folders"]
    changed = [["branches", "dev", "a", str(n)] for n in range(50)] + [["trunk", *"bcdefghi"]]

    assert folders(changed)[-1] == "trunk/b/c/d/e/f/g/h"
    assert folders(changed, most=6) == ["branches/dev/a", "trunk/b/c"]
    assert folders([[str(n)] for n in range(9)], most=6) == ["0", "1", "2", "3", "4", "5"]


def test_what_was_copied_replaced_or_added_is_a_change_of_its_own() -> None:
    anew = runpy.run_path(str(HOOKS / "shipmate-hook"))["anew"]
    changed = (
        "D   branches/3.1/",
        "A   branches/re leases/",
        "A   trunk/new.txt",
        "_U  trunk/",
        "U   trunk/a",
    )

    assert anew("\n".join(changed)) == ["branches/re leases/"]


def test_a_line_may_lie_deep() -> None:
    folders = runpy.run_path(str(HOOKS / "shipmate-hook"))["folders"]
    line = "shop/web/branches/releases/3.2"

    assert folders([line.split("/")]) == [line]
    assert folders([[*line.split("/"), "src", "pages"]]) == [f"{line}/src/pages"]
