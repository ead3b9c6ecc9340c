"""A real registry (Debian's docker-registry), filled as `docker push` does it."""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import requests

from sandbox.chat import eventually
from sandbox.kubernetes import schema
from sandbox.stage import free_port

CA = schema.DATA / "loopback-ca.crt"
"""Believed where TLS is spoken; of no matter elsewhere."""
MANIFEST = "application/vnd.docker.distribution.manifest.v2+json"


@contextmanager
def docker_registry(folder: Path, pem: Path | None = None) -> Iterator[str]:
    """Its address, while it runs; it keeps its images in `folder`. `pem`: its certificate and key, for TLS."""
    port, config = free_port(), folder / "config.yml"
    tls = f", tls: {{certificate: {pem}, key: {pem}}}" if pem else ""
    config.write_text(
        f"version: 0.1\nstorage: {{filesystem: {{rootdirectory: {folder}}}, delete: {{enabled: true}}}}\n"
        f"http: {{addr: '127.0.0.1:{port}'{tls}}}\n"
    )
    command = shutil.which("docker-registry")
    assert command, "install Debian's docker-registry (.ci/packages)"
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen([command, "serve", str(config)], stdout=log, stderr=log)  # noqa: S603
    url = f"{'https' if pem else 'http'}://127.0.0.1:{port}"
    try:
        eventually(lambda: answers(url), "the registry")
        yield url
    finally:
        process.terminate()
        process.wait(10)


def answers(url: str) -> bool:
    try:
        return requests.get(f"{url}/v2/", timeout=1, verify=str(CA)).ok
    except requests.RequestException:
        return False


def upload(url: str, repository: str, content: bytes) -> dict[str, object]:
    """A blob, as `docker push` sends it; returns its descriptor."""
    digest = "sha256:" + hashlib.sha256(content).hexdigest()
    begun = requests.post(f"{url}/v2/{repository}/blobs/uploads/", timeout=5, verify=str(CA))
    where = begun.headers["Location"]
    sent = requests.put(where, params={"digest": digest}, data=content, timeout=5, verify=str(CA))
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
        verify=str(CA),
    )
    assert answer.status_code == 201, answer.text
    return answer.headers["Docker-Content-Digest"]
