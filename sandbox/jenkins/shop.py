"""The sample shop's Jenkins: six jobs, two users.

For trying things out, REVISION `r666` does not compile and `r668` ends well and pushes nothing;
those of `MISHAPS` build images that fail in the cluster.
"""

from __future__ import annotations

from collections.abc import Mapping

from sandbox.images import Behaviour
from sandbox.jenkins import consoles
from sandbox.jenkins.job import Failure, Job, Parameter, Release, Rule, Script, Stage
from sandbox.jenkins.security import EVERYTHING, READING, Account

SHIPMATE = Account("shipmate", "Shipmate", "11b2d7c0a94e5f", "shipmate-password", EVERYTHING)
READER = Account("reader", "Reader", "11aa5d90c3e1f7", permissions=READING)
"""May look at everything and start nothing."""
ACCOUNTS = (SHIPMATE, READER)

REGISTRY = "harbor.shop.example"
LINE = Parameter("LINE", "trunk", "Code line: dev, trunk, releases, or a tag")
REVISION = Parameter("REVISION", "HEAD", "Revision to build")
OPERATION = Parameter("SHIPMATE_OPERATION", "", "Which Shipmate operation asked for this build")
IMAGE_TAG = Parameter("IMAGE_TAG", "latest", "Tag of the image to push")
IMAGE = Parameter("IMAGE_NAME", "", "Image to go back to, with its registry and tag")
ENVIRONMENT = Parameter("ENVIRONMENT", "dev", "Environment to release to")

CHECKOUT = Stage("Checkout", 1.0)
COMPILE = Stage("Compile", 3.0, consoles.MAVEN_COMPILE)
DOCKER = (Stage("Image", 1.5, consoles.DOCKER_BUILD), Stage("Push", 1.0, consoles.DOCKER_PUSH))
PACKAGE = Stage("Package", 1.5, consoles.MAVEN_PACKAGE)
BUNDLE = Stage("Compile", 4.0, consoles.NPM_INSTALL_AND_BUILD)
BUNDLED = Stage("Package", 0.5, consoles.WEBPACK_OK)


def jobs(on_release: Release | None = None) -> tuple[Job, ...]:
    """The shop's jobs; `on_release` is how `team/pay-release` sets the image in Kubernetes."""
    return (
        _web("web-build", (LINE, REVISION, OPERATION)),
        _api(),
        _shop(),
        _pay(on_release),
        _pay_rollback(on_release),
        _web("legacy/old-build", (LINE, REVISION)),
    )


_HEAP = (
    "INFO  loading the catalogue",
    "java.lang.OutOfMemoryError: Java heap space",
    "\tat com.shop.example.Catalogue.load(Catalogue.java:118)",
)
_ONE_SHOT = ("INFO  migrations are up to date", "INFO  nothing to do, bye")
_SLOW = ("INFO  connecting to jdbc:postgresql://db.shop.example/shop", "WARN  still waiting for a connection")
MISHAPS: Mapping[str, tuple[Behaviour, tuple[str, ...]]] = {
    "r667": ("crashes", consoles.STACK_TRACE),
    "r671": ("unready", _SLOW),
    "r672": ("hangs", _SLOW),
    "r673": ("oom", _HEAP),
    "r674": ("exits", _ONE_SHOT),
    "r675": ("misconfigured", ()),
    "r676": ("missing", ()),
    "r677": ("denied", ()),
    "r678": ("unreachable", ()),
    "r679": ("slow", ()),
    "r680": ("throttled", ()),
    "r681": ("untrusted", ()),
    "r682": ("foreign", ()),
    "r683": ("uncreatable", ()),
    "r684": ("unstartable", ()),
    "r685": ("stuck", _SLOW),
}
"""Revision -> how its image behaves (`sandbox.images.Behaviour` says what that looks like), what its pods print."""


def _rules(compile_error: tuple[str, ...]) -> tuple[Rule, ...]:
    return (
        Rule("REVISION", "r666", failure=Failure("Compile", compile_error)),
        Rule("REVISION", "r668", pushes=False),
        *(Rule("REVISION", revision, behaviour=how, log=log) for revision, (how, log) in MISHAPS.items()),
    )


MAVEN_RULES = _rules(consoles.MAVEN_COMPILE_ERROR)


def _web(name: str, parameters: tuple[Parameter, ...]) -> Job:
    """Image by template over line, revision and build number."""
    script = Script(
        (CHECKOUT, COMPILE, Stage("Assets", 0.5, consoles.ASSETS), PACKAGE, *DOCKER),
        image=f"{REGISTRY}/web/web:{{LINE}}-{{REVISION}}-{{BUILD_NUMBER}}",
        rules=MAVEN_RULES,
    )
    return Job(name, "web", "svn", script, parameters)


def _api() -> Job:
    """A pipeline that archives the name of the image it pushed."""
    script = Script(
        (CHECKOUT, COMPILE, Stage("Test", 1.5, consoles.MAVEN_TEST), PACKAGE, *DOCKER),
        image=f"{REGISTRY}/api/api:{{REVISION}}-{{BUILD_NUMBER}}",
        artifacts={"image.txt": "{IMAGE}\n", "target/api.war.sha256": "{COMMIT}{COMMIT}  api.war\n"},
        rules=MAVEN_RULES,
    )
    return Job("team/api-build", "api", "git", script, (LINE, REVISION, OPERATION), kind="pipeline")


def _shop() -> Job:
    """Whoever asks for the build chooses the image's tag."""
    script = Script(
        (CHECKOUT, BUNDLE, BUNDLED, *DOCKER),
        image=f"{REGISTRY}/shop/shop:{{IMAGE_TAG}}",
        rules=_rules(consoles.WEBPACK_ERROR),
    )
    return Job("shop-build", "shop", "svn", script, (LINE, REVISION, IMAGE_TAG, OPERATION))


def _pay(on_release: Release | None) -> Job:
    """Builds the image and sets it in Kubernetes by itself."""
    script = Script(
        (CHECKOUT, COMPILE, PACKAGE, *DOCKER, Stage("Release", 0.5, consoles.SET_IMAGE)),
        image=f"{REGISTRY}/pay/pay:{{LINE}}-{{REVISION}}-{{BUILD_NUMBER}}",
        rules=MAVEN_RULES,
        on_release=on_release,
    )
    return Job(
        "team/pay-release", "pay", "git", script, (LINE, REVISION, ENVIRONMENT, OPERATION), kind="pipeline"
    )


def _pay_rollback(on_release: Release | None) -> Job:
    """Builds nothing: sets an image that was pushed before."""

    async def back(_built: str, parameters: Mapping[str, str]) -> None:
        if on_release is not None:
            await on_release(parameters["IMAGE_NAME"], parameters)

    script = Script(
        (CHECKOUT, Stage("Roll back", 0.5, ("+ kubectl set image deployment/pay pay={IMAGE_NAME}",))),
        on_release=back,
    )
    return Job("team/pay-rollback", "pay", "git", script, (IMAGE, ENVIRONMENT, OPERATION), kind="pipeline")
