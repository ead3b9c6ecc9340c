"""The plain registry's adapter against a real one (Debian's docker-registry), and against a token service."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import requests

from bot.faults import Failed, Unavailable
from bot.ports import Pushed
from integrations.harbor import Harbor
from integrations.registry import PlainRegistry
from sandbox.stage import free_port
from tests.registry_support import docker_registry, push


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with docker_registry(tmp_path_factory.mktemp("registry")) as url:
        yield url


def test_what_was_pushed_is_found_with_its_digest_and_size(address: str) -> None:
    digest = push(address, "web/web", "trunk-r1841-9", b"a layer")
    registry = PlainRegistry("plain", address, None, None)

    found = registry.find("registry.shop.example/web/web:trunk-r1841-9")

    assert found is not None
    assert (found.digest, found.tags, found.size) == (digest, ("trunk-r1841-9",), len(b"a layer") + 2)
    assert (found.pushed, found.scan) == (None, "")
    assert registry.find(f"registry.shop.example/web/web@{digest}") is not None


def test_what_was_never_pushed_is_not_there(address: str) -> None:
    registry = PlainRegistry("plain", address, None, None)

    assert registry.find("registry.shop.example/web/web:never") is None
    assert registry.find("registry.shop.example/never/web:1") is None
    assert registry.newest("never/web", 5) == []


def test_the_latest_tags_come_first_by_their_numbers(address: str) -> None:
    for tag in ("trunk-r1840-9", "trunk-r1841-10", "latest"):
        push(address, "shop/shop", tag, tag.encode())

    found = PlainRegistry("plain", address, None, None).newest("shop/shop", 2)

    assert [pushed.tags for pushed in found] == [("trunk-r1841-10",), ("trunk-r1840-9",)]


def test_a_deleted_image_is_gone(address: str) -> None:
    digest = push(address, "old/web", "1", b"old")
    registry = PlainRegistry("plain", address, None, None)
    assert registry.find("registry.shop.example/old/web:1") is not None

    requests.delete(f"{address}/v2/old/web/manifests/{digest}", timeout=5)

    assert registry.find("registry.shop.example/old/web:1") is None


class Guarded(BaseHTTPRequestHandler):
    """A registry that sends its callers for a token first, as the token specification says."""

    seen: list[str] = []

    def do_GET(self) -> None:
        sent = self.headers.get("Authorization", "")
        if self.path.startswith("/token?"):
            Guarded.seen.append(self.path)
            allowed = sent == "Basic c2hpcG1hdGU6c2VjcmV0"  # shipmate:secret
            lost = sent == "Basic bG9zdDpzZWNyZXQ="  # lost:secret, who is sent to the wrong place
            self._answer(404 if lost else 200 if allowed else 401, b'{"token": "a-token"}')
        elif sent != "Bearer a-token":
            port = self.server.server_port  # type: ignore[attr-defined]  # it is an HTTPServer
            realm = f'Bearer realm="http://127.0.0.1:{port}/token",service="plain",scope="repository:web/web:pull"'
            self._answer(401, b"{}", ("WWW-Authenticate", realm))
        else:
            self._answer(200, b'{"layers": []}', ("Docker-Content-Digest", "sha256:" + "1" * 64))

    def _answer(self, status: int, body: bytes, *headers: tuple[str, str]) -> None:
        self.send_response(status)
        for name, value in (*headers, ("Content-Length", str(len(body)))):
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # its name
        """Quiet."""


@contextmanager
def serving(handler: type[BaseHTTPRequestHandler]) -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()
    thread.join(5)


@pytest.fixture
def guarded() -> Iterator[str]:
    with serving(Guarded) as url:
        yield url


class Scripted(BaseHTTPRequestHandler):
    """Answers what a test says: path -> body, and headers."""

    answers: dict[str, tuple[object, dict[str, str]]] = {}
    seen: list[str] = []

    def do_GET(self) -> None:
        Scripted.seen.append(self.path)
        told, headers = Scripted.answers.get(self.path, (None, {}))
        body = json.dumps(told).encode()
        self.send_response(404 if self.path not in Scripted.answers else 200)
        for name, value in (*headers.items(), ("Content-Length", str(len(body)))):
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # its name
        """Quiet."""


@pytest.fixture
def scripted() -> Iterator[str]:
    Scripted.answers, Scripted.seen = {}, []
    with serving(Scripted) as url:
        yield url


def test_a_token_is_fetched_with_the_login(guarded: str) -> None:
    found = PlainRegistry("plain", guarded, ("shipmate", "secret"), None).find("r.example/web/web:1")

    assert found is not None
    assert found.digest == "sha256:" + "1" * 64
    assert "service=plain&scope=repository%3Aweb%2Fweb%3Apull" in Guarded.seen[-1]


def test_a_login_that_gets_no_token_is_operations_to_mend(guarded: str) -> None:
    with pytest.raises(Failed) as end:
        PlainRegistry("plain", guarded, ("shipmate", "wrong"), None).find("r.example/web/web:1")

    assert "registries.plain" in end.value.reason


def test_a_token_service_that_is_not_there_says_nothing_of_an_image(guarded: str) -> None:
    with pytest.raises(Unavailable):
        PlainRegistry("plain", guarded, ("lost", "secret"), None).find("r.example/web/web:1")


def test_a_registry_that_is_away(tmp_path: Path) -> None:
    with pytest.raises(Unavailable):
        PlainRegistry("plain", f"http://127.0.0.1:{free_port()}", None, None).find("r.example/web/web:1")


IMAGE = "r.example/web/web:1"
NAMED = {"Docker-Content-Digest": "sha256:" + "1" * 64}
LISTED = "/v2/web/web/tags/list?n=1000"


def test_tags_are_read_page_after_page(scripted: str) -> None:
    Scripted.answers = {
        LISTED: ({"tags": ["trunk-r1841-10"]}, {"Link": '</v2/web/web/tags/list?n=1&last=a>; rel="next"'}),
        "/v2/web/web/tags/list?n=1&last=a": ({"tags": ["trunk-r1841-9"]}, {"Link": '<b>; rel="next"'}),
        "/v2/web/web/tags/b": ({"tags": ["trunk-r1844-12"]}, {}),
        "/v2/web/web/manifests/trunk-r1844-12": ({}, NAMED),
    }

    found = PlainRegistry("plain", scripted, ("shipmate", "secret"), None).newest("web/web", 1)

    assert [pushed.tags for pushed in found] == [("trunk-r1844-12",)]


def test_another_server_is_not_followed_with_our_password(scripted: str) -> None:
    other = scripted.replace("127.0.0.1", "localhost")
    Scripted.answers = {LISTED: ({"tags": []}, {"Link": f'<{other}/stolen>; rel="next"'})}

    with pytest.raises(Unavailable, match="sends Shipmate on to another server"):
        PlainRegistry("plain", scripted, ("shipmate", "secret"), None).newest("web/web", 1)

    assert set(Scripted.seen) == {LISTED}


def test_pages_without_an_end_are_left(scripted: str) -> None:
    Scripted.answers = {LISTED: ({"tags": ["1"]}, {"Link": f'<{LISTED}>; rel="next"'})}

    assert PlainRegistry("plain", scripted, None, None).newest("web/web", 1) == []


@pytest.mark.parametrize(
    "told", [None, 5, [], "no", {"tags": 5}, {"tags": [1]}, {"tags": {"a": 1}}, {"tags": [None]}]
)
def test_a_list_of_tags_that_is_none(scripted: str, told: object) -> None:
    Scripted.answers = {LISTED: (told, {})}

    with pytest.raises(Unavailable, match="something else than was asked for"):
        PlainRegistry("plain", scripted, None, None).newest("web/web", 1)


@pytest.mark.parametrize(
    "told",
    [
        None,
        5,
        [],
        {"layers": 5},
        {"layers": [5]},
        {"layers": [{"size": "large"}]},
        {"config": [], "layers": []},
    ],
)
def test_a_manifest_that_is_none(scripted: str, told: object) -> None:
    Scripted.answers = {"/v2/web/web/manifests/1": (told, NAMED)}

    with pytest.raises(Unavailable, match="something else than was asked for"):
        PlainRegistry("plain", scripted, None, None).find(IMAGE)


@pytest.mark.parametrize("digest", ["", "latest", "sha256:" + "g" * 64, "sha256:12"])
def test_a_manifest_without_its_digest(scripted: str, digest: str) -> None:
    Scripted.answers = {"/v2/web/web/manifests/1": ({}, {"Docker-Content-Digest": digest})}

    with pytest.raises(Unavailable, match="does not say which image that is"):
        PlainRegistry("plain", scripted, None, None).find(IMAGE)


HARBORS = "/api/v2.0/projects/web/repositories/web/artifacts"
ASKED = "with_tag=true&with_scan_overview=true"


@pytest.mark.parametrize(
    "told",
    [
        None,
        5,
        [],
        {},
        {"digest": None},
        {"digest": "sha256:1", "tags": 5},
        {"digest": "sha256:1", "tags": [5]},
        {"digest": "sha256:1", "size": "large"},
        {"digest": "sha256:1", "push_time": "yesterday"},
        {"digest": "sha256:1", "scan_overview": 5},
        {"digest": "sha256:1", "scan_overview": {"a": {"summary": {"summary": {"High": "many"}}}}},
    ],
)
def test_an_artifact_of_harbor_that_is_none(scripted: str, told: object) -> None:
    listed = f"{HARBORS}?{ASKED}&sort=-push_time&page=1&page_size=1"
    Scripted.answers = {f"{HARBORS}/1?{ASKED}": (told, {}), listed: ([told], {})}
    harbor = Harbor("harbor", scripted, None, None)

    for ask in (lambda: harbor.find(IMAGE), lambda: harbor.newest("web/web", 1)):
        with pytest.raises(Unavailable, match="something else than was asked for"):
            ask()


def test_what_harbor_leaves_out_is_not_shown(scripted: str) -> None:
    told: dict[str, object] = {
        "digest": "sha256:1",
        "tags": None,
        "size": 0,
        "push_time": None,
        "scan_overview": {"a": {}},
    }
    Scripted.answers = {f"{HARBORS}/1?{ASKED}": (told, {})}

    found = Harbor("harbor", scripted, None, None).find(IMAGE)

    assert found == Pushed("sha256:1", (), scan="scan: not known")
