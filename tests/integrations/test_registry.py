"""The plain registry's adapter against a real one (Debian's docker-registry), and against a token service."""

from __future__ import annotations

import hashlib
import json
import shutil
import ssl
import subprocess
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import requests

from bot.faults import Failed, Unavailable
from integrations.harbor import Harbor
from integrations.registry import PlainRegistry
from sandbox.chat import eventually
from sandbox.kubernetes import schema
from sandbox.stage import free_port

MANIFEST = "application/vnd.docker.distribution.manifest.v2+json"


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder, port = tmp_path_factory.mktemp("registry"), free_port()
    config = folder / "config.yml"
    config.write_text(
        f"version: 0.1\nstorage: {{filesystem: {{rootdirectory: {folder}}}, delete: {{enabled: true}}}}\n"
        f"http: {{addr: '127.0.0.1:{port}'}}\n"
    )
    command = shutil.which("docker-registry")
    assert command, "install Debian's docker-registry (.ci/packages)"
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen([command, "serve", str(config)], stdout=log, stderr=log)  # noqa: S603
    url = f"http://127.0.0.1:{port}"
    try:
        eventually(lambda: answers(url), "the registry")
        yield url
    finally:
        process.terminate()
        process.wait(10)


def answers(url: str) -> bool:
    try:
        return requests.get(f"{url}/v2/", timeout=1).ok
    except requests.RequestException:
        return False


def upload(url: str, repository: str, content: bytes) -> dict[str, object]:
    """A blob, as `docker push` sends it; returns its descriptor."""
    digest = "sha256:" + hashlib.sha256(content).hexdigest()
    begun = requests.post(f"{url}/v2/{repository}/blobs/uploads/", timeout=5)
    where = begun.headers["Location"]
    sent = requests.put(where, params={"digest": digest}, data=content, timeout=5)
    assert sent.status_code == 201, sent.text
    return {"mediaType": "application/octet-stream", "size": len(content), "digest": digest}


def push(url: str, repository: str, tag: str, layer: bytes) -> str:
    """Returns the digest that the registry gives it."""
    manifest = {
        "schemaVersion": 2,
        "mediaType": MANIFEST,
        "config": upload(url, repository, b"{}"),
        "layers": [upload(url, repository, layer)],
    }
    answer = requests.put(
        f"{url}/v2/{repository}/manifests/{tag}",
        data=json.dumps(manifest),
        headers={"Content-Type": MANIFEST},
        timeout=5,
    )
    assert answer.status_code == 201, answer.text
    return answer.headers["Docker-Content-Digest"]


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


@pytest.fixture
def guarded() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Guarded)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()
    thread.join(5)


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


def test_an_own_certificate_authority_is_believed_when_it_is_named() -> None:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Guarded)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(schema.DATA / "loopback.pem")
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    url, ca = f"https://127.0.0.1:{server.server_port}", str(schema.DATA / "loopback-ca.crt")
    try:
        with pytest.raises(Failed, match="certificate"):
            PlainRegistry("plain", url, None, None, timeout=5).newest("web/web", 1)
        with pytest.raises(Failed, match="certificate"):
            Harbor("harbor", url, None, None, timeout=5).newest("web/web", 1)
        with pytest.raises(
            Unavailable, match="cannot be reached"
        ):  # it is sent to the realm of another scheme
            PlainRegistry("plain", url, None, ca, timeout=5).newest("web/web", 1)
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)
