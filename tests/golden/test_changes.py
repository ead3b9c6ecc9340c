"""What is said of changes: deployments and what goes with them."""

from __future__ import annotations

from bot.trials import Trial, Trials
from sandbox.chat import eventually
from sandbox.jenkins.history import history
from sandbox.kubernetes.resources import AUTOSCALERS
from tests.golden.telling import Telling, scene


@scene
def test_deploy(tell: Telling) -> None:
    """A deployment that goes well."""
    tell.says("deploy web to trunk", by="engineer")


@scene
def test_deploy_fails_in_the_cluster(tell: Telling) -> None:
    """Its container crashes, and the person goes back with one tap."""
    said = tell.says("deploy web to product at r667", by="ops")
    tell.taps(said, "Roll back", by="oncall")


@scene
def test_deploy_asks_for_the_environment(tell: Telling) -> None:
    """A word is missing."""
    said = tell.says("deploy web", by="engineer")
    tell.taps(said, "deploy web to dev", by="engineer")


@scene
def test_rollback(tell: Telling) -> None:
    """Without a version one chooses."""
    tell.says("deploy web to trunk", by="engineer")
    said = tell.says("rollback web in trunk", by="engineer")
    tell.taps(said, next(iter(said.buttons)), by="engineer")


@scene
def test_build(tell: Telling) -> None:
    """A line is built and not deployed; then that build is."""
    said = tell.says("build web trunk", by="engineer")
    tell.taps(said, next(label for label in said.buttons if label.startswith("Deploy")), by="engineer")


@scene
def test_build_fails(tell: Telling) -> None:
    """It does not compile."""
    tell.says("deploy web to dev at r666", by="engineer")


@scene
def test_build_pushes_nothing(tell: Telling) -> None:
    """It ends well, and its image is not there."""
    tell.says("deploy web to dev at r668", by="engineer")


@scene
def test_dry_run(tell: Telling) -> None:
    """What would be done, step by step."""
    tell.says("deploy web to trunk --dry-run", by="engineer")
    tell.says("scale web in product to 6 --dry-run", by="ops")
    tell.says("restart web in product --dry-run", by="ops")
    tell.says("rollback web in product to previous --dry-run", by="ops")


@scene
def test_promote(tell: Telling) -> None:
    """What QA has passed goes live, as it is."""
    tell.says("promote web to product", by="ops")
    tell.says("deploy web to hidden at r1805", by="qa")
    tell.says("promote web to product", by="ops")
    tell.says("fail web in hidden because the basket is empty", by="qa")
    tell.says("promote web to product", by="ops")
    tell.says("pass web in hidden because regression 3.2 is green", by="qa")
    card = tell.says("promote web to product", by="ops")
    tell.taps(card, "Promote", by="ops")


@scene
def test_older_code(tell: Telling) -> None:
    """A later build of an older revision takes something back, also where Jenkins does not know all of it."""
    tell.says("deploy web to trunk", by="engineer")
    tell.says("build web trunk at r1805", by="engineer")
    tell.says("changes web in trunk", by="qa")
    tell.says("deploy api to trunk", by="engineer")
    tell.says(f"build api trunk at {history('git', 'api', 'trunk')[-9].id}", by="engineer")
    tell.says("changes api in trunk", by="qa")


@scene
def test_changes_both_ways(tell: Telling) -> None:
    """What a build brings, and what an older one takes back: in `changes`, and on the card of a promotion."""
    older = history("svn", "web", "releases")[-3].id
    tell.says(f"deploy web to hidden at r{older}", by="qa")
    tell.says("build web releases", by="engineer")
    tell.says("changes web in hidden", by="qa")
    tell.says("deploy web to product build 2", by="ops")
    tell.says("changes web from hidden to product", by="qa")
    tell.says("promote web to product", by="ops")


@scene
def test_fail(tell: Telling) -> None:
    """An image by name, also while another one runs there; what was on its way; where nothing goes on from."""
    built = tell.says("deploy web to hidden at r1805", by="qa")
    tested = built.shown.split("image `")[1].split("`")[0]
    tell.says("pass web in hidden", by="qa")
    waits = tell.taps(tell.says("promote web to product at 22:00", by="ops"), "Promote", by="ops")
    tell.says("deploy web to hidden at r1798", by="qa")
    tell.says(f"fail web in hidden image {tested} because it leaks", by="qa")
    tell.says("fail web in hidden image 9.9.9 because it leaks", by="qa")
    tell.says("fail web in trunk because the basket is empty", by="qa")
    tell.says(f"cancel {tell.id_of(waits)}", by="ops")
    other = Trial("sha256:" + "b" * 64, f"harbor.shop.example/web/web:{tested}", 1.0, 2.0)
    Trials(tell.stage.redis).see("web/hidden", other)
    tell.says(f"fail web in hidden image {tested} because it leaks", by="qa")


@scene
def test_scale(tell: Telling) -> None:
    """To so many, by so many, beyond the bounds, to nothing, and the same again."""
    offered = tell.says("scale web in product", by="oncall")
    tell.taps(offered, next(iter(offered.buttons)), by="oncall")
    tell.says("scale web in product to 3", by="oncall")
    tell.says("scale web in product by -1", by="oncall")
    tell.says("scale web in product to 200", by="oncall")
    tell.says("scale web in product by +40", by="oncall")
    tell.says("scale web in product to many", by="oncall")


@scene
def test_scale_to_nothing(tell: Telling) -> None:
    """The bounds do not allow it here."""
    tell.says("scale web in dev to 0", by="ops")


@scene
def test_scale_beyond_the_quota(tell: Telling) -> None:
    """The cluster has no room: what fits is offered."""
    tell.says("scale web in dev to 18", by="ops")


@scene
def test_scale_for_a_while(tell: Telling) -> None:
    """The old number comes back by itself."""
    said = tell.says("scale web in product to 4 for 2h", by="oncall")
    tell.says("scheduled", by="oncall")
    tell.says(f"cancel {tell.id_of(said)}", by="oncall")
    tell.says("scale web in product to 5 for 3h", by="oncall")


@scene
def test_bounds(tell: Telling) -> None:
    """An autoscaler decides."""
    eventually(lambda: tell.world.kubernetes.store.all(AUTOSCALERS)[0]["status"].get("currentReplicas"), "it")
    tell.says("bounds pay in product from 3 to 12", by="oncall")
    tell.says("bounds web in product from 3 to 12", by="oncall")
    tell.says("bounds pay in product from 12 to 3", by="oncall")
    tell.says("scale pay in product to 5", by="oncall")


@scene
def test_restart(tell: Telling) -> None:
    """Every pod is replaced."""
    tell.says("restart web in product", by="oncall")


@scene
def test_pause_and_resume(tell: Telling) -> None:
    """Nothing is deployed or restarted in between."""
    tell.says("pause web in trunk", by="engineer")
    tell.says("pause web in trunk", by="engineer")
    tell.says("deploy web to trunk", by="engineer")
    tell.says("restart web in trunk", by="engineer")
    tell.says("resume web in trunk", by="engineer")
    tell.says("resume web in trunk", by="engineer")
