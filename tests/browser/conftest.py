"""One headless Chromium for the tests of a file: Debian's, which speaks to nothing but the sandbox."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, ViewportSize, sync_playwright

from sandbox.stage import Stage
from tests.browser.device import Device

QUIET = (
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
)
IMAGES = Path(__file__).parents[2] / "docs" / "images"
USED = {
    *("on-call-failed", "on-call-confirm", "on-call-done"),
    *("phone-deploy-form", "desktop-deploy-plan", "desktop-home", "phone-home", "phone-chinese"),
}
"""The pictures that the README shows; each test offers more."""

Opens = Callable[[ViewportSize, str, str], Device]


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    path = shutil.which("chromium")
    assert path, "these tests need Debian's chromium: .ci/packages installs it"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(QUIET))
        yield browser
        browser.close()


@pytest.fixture
def opens(chromium: Browser, stage: Stage) -> Iterator[Opens]:
    """`opens(PHONE, "oncall", "oncall")`: somebody's device, with a room on its screen."""
    devices: list[Device] = []

    def open_(size: ViewportSize, person: str, room: str) -> Device:
        devices.append(Device(chromium, stage, size, person, room))
        return devices[-1]

    yield open_
    for device in devices:
        device.close()


@pytest.fixture
def picture(request: pytest.FixtureRequest) -> Callable[[str], Path | None]:
    """Where a picture belongs, if pictures are to be taken (`make screenshots`)."""
    wanted = request.config.getoption("--screenshots")
    return lambda name: IMAGES / f"{name}.png" if wanted and name in USED else None
