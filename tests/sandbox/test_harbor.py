"""The sandbox's Harbor, judged by a client that nobody here wrote; and what our own adapter makes of it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from typing import TypeVar

import pytest
from harborapi import HarborAsyncClient
from harborapi.exceptions import NotFound, Unauthorized

from bot.faults import Failed, Unavailable
from integrations.harbor import Harbor
from sandbox.harbor import ROBOT, HarborServer
from sandbox.images import Images
from sandbox.server import Fault

T = TypeVar("T")
HOST = "harbor.shop.example"


@pytest.fixture
def images() -> Images:
    images = Images()
    images.push(f"{HOST}/web/web:trunk-r1841-1")
    images.push(f"{HOST}/web/web:trunk-r1844-2")
    images.push(f"{HOST}/team/tools/api:1.0")
    return images


@pytest.fixture
def harbor(images: Images) -> Iterator[HarborServer]:
    import threading

    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    server = HarborServer(images, HOST)
    asyncio.run_coroutine_threadsafe(server.start(), loop).result(10)
    yield server
    asyncio.run_coroutine_threadsafe(server.stop(), loop).result(10)
    loop.call_soon_threadsafe(loop.stop)
    thread.join(5)
    loop.close()


def judge(
    server: HarborServer, ask: Callable[[HarborAsyncClient], Awaitable[T]], secret: str = ROBOT[1]
) -> T:
    async def run() -> T:
        client = HarborAsyncClient(url=f"{server.url}/api/v2.0/", username=ROBOT[0], secret=secret)
        return await ask(client)

    return asyncio.run(run())


def adapter(server: HarborServer, secret: str = ROBOT[1]) -> Harbor:
    return Harbor("harbor", server.url, (ROBOT[0], secret), None, timeout=1)


def test_another_client_reads_artifacts_tags_and_the_scan(harbor: HarborServer, images: Images) -> None:
    found = judge(
        harbor,
        lambda client: client.get_artifacts("web", "web", sort="-push_time", with_scan_overview=True),
    )

    assert [artifact.tags[0].name for artifact in found if artifact.tags] == [
        "trunk-r1844-2",
        "trunk-r1841-1",
    ]
    assert found[1].digest == images.pushed[f"{HOST}/web/web:trunk-r1841-1"].digest
    assert found[1].scan_overview is not None
    assert "vulnerability.report" in str(found[1].scan_overview)


def test_another_client_finds_one_artifact_and_misses_another(harbor: HarborServer) -> None:
    found = judge(harbor, lambda client: client.get_artifact("team", "tools/api", "1.0"))

    assert found.tags
    assert found.tags[0].name == "1.0"
    with pytest.raises(NotFound):
        judge(harbor, lambda client: client.get_artifact("web", "web", "9.9"))
    with pytest.raises(Unauthorized):
        judge(harbor, lambda client: client.get_artifacts("web", "web"), secret="wrong")


def test_a_moved_tag_names_another_digest(harbor: HarborServer, images: Images) -> None:
    before = adapter(harbor).find(f"{HOST}/web/web:trunk-r1841-1")

    images.push(f"{HOST}/web/web:trunk-r1841-1", content="built again")

    after = adapter(harbor).find(f"{HOST}/web/web:trunk-r1841-1")
    assert before is not None
    assert after is not None
    assert before.digest != after.digest


def test_an_image_is_found_by_tag_and_by_digest(harbor: HarborServer, images: Images) -> None:
    image = images.pushed[f"{HOST}/team/tools/api:1.0"]

    by_tag = adapter(harbor).find(f"{HOST}/team/tools/api:1.0")
    by_digest = adapter(harbor).find(f"{HOST}/team/tools/api@{image.digest}")

    assert by_tag is not None
    assert by_tag.digest == image.digest
    assert by_digest == by_tag
    assert adapter(harbor).find(f"{HOST}/team/tools/api:2.0") is None
    assert adapter(harbor).find(f"{HOST}/nobody/knows:2.0") is None


def test_newest_first_and_no_more_than_asked_for(harbor: HarborServer) -> None:
    assert [pushed.tags for pushed in adapter(harbor).newest("web/web", 1)] == [("trunk-r1844-2",)]
    assert adapter(harbor).newest("nobody/knows", 5) == []


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        (Fault("refuse"), "cannot be reached"),
        (Fault("error", status=502), "answered 502"),
        (Fault("hang"), "did not answer within 1 s"),
        (Fault("reset"), "cannot be reached"),
        (Fault("throttle"), "answered 429"),
    ],
    ids=lambda value: getattr(value, "kind", ""),
)
def test_trouble_is_named_without_addresses(harbor: HarborServer, fault: Fault, words: str) -> None:
    harbor.faults.set(fault)

    with pytest.raises(Unavailable) as trouble:
        adapter(harbor).find(f"{HOST}/web/web:trunk-r1841-1")

    assert trouble.value.reason == words


def test_a_wrong_password_is_operations_to_mend(harbor: HarborServer) -> None:
    with pytest.raises(Failed) as end:
        adapter(harbor, "wrong").newest("web/web", 5)

    assert "registries.harbor" in end.value.reason
    assert "wrong" not in end.value.reason
