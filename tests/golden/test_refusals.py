"""What is not understood, not allowed, or not there."""

from __future__ import annotations

from functools import partial

from sandbox.server import Fault
from tests.golden.telling import Telling, scene


@scene
def test_may_not(tell: Telling) -> None:
    """By role, by who one is, by what one is."""
    tell.says("deploy web to product", by="engineer")
    tell.says("scale web in product to 6", by="engineer")
    tell.says("freeze product for 1h", by="qa")
    tell.says("lock product", by="qa")
    tell.says("status", by="guest")
    tell.says("help", by="guest")


@scene
def test_not_understood(tell: Telling) -> None:
    """Slips, missing and unknown words."""
    tell.says("deplyo web to trunk", by="engineer")
    tell.says("deploy wbe to trunk", by="engineer")
    tell.says("deploy web to trunk", by="engineer")
    tell.says("deploy nonesuch to trunk", by="engineer")
    tell.says("deploy", by="engineer")
    tell.says("deploy to trunk", by="engineer")
    tell.says("deploy web to trunk at a..b", by="engineer")
    tell.says("deploy web to trunk for 1h", by="engineer")
    tell.says("deploy web to trunk and api to dev", by="engineer")
    tell.says("make me a coffee", by="engineer")
    tell.says("rollback web in trunk to 9.9.9", by="engineer")
    tell.says('status "web', by="engineer")
    tell.says("", by="engineer")


@scene
def test_no_such_operation(tell: Telling) -> None:
    """The commands that name one."""
    done = tell.says("scale web in product to 4", by="ops")
    for verb in ("cancel", "approve", "deny", "proceed", "retry", "giveup"):
        tell.says(f"{verb} zzz9", by="ops")
        tell.says(f"{verb} {tell.id_of(done)}", by="ops")
    tell.says("adopt zzz9 build 3", by="ops")
    tell.says(f"adopt {tell.id_of(done)} build 3", by="ops")
    tell.says("cancel", by="ops")


@scene
def test_systems_are_silent(tell: Telling) -> None:
    """Each is named."""
    for name, text, statuses in (
        ("elasticsearch", "logs web in hidden", (401, 403, 404, 429, 500, 503)),
        ("kubernetes", "status web in product", (401, 403, 429, 503)),
        ("harbor", "images web", (401, 403, 404, 503)),
    ):
        faults = tell.world.servers[name].faults
        for status in statuses:
            tell.happens(f"{name} answers {status}", partial(faults.set, Fault("error", status=status)))
            tell.says(text, by="qa")
            faults.clear()
        tell.happens(f"{name} is not there", partial(faults.set, Fault("refuse")))
        tell.says(text, by="qa")
        faults.clear()
