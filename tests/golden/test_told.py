"""What the questions about images, changes and errors are answered, and what became of a change; in both languages."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from bot.faults import Unavailable
from bot.language import LANGUAGES, _
from bot.ports import Built, Commit, LogPage, Pushed
from bot.reply import Reply
from bot.workloads import Revision, Workload
from integrations.kubernetes_causes import Cause, groups
from tests.golden.quiet import Cases, Quiet, ago, rendered
from tests.golden.telling import SAID, SCENES, golden
from tests.ledger_support import done, running

PATHS = {language: SAID / "told" / f"{language}.txt" for language in LANGUAGES}
SCENES.update(PATHS.values())

HOST = "harbor.shop.example"
OLD, NEW = f"{HOST}/web/web:releases-r1798-40", f"{HOST}/web/web:releases-r1841-42"
DIGEST, OTHER = "sha256:" + "a" * 64, "sha256:" + "b" * 64
COMMITS = (
    Commit("r1800", "eva", "SHOP-7 The basket keeps its order"),
    Commit("r1799", "mei", "A shorter search"),
)


def runs(image: str = NEW, **fields: Any) -> Workload:
    return Workload(image, 3, **{"ready": 3, "digest": DIGEST, **fields})


def silent(system: str = "Kubernetes (main)") -> Unavailable:
    return Unavailable(system, _("did not answer in time"))


def crashes() -> str:
    """As a workload's trouble tells it."""
    words = _("{what}: {why}", what=_("the container stops again soon after it starts"), why="exit code 1")
    return groups([Cause("web-1", words, 0, "CrashLoopBackOff")])[0]


def effects(shop: Quiet) -> Cases:
    """Errors a minute, before and after; the limits of the sample are 1 min after and 5 before."""
    ledger, pages = shop.app.ledger, shop.systems.pages
    ended = done(ledger, ago(7260), "web/trunk")
    fresh, exact = datetime.now(UTC), {"newest": datetime.now(UTC)}

    def asked(before: LogPage, after: LogPage) -> Callable[[], Reply]:
        def ask() -> Reply:
            pages[:] = [before, after]
            return shop.asks(f"effect {ended.id}")

        return ask

    def page(total: int, **fields: Any) -> LogPage:
        return LogPage(total=total, **{**exact, **fields})

    yield "no errors", asked(page(0), page(0))
    yield "fewer errors", asked(page(120), page(2))
    yield "about as many", asked(page(20), page(4))
    yield "more errors", asked(page(5), page(40))
    yield "more than are counted", asked(page(5), page(10_000, total_is_exact=False))
    yield "there is no line of it", asked(page(0), page(0, newest=None))
    late = datetime.fromtimestamp(fresh.timestamp() - 7320, UTC)
    yield "its log is old", asked(page(0), page(0, newest=late))

    def deaf() -> Reply:
        pages[:] = [silent("Elasticsearch (main)")]
        return shop.asks(f"effect {ended.id}")

    yield "the log store is silent", deaf
    begun = running(ledger, "web/dev")
    yield "it has not ended", lambda: shop.asks(f"effect {begun.id}")
    yield "who may not read the log", lambda: shop.asks(f"effect {ended.id}", "nobody")


def images(shop: Quiet) -> Cases:
    systems = shop.systems
    yield "nothing runs, and no repository is named", lambda: shop.asks("images api")
    yield "nothing runs, and none is kept", lambda: shop.asks("images web")

    def elsewhere() -> Reply:
        systems.runs = {"dev": runs("other.example/web/web:1"), "product": silent()}
        return shop.asks("images web")

    yield "a registry that nobody told us of", elsewhere

    def tagged() -> Reply:
        systems.runs = {"product": runs()}
        systems.kept = [Pushed(DIGEST, ("releases-r1841-42", "stable", "3.2.0"), 1_500_000)]
        return shop.asks("images web")

    yield "an image of several tags", tagged


def built(number: int, *commits: Commit, line: str = "releases") -> Built:
    revision = str(1798 + number - 40)
    url = f"https://jenkins.example/job/web-build/{number}/"
    return Built(number, url, "SUCCESS", revision, {"LINE": line, "REVISION": "HEAD"}, commits)


def changes(shop: Quiet) -> Cases:
    systems = shop.systems
    older, newer = f"{HOST}/web/web:releases-r1798-40", f"{HOST}/web/web:releases-r1800-42"

    def asked(product: str, *made: Built, text: str = "changes web in product") -> Callable[[], Reply]:
        def ask() -> Reply:
            systems.runs = {"product": runs(product), "hidden": runs(older)}
            systems.made = list(made)
            return shop.asks(text)

        return ask

    both = (built(42, *COMMITS[::-1]), built(41), built(40))
    yield "two changes", asked(older, *both)
    yield "one change", asked(older, built(42, COMMITS[0]), built(41), built(40))
    yield "Jenkins has discarded a build in between", asked(older, both[0], built(40))
    yield "none", asked(newer, *both)
    yield "they would be taken back", asked(newer, *both, text="changes web from hidden to product")
    text = "changes web from hidden to trunk"

    def elsewhere() -> Reply:
        systems.runs = {"trunk": runs(older)}
        return shop.asks(text, "nobody")

    yield "who may not see the other one", elsewhere


def promotions(shop: Quiet) -> Cases:
    systems = shop.systems
    older, newer = f"{HOST}/web/web:releases-r1798-40", f"{HOST}/web/web:releases-r1800-42"
    pushed = Pushed(DIGEST)
    systems.past = [
        Revision(number, image, datetime.fromtimestamp(ago(7260), UTC))
        for number, image in enumerate((older, newer))
    ]

    def asked(text: str, hidden: Workload, product: str = older, **named: Pushed) -> Callable[[], Reply]:
        def ask() -> Reply:
            systems.runs = {"hidden": hidden, "product": runs(product, digest=OTHER)}
            kept = {"kept": f"{HOST}/web/web@{DIGEST}", "tag": hidden.image}
            systems.named = {kept[name]: found for name, found in named.items()}
            systems.made = [built(42, *COMMITS[::-1]), built(41), built(40)]
            return shop.asks(text)

        return ask

    text = "promote web to product"
    yield "it may go", asked(text, runs(newer), kept=pushed, tag=pushed)
    yield "at a time", asked(text + " at 22:00", runs(newer), kept=pushed, tag=pushed)
    yield "it takes changes back", asked(text, runs(older), newer, kept=pushed, tag=pushed)
    yield "it is not healthy", asked(text, runs(newer, ready=1))
    yield "its pods differ", asked(text, runs(newer, digest=""))
    yield "the registry has lost it", asked(text, runs(newer))
    yield "its tag was moved", asked(text, runs(newer), kept=pushed, tag=Pushed(OTHER))

    def under_way() -> Reply:
        running(shop.app.ledger, "web/hidden")
        return shop.asks("pass web in hidden")

    yield "a change is under way where it is tested", under_way


@pytest.mark.parametrize("language", LANGUAGES)
def test_told(language: str, quiet: Quiet, request: pytest.FixtureRequest) -> None:
    subjects = (effects, images, changes, promotions)
    text = rendered(
        "What the questions about images, changes and errors are answered.", quiet, subjects, language
    )
    golden(PATHS[language], text, request.config.getoption("--rewrite-goldens"))
