"""What Jenkins tells of a finished build, as values of ours: revision, parameters, commits. Pure.

A freestyle job has one `changeSet`, a pipeline any number of `changeSets`; an item's fields differ by source:
Subversion numbers a `revision`, Git a 40-digit `commitId`
(https://javadoc.jenkins.io/hudson/scm/ChangeLogSet.html and the `export` of each plugin's entries).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from bot.ports import Built, Commit

_ITEMS = "kind,revisions[revision],items[commitId,revision,msg,timestamp,author[fullName]]"
BUILT_TREE = (
    "number,url,building,result,actions[parameters[name,value],lastBuiltRevision[SHA1]],"
    f"changeSet[{_ITEMS}],changeSets[{_ITEMS}]"
)
UNKNOWN_TIME = -1
"""What Jenkins says of a commit whose time it does not know."""


def built(build: Mapping[str, Any]) -> Built:
    return Built(
        number=int(build["number"]),
        url=str(build.get("url", "")),
        result=str(build.get("result") or ""),
        revision=revision(build),
        parameters=parameters(build),
        commits=tuple(_commits(build)),
    )


def parameters(thing: Mapping[str, Any]) -> dict[str, str]:
    """Of a build or a queue item."""
    listed = [p for action in thing.get("actions", ()) if action for p in action.get("parameters", ())]
    return {p["name"]: str(p.get("value", "")) for p in listed}


def revision(build: Mapping[str, Any]) -> str:
    """Git's is in an action of its own, Subversion's in the change set."""
    actions = (action for action in build.get("actions", ()) if action)
    git = (action["lastBuiltRevision"]["SHA1"] for action in actions if action.get("lastBuiltRevision"))
    svn = (
        str(entry["revision"]) for changes in _change_sets(build) for entry in changes.get("revisions") or ()
    )
    return next(iter((*git, *svn)), "")


def _change_sets(build: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return [changes for changes in (build.get("changeSet"), *(build.get("changeSets") or ())) if changes]


def _commits(build: Mapping[str, Any]) -> Iterator[Commit]:
    """Oldest first: Jenkins lists them as the source does, so their own times decide where it gives them."""
    items = [
        (changes.get("kind"), item) for changes in _change_sets(build) for item in changes.get("items") or ()
    ]
    for kind, item in sorted(items, key=lambda pair: pair[1].get("timestamp") or 0):
        at = item.get("timestamp", UNKNOWN_TIME)
        yield Commit(
            id=_name(kind, item),
            author=str((item.get("author") or {}).get("fullName", "")),
            message=str(item.get("msg", "")),
            at=datetime.fromtimestamp(at / 1000, UTC) if at and at > 0 else None,
        )


def _name(kind: str | None, item: Mapping[str, Any]) -> str:
    """As people write it: `r1841`; of a git commit all 40 digits, which are cut where they are shown."""
    if item.get("revision") is not None:
        return f"r{item['revision']}"
    commit = str(item.get("commitId") or "")
    return f"r{commit}" if kind == "svn" and commit.isdigit() else commit
