"""A phone or a desktop with the chat page open, in a real Chromium: taps are counted, nothing is overlooked."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import Browser, Locator, Page, ViewportSize, expect

from sandbox.stage import Stage

PHONE = ViewportSize(width=390, height=844)
DESKTOP = ViewportSize(width=1280, height=800)
PATIENCE = 20_000
"""Milliseconds after which something that should have happened has not."""
NO_HINTS = "localStorage.setItem('shipmate-sandbox-hints-closed', 'yes')"
"""The page's things to try are no part of Slack."""

expect.set_options(timeout=PATIENCE)


class Device:
    def __init__(self, chromium: Browser, stage: Stage, size: ViewportSize, person: str, room: str) -> None:
        by_thumb = size is PHONE
        context = chromium.new_context(
            viewport=size, has_touch=by_thumb, is_mobile=by_thumb, device_scale_factor=2 if by_thumb else 1
        )
        context.add_init_script(NO_HINTS)
        self.page: Page = context.new_page()
        self.page.set_default_timeout(PATIENCE)
        self.taps = 0
        self.errors: list[str] = []
        self.hosts: set[str] = set()
        self._width = size["width"]
        self.page.on("console", lambda said: self.errors.append(said.text) if said.type == "error" else None)
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on("request", lambda request: self.hosts.add(urlsplit(request.url).hostname or request.url))
        self.page.goto(f"{stage.world.page.url}/#{stage.world.slack.slack.person(person).id}/{room}")
        expect(self.page.locator("#composer-field[aria-label]")).to_be_visible()  # the room is drawn

    def close(self) -> None:
        """Raises AssertionError for whatever no test may overlook."""
        self.page.context.close()
        assert not self.errors, self.errors
        assert self.hosts == {"127.0.0.1"}, "nothing but the sandbox is asked"

    def tap(self, where: Locator) -> None:
        """With a thumb on a phone, by a click elsewhere."""
        self.taps += 1
        where.scroll_into_view_if_needed()
        if self._width == PHONE["width"]:
            where.tap()
        else:
            where.click()
        self.fits()

    def button(self, name: str, within: Locator | None = None) -> Locator:
        """The newest of that name."""
        return (within or self.page.locator("body")).get_by_role("button", name=name, exact=True).last

    @property
    def dialog(self) -> Locator:
        """What lies on top: a modal, a question, a menu."""
        return self.page.locator("dialog[open]").last

    @property
    def messages(self) -> Locator:
        return self.page.locator("#stream article")

    def says(self, text: str) -> None:
        self.page.fill("#composer-field", text)
        self.page.press("#composer-field", "Enter")

    def sees(self, words: str, where: Locator | None = None) -> Locator:
        """Wait for these words in the newest message, or in `where`."""
        place = where or self.messages.filter(has_text=words).last
        expect(place).to_contain_text(words)
        self.fits()
        return place

    def shows_top(self) -> None:
        """Scroll to the beginning of the newest message."""
        self.messages.last.evaluate("message => message.scrollIntoView()")

    def fits(self) -> None:
        """Nothing has to be scrolled sideways."""
        wide = "[...document.querySelectorAll('html, #stream, #home, dialog[open], .modal-body')]"
        over = self.page.evaluate(
            f"{wide}.filter(e => e.scrollWidth > e.clientWidth + 1).map(e => e.id || e.tagName)"
        )
        assert over == []

    def shot(self, path: Path | None) -> None:
        """A picture for the README, when pictures were asked for."""
        if path is not None:
            self.page.evaluate("document.activeElement.blur()")
            self.page.wait_for_timeout(400)
            self.page.screenshot(path=path)
