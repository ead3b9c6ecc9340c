"""Systems whose certificate is vouched for by the shop's own authority: reached where it is named, refused where not.

Elasticsearch is shown in test_elasticsearch.py, SMTP in test_mail.py.
"""

from __future__ import annotations

import asyncio
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from bot.faults import Failed, Unavailable
from integrations.harbor import Harbor
from integrations.jenkins import Jenkins
from integrations.registry import PlainRegistry
from sandbox.harbor import ROBOT, HarborServer
from sandbox.images import Images
from sandbox.jenkins import JenkinsServer, shop
from sandbox.kubernetes import schema
from sandbox.server import Server
from tests.registry_support import CA, docker_registry, push
from tests.sandbox.jenkins_support import AUTH

PEM = schema.DATA / "loopback.pem"
HOST = "harbor.shop.example"
IMAGE = f"{HOST}/web/web:trunk-r1841-1"


@contextmanager
def over_tls(server: Server) -> Iterator[str]:
    """Its address, while it runs."""
    server.tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    server.tls.load_cert_chain(PEM)
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    asyncio.run_coroutine_threadsafe(server.start(), loop).result(10)
    try:
        yield server.url
    finally:
        asyncio.run_coroutine_threadsafe(server.stop(), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(5)
        loop.close()


def refused(*calls: Callable[[], object]) -> None:
    for call in calls:
        with pytest.raises(Failed, match="certificate"):
            call()


def test_harbor() -> None:
    images = Images()
    images.push(IMAGE)
    with over_tls(HarborServer(images, HOST)) as url:
        trusting, doubting = (Harbor("harbor", url, ROBOT, ca, timeout=5) for ca in (str(CA), None))

        found, listed = trusting.find(IMAGE), trusting.newest("web/web", 5)
        refused(lambda: doubting.find(IMAGE), lambda: doubting.newest("web/web", 5))

    assert url.startswith("https:")
    assert found is not None
    assert found.digest == images.pushed[IMAGE].digest
    assert [pushed.tags for pushed in listed] == [("trunk-r1841-1",)]


def test_a_plain_registry(tmp_path: Path) -> None:
    with docker_registry(tmp_path, PEM) as url:
        digest = push(url, "web/web", "trunk-r1841-1", b"a layer")
        trusting, doubting = (PlainRegistry("plain", url, None, ca, timeout=5) for ca in (str(CA), None))

        found, listed = trusting.find(IMAGE), trusting.newest("web/web", 5)
        refused(lambda: doubting.find(IMAGE), lambda: doubting.newest("web/web", 5))

    assert url.startswith("https:")
    assert found is not None
    assert found.digest == digest
    assert [pushed.tags for pushed in listed] == [("trunk-r1841-1",)]


def test_jenkins() -> None:
    with over_tls(JenkinsServer(shop.jobs(), Images(), accounts=shop.ACCOUNTS)) as url:
        builds = Jenkins("main", url, *AUTH, timeout=5, ca=str(CA)).builds("web-build", 5)
        with pytest.raises(Unavailable):
            Jenkins("main", url, *AUTH, timeout=5).builds("web-build", 5)

    assert url.startswith("https:")
    assert builds == []
