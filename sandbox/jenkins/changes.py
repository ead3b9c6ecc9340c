"""What a build shows of its checkout: the git and subversion plugins' BuildData and change sets."""

from __future__ import annotations

from datetime import UTC, datetime

from sandbox.jenkins.build import Build
from sandbox.jenkins.history import Checkout, Commit


def millis(seconds: float) -> int:
    return round(seconds * 1000)


def build_data(found: Checkout, number: int) -> dict[str, object]:
    branch = f"refs/remotes/origin/{found.line}"
    revision = {"SHA1": found.revision, "branch": [{"SHA1": found.revision, "name": branch}]}
    built = {
        "_class": "hudson.plugins.git.util.Build",
        "buildNumber": number,
        "buildResult": None,
        "marked": revision,
        "revision": revision,
    }
    return {
        "_class": "hudson.plugins.git.util.BuildData",
        "buildsByBranchName": {branch: built},
        "lastBuiltRevision": revision,
        "remoteUrls": [found.url],
        "scmName": "",
    }


def _commit(build: Build, commit: Commit) -> dict[str, object]:
    moment = datetime.fromtimestamp(commit.at, UTC)
    author = {"absoluteUrl": f"{build.project.root()}user/{commit.login}", "fullName": commit.author}
    shown: dict[str, object] = {
        "affectedPaths": list(commit.paths),
        "commitId": commit.id,
        "timestamp": millis(commit.at),
        "author": author,
        "msg": commit.message,
    }
    if build.checkout.scm == "svn":
        return {
            "_class": "hudson.scm.SubversionChangeLogSet$LogEntry",
            **shown,
            "date": moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
            "paths": [{"editType": "edit", "file": f"/{build.checkout.line}/{p}"} for p in commit.paths],
            "revision": int(commit.id),
            "user": commit.login,
        }
    return {
        "_class": "hudson.plugins.git.GitChangeSet",
        **shown,
        "authorEmail": f"{commit.login}@shop.example",
        "comment": f"{commit.message}\n",
        "date": moment.strftime("%Y-%m-%d %H:%M:%S +0000"),
        "id": commit.id,
        "paths": [{"editType": "edit", "file": path} for path in commit.paths],
    }


def change_set(build: Build) -> dict[str, object]:
    if build.working_since is None:
        return {"_class": "hudson.scm.EmptyChangeLogSet", "items": [], "kind": None}
    items = [_commit(build, commit) for commit in build.checkout.changes]
    if build.checkout.scm == "git":
        return {"_class": "hudson.plugins.git.GitChangeSetList", "items": items, "kind": "git"}
    revision = build.checkout.revision
    revisions = [
        {"module": build.checkout.url, "revision": int(revision) if revision.isdigit() else revision}
    ]
    return {
        "_class": "hudson.scm.SubversionChangeLogSet",
        "items": items,
        "kind": "svn",
        "revisions": revisions,
    }


def change_sets(build: Build) -> list[dict[str, object]]:
    """A pipeline lists a checkout only if it brought commits (WorkflowRun.getChangeSets)."""
    found = change_set(build)
    return [found] if found["items"] else []


def culprits(build: Build) -> list[dict[str, object]]:
    authors = {commit.author: _commit(build, commit)["author"] for commit in build.checkout.changes}
    return [author for author in authors.values() if isinstance(author, dict)]
