"""What is told of a build server's and a registry's answers, the good and the bad ones, in both languages."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from bot.faults import Failed, NeedsPerson, Refused, Unavailable
from bot.language import LANGUAGES, speaking
from bot.ports import Pushed, Seen, Taken
from integrations.harbor import Harbor
from integrations.jenkins import Jenkins
from integrations.jenkins_found import only
from integrations.registry import PlainRegistry
from integrations.rest import Rest
from tests.golden.canned import Canned, Server, answering
from tests.golden.drawn import named
from tests.golden.telling import INDENT, SAID, SCENES, golden

Cases = Iterator[tuple[str, Callable[[], object]]]

BUILD = "/job/web-build/7/"
STAGES = {
    "stages": [{"name": "Checkout", "status": "SUCCESS"}, {"name": "Unit tests", "status": "FAILED"}],
}
REPOSITORY = "/api/v2.0/projects/shop/repositories/web/artifacts"
REPORT = "application/vnd.security.vulnerability.report; version=1.1"
MANIFEST = "/v2/shop/web/manifests/1.0"
IMAGE = "registry.example/shop/web:1.0"
PATHS = {language: SAID / "answers" / f"{language}.txt" for language in LANGUAGES}
SCENES.update(PATHS.values())


def said(do: Callable[[], object]) -> str:
    """What a person reads of it: good news or bad."""
    try:
        found = do()
    except (Refused, Unavailable) as trouble:
        return trouble.words
    except Failed as trouble:
        return trouble.reason
    except NeedsPerson as trouble:
        return trouble.problem
    if isinstance(found, Seen):
        return "\n".join([found.failure or found.progress, *found.excerpt])
    return found.scan if isinstance(found, Pushed) else str(found)


def builds(server: Server) -> Cases:
    """Jenkins: builds that end, builds that wait, and answers that are none."""
    jenkins = Jenkins("main", server.url, None, None)
    building, queued = jenkins.building("web-build", 7), jenkins.queued("web-build", 3)
    console = {BUILD + "logText/progressiveText": Canned("Compiling\nERROR: cannot find symbol Basket\n")}
    stages = {BUILD + "wfapi/describe": Canned(STAGES)}

    def look(topic: Any, *answers: dict[str, Canned]) -> Callable[[], object]:
        def ask() -> object:
            server.answers = {path: canned for given in answers for path, canned in given.items()}
            return jenkins.look(topic)

        return ask

    for result in ("FAILURE", "UNSTABLE", "ABORTED"):
        build = {BUILD + "api/json": Canned({"result": result, "duration": 95_000})}
        yield f"a build ends as {result}", look(building, build, console)
        yield f"a build ends as {result} in a stage", look(building, build, console, stages)
    failed = {BUILD + "api/json": Canned({"result": "FAILURE", "duration": 95_000})}
    yield (
        "a build fails, and its console is for others",
        look(building, failed, {BUILD + "logText/progressiveText": Canned(status=403)}),
    )
    yield "a build runs", look(building, {BUILD + "api/json": Canned({"building": True})})

    item = "/queue/item/3/api/json"
    yield "a build waits in the queue", look(queued, {item: Canned({})})
    why = "Waiting for next available executor on 'linux' (ETA: 2 min 1 sec)"
    yield "a build waits in the queue, and it says why", look(queued, {item: Canned({"why": why})})
    yield "somebody took it out of the queue", look(queued, {item: Canned({"cancelled": True})})
    yield "the queue has forgotten it", look(queued, {"/job/web-build/api/json": Canned({})})

    def act(do: Callable[[], object], **answers: Canned) -> Callable[[], object]:
        def ask() -> object:
            server.answers = {path.replace("__", "/"): canned for path, canned in answers.items()}
            return do()

        return ask

    running = {BUILD + "api/json": Canned({"building": True}), BUILD + "stop": Canned()}
    yield "we stop a build", act(lambda: jenkins.stop("web-build", 7), **running)
    waiting = {item: Canned({}), "/queue/cancelItem": Canned()}
    yield "we take a build out of the queue", act(lambda: jenkins.cancel("web-build", 3), **waiting)
    yield "two builds may be ours", lambda: only("web-build", [{"queueId": 3}, {"queueId": 4}])
    for status in (400, 401, 403, 404, 409, 503):
        artifact = {BUILD + "artifact/image.txt": Canned(status=status)}
        yield (
            f"Jenkins answers {status}",
            act(lambda: jenkins.artifact("web-build", 7, "image.txt"), **artifact),
        )
    clock = {f"/{path}api/json": Canned({}) for path in ("queue/", "job/web-build/")}
    asked = act(
        lambda: jenkins.find("web-build", {}, "ID", 0, Taken()), **clock, **{"/api/json": Canned(status=403)}
    )
    yield "Jenkins does not tell its clock", asked
    yield "Jenkins answers with a page", look(building, {BUILD + "api/json": Canned("<html>")})


def scans(server: Server) -> Cases:
    """Harbor: what a scanner found."""
    harbor = Harbor("main", server.url, None, None)
    for name, counts in {
        "a scan finds grave things": {"Critical": 2, "High": 5, "Medium": 12, "Low": 40},
        "a scan finds small things": {"Low": 40},
    }.items():
        report = {"scan_status": "Success", "summary": {"summary": counts}}
        yield name, _found(server, harbor, {"digest": "sha256:0", "scan_overview": {REPORT: report}})
    for state in ("Pending", "Running", "Error", "Stopped"):
        overview = {REPORT: {"scan_status": state}}
        yield f"a scan is {state}", _found(server, harbor, {"digest": "sha256:0", "scan_overview": overview})
    yield "a scan says nothing", _found(server, harbor, {"digest": "sha256:0", "scan_overview": {REPORT: {}}})
    yield "Harbor answers with something else", _found(server, harbor, {"errors": []})
    yield "Harbor answers with a page", _found(server, harbor, "<html>")


def _found(server: Server, harbor: Harbor, answer: object) -> Callable[[], object]:
    def ask() -> object:
        server.answers = {f"{REPOSITORY}/1.0": Canned(answer)}
        return harbor.find(IMAGE)

    return ask


def registries(server: Server) -> Cases:
    """A plain registry, and what every system of this kind may answer."""
    registry = PlainRegistry("main", server.url, None, None)

    def find(**answers: Canned) -> Callable[[], object]:
        def ask() -> object:
            server.answers = dict(answers)
            return registry.find(IMAGE)

        return ask

    yield "a registry does not say which image it is", find(**{MANIFEST: Canned({})})
    challenge = Canned(status=401, headers={"WWW-Authenticate": f'Bearer realm="{server.url}/token"'})
    yield "a registry gives no token", find(**{MANIFEST: challenge, "/token": Canned({})})

    def pages() -> object:
        following = {"Link": '<https://elsewhere.example/v2/shop/web/tags/list>; rel="next"'}
        server.answers = {"/v2/shop/web/tags/list": Canned({"tags": ["1.0"]}, headers=following)}
        return registry.newest("shop/web", 5)

    yield "a registry sends us to another server", pages
    for status in (400, 401, 403, 429):
        yield f"a registry answers {status}", find(**{MANIFEST: Canned({}, status)})
    yield "its certificate cannot be checked", _nowhere(server.url.replace("http://", "https://"))
    yield "nobody listens there", _nowhere("http://127.0.0.1:1")
    with socket.create_server(("127.0.0.1", 0)) as silent:
        yield "it does not answer in time", _nowhere(f"http://127.0.0.1:{silent.getsockname()[1]}")


def _nowhere(url: str) -> Callable[[], object]:
    return lambda: Rest("Harbor", "registries.main", url, None, None, timeout=0.6).attempt("/")


@pytest.mark.parametrize("language", LANGUAGES)
def test_answers(language: str, request: pytest.FixtureRequest) -> None:
    lines = ["# What is told of the answers of a build server and of registries.", ""]
    with answering() as server, speaking(language):
        for system in (builds, scans, registries):
            for what, do in system(server):
                lines += [f"({what})", "", *(f"{INDENT}{line}" for line in named("told", said(do))), ""]
    golden(PATHS[language], "\n".join(lines), request.config.getoption("--rewrite-goldens"))
