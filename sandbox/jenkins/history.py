"""A small generated past for every project and line, and what a checkout finds in it.

Generated from the names alone, so that every run, test and picture shows the same commits.
"""

from __future__ import annotations

import hashlib
import random
import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from sandbox.jenkins.job import Job, Scm

COMMITS = 40
SVN_HEADS = {"dev": 1848, "trunk": 1841, "releases": 1828}
DISCARDED = 3
"""A job's first build here reports that many commits, as if older builds had been discarded."""

AUTHORS = ("Mei Lin", "Tomas Novak", "Aisha Bello", "Jonas Weber", "Priya Nair")
MESSAGES = (
    "Round the total after the discount, not before",
    "Show the delivery date in the basket",
    "Retry the stock lookup once when it times out",
    "Keep the filter when a customer goes back to the list",
    "Fix the null pointer when an order has no voucher",
    "Cache category trees for a minute",
    "Log the order id with every payment error",
    "Remove the old newsletter banner",
    "Validate postcodes per country",
    "Use the new price service for bundles",
    "Make the search box reachable by keyboard",
    "Raise the connection pool to 40",
)
PATHS = {
    "svn": (
        "src/main/java/com/shop/{p}/cart/CartService.java",
        "src/main/java/com/shop/{p}/order/OrderController.java",
        "src/main/java/com/shop/{p}/price/Discount.java",
        "src/main/webapp/js/basket.js",
        "src/main/webapp/css/basket.css",
        "src/main/resources/messages_en.properties",
    ),
    "git": (
        "src/main/java/com/shop/{p}/StockClient.java",
        "src/main/java/com/shop/{p}/PaymentService.java",
        "src/main/resources/application.yml",
        "src/test/java/com/shop/{p}/PaymentServiceTest.java",
        "Dockerfile",
    ),
}


@dataclass(frozen=True)
class Commit:
    """One commit; `id` is `1841` (svn) or 40 hex digits (git), `at` in epoch seconds."""

    id: str
    author: str
    message: str
    paths: tuple[str, ...]
    at: float

    @property
    def login(self) -> str:
        return self.author.lower().replace(" ", ".")


@dataclass(frozen=True)
class Checkout:
    """What a build checked out: the line's `url`, the revision, and the commits since the build before."""

    scm: Scm
    url: str
    line: str
    revision: str
    changes: tuple[Commit, ...]

    @property
    def label(self) -> str:
        """The revision as people and image tags write it: `r1841`, `3f2a91c`."""
        return f"r{self.revision}" if self.scm == "svn" else self.revision[:7]


@lru_cache(maxsize=256)
def history(scm: Scm, project: str, line: str) -> tuple[Commit, ...]:
    """The commits of one line, oldest first."""
    dice = random.Random(f"{project}/{line}")
    number = SVN_HEADS.get(line, 1800)
    at = time.time() - dice.randrange(600, 7200)
    newest_first = []
    for _ in range(COMMITS):
        commit_id = str(number) if scm == "svn" else _sha1(f"{project}/{line}/{number}")
        paths = dice.sample(PATHS[scm], dice.randint(1, 3))
        newest_first.append(
            Commit(
                commit_id,
                dice.choice(AUTHORS),
                f"{dice.choice(MESSAGES)} (SHOP-{number % 900 + 100})"
                if number % 2
                else dice.choice(MESSAGES),
                tuple(path.format(p=project) for path in paths),
                at,
            )
        )
        # Steps of three keep the numbers of dev, trunk and releases apart, as one repository would.
        number -= 3 * dice.randint(1, 2)
        at -= dice.randrange(1800, 36000)
    return tuple(reversed(newest_first))


def check_out(job: Job, values: Mapping[str, str], previous: Checkout | None) -> Checkout:
    """What a build with these parameter values finds; `previous` is the last checkout of the same line.

    REVISION may be empty or `HEAD`, an svn revision (`r1841`, `1841`), a git commit of any length, a branch
    or a tag. Revisions outside the generated history exist too, and bring no commits.
    """
    line = values.get("LINE") or "trunk"
    commits = history(job.scm, job.project, line)
    revision = _resolve(job.scm, values.get("REVISION", ""), commits)
    until = _position(job.scm, revision, commits)
    since = _position(job.scm, previous.revision, commits) if previous else max(until - DISCARDED, 0)
    return Checkout(job.scm, _url(job, line), line, revision, commits[since:until])


def _position(scm: Scm, revision: str, commits: tuple[Commit, ...]) -> int:
    """How many of the line's commits that revision holds. Subversion numbers whole repositories, so that a
    number between two commits of the line is the line as it was then."""
    if scm == "svn":
        return sum(int(commit.id) <= int(revision) for commit in commits) if revision.isdigit() else 0
    return next((index for index, commit in enumerate(commits, 1) if commit.id == revision), 0)


def _resolve(scm: Scm, wanted: str, commits: tuple[Commit, ...]) -> str:
    if wanted in {"", "HEAD"}:
        return commits[-1].id
    if scm == "svn":
        return wanted.removeprefix("r")
    known = next((commit.id for commit in commits if commit.id.startswith(wanted)), None)
    return known or _sha1(wanted)


def checkout_error(found: Checkout) -> tuple[str, ...]:
    """What the Subversion plugin prints for a revision that is none; empty: the checkout succeeds."""
    if found.scm == "git" or found.revision.isdigit():
        return ()
    return (
        f"ERROR: Failed to update {found.url}",
        "org.tmatesoft.svn.core.SVNException: svn: E205000: Syntax error in revision argument "
        f"'{found.revision}'",
        "\tat org.tmatesoft.svn.core.internal.wc.SVNErrorManager.error(SVNErrorManager.java:70)",
        "\tat hudson.scm.SubversionSCM.checkout(SubversionSCM.java:989)",
    )


def _sha1(text: str) -> str:
    """40 hex digits that look like a git commit's id."""
    return hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()


def _url(job: Job, line: str) -> str:
    if job.scm == "git":
        return f"https://git.shop.example/team/{job.project}.git"
    folder = {"trunk": "trunk", "dev": "branches/dev", "releases": "branches/releases"}.get(
        line, f"tags/{line}"
    )
    return f"https://svn.shop.example/{job.project}/{folder}"


def checkout_console(found: Checkout, workspace: str) -> tuple[str, ...]:
    """What the Subversion and Git plugins print for this checkout."""
    if found.scm == "svn":
        changed = sorted({path for commit in found.changes for path in commit.paths})
        return (
            f"Updating {found.url} at revision {found.revision} --quiet",
            "Using sole credentials svn-reader/****** in realm '<https://svn.shop.example:443> Subversion'",
            *(f"U         {path}" for path in changed),
            f"At revision {found.revision}",
            *(() if changed else (f"No changes for {found.url} since the previous build",)),
        )
    message = found.changes[-1].message if found.changes else "Merge"
    return (
        "The recommended git tool is: git",
        "using credential git-reader",
        f" > git rev-parse --resolve-git-dir {workspace}/.git # timeout=10",
        "Fetching changes from the remote Git repository",
        f" > git fetch --tags --force --progress -- {found.url} +refs/heads/*:refs/remotes/origin/*",
        f"Checking out Revision {found.revision} (refs/remotes/origin/{found.line})",
        f" > git checkout -f {found.revision} # timeout=10",
        f'Commit message: "{message}"',
    )
