"""The chat page's fault switches, and who is let in."""

from __future__ import annotations

from typing import Any

import aiohttp
import pytest

from sandbox.server import Fault
from tests.sandbox.page_browser import Browser, in_a_browser

Json = dict[str, Any]


@in_a_browser
async def test_a_fault_is_set_listed_felt_and_cleared(browser: Browser) -> None:
    fault = {"server": "jenkins", "kind": "throttle", "seconds": 7, "match": "/job/"}
    status, answer = await browser.post("/api/faults", fault)
    async with browser.http.get(f"{browser.other.url}/job/web") as spoiled:
        felt = (spoiled.status, spoiled.headers["Retry-After"])
    async with browser.http.delete(browser.url("/api/faults?server=jenkins&kind=throttle")) as cleared:
        after = await cleared.json()
    assert status == 200
    assert [(one["name"], len(one["faults"])) for one in answer["servers"]] == [("slack", 0), ("jenkins", 1)]
    assert felt == (429, "7")
    assert after["servers"][1] == {"name": "jenkins", "url": browser.other.url, "hits": 1, "faults": []}


@in_a_browser
async def test_setting_a_kind_again_replaces_it_and_clearing_without_names_clears_all(
    browser: Browser,
) -> None:
    browser.shop.faults.set(Fault("hang", match="never"))
    for status in (500, 503):
        await browser.post("/api/faults", {"server": "jenkins", "kind": "error", "status": status})
    replaced = list(browser.other.faults.active)
    async with browser.http.delete(browser.url("/api/faults")) as answer:
        cleared = await answer.json()
    assert replaced == [Fault("error", status=503)]
    assert [one["faults"] for one in cleared["servers"]] == [[], []]


@in_a_browser
async def test_a_hop_of_the_log_pipeline_is_stalled_and_mended(browser: Browser) -> None:
    _, stalled = await browser.post("/api/stalls", {"hop": "kafka"})
    unknown, answer = await browser.post("/api/stalls", {"hop": "nothing"})
    async with browser.http.delete(browser.url("/api/stalls?hop=kafka")) as mended:
        after = await mended.json()
    assert [hop["name"] for hop in stalled["hops"] if hop["stalled"]] == ["kafka"]
    assert (unknown, answer["error"]) == (
        400,
        "no hop is called nothing: filebeat, kafka, logstash, elasticsearch",
    )
    assert not any(hop["stalled"] for hop in after["hops"])


@in_a_browser
async def test_a_fault_that_makes_no_sense_is_explained_and_not_set(browser: Browser) -> None:
    expected: list[tuple[Json, int, str]] = [
        ({"server": "nothing", "kind": "hang"}, 404, "Unknown or missing: nothing"),
        ({"server": "jenkins", "kind": "explode"}, 400, "kind: one of refuse, hang"),
        ({"server": "jenkins", "kind": "slow", "seconds": "long"}, 400, "seconds: "),
        ({"server": "jenkins", "kind": "hang", "match": "("}, 400, "match: not a regular expression"),
    ]
    for body, status, words in expected:
        code, answer = await browser.post("/api/faults", body)
        assert (code, answer["error"][: len(words)]) == (status, words)
    assert browser.other.faults.active == []


@in_a_browser
async def test_other_pages_can_neither_post_nor_listen(browser: Browser) -> None:
    say = {"as": "qa", "channel": "#deploys", "text": "forged"}
    fault = {"server": "jenkins", "kind": "refuse"}
    for origin in ("http://evil.example", "null", f"http://localhost:{browser.page.port}"):
        assert (await browser.post("/api/say", say, Origin=origin))[0] == 403
        assert (await browser.post("/api/faults", fault, Origin=origin))[0] == 403
        with pytest.raises(aiohttp.WSServerHandshakeError, match="403"):
            await browser.http.ws_connect(browser.url("/api/live?as=qa"), origin=origin)
    assert browser.other.faults.active == []
    assert (await browser.post("/api/say", say, Origin=browser.page.url))[0] == 200


@in_a_browser
async def test_a_name_that_is_not_local_is_refused(browser: Browser) -> None:
    port = browser.page.port
    refused = [
        await browser.get("/", Host=host) for host in (f"evil.example:{port}", "127.0.0.1.evil.example")
    ]
    allowed = [
        await browser.get("/", Host=host) for host in (f"localhost:{port}", f"[::1]:{port}", "127.0.0.1")
    ]
    assert [status for status, _ in refused] == [403, 403]
    assert [status for status, _ in allowed] == [200, 200, 200]


@in_a_browser
async def test_a_form_cannot_post(browser: Browser) -> None:
    async with browser.http.post(browser.url("/api/say"), data='{"as": "qa"}') as answer:
        assert answer.status == 415
