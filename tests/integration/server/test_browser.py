"""The overview in a real browser: Chromium, driven over W3C WebDriver where both are installed."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import time
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from tests.integration.patience import PATIENCE_S
from tests.integration.server.test_overview import NASTY, owner_with_a_run
from tests.integration.serving import serving

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

DRIVER = shutil.which("chromedriver")
CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
_ELEMENT = "element-6066-11e4-a52e-4f735466cecf"
"""Of the standard: the member that holds the id of an element."""

pytestmark = pytest.mark.skipif(
    DRIVER is None or CHROMIUM is None, reason="needs Chromium and its driver"
)


class Browser:
    """One window of a browser."""

    def __init__(self, client: httpx.Client) -> None:
        self.client = client

    def ask(self, what: str, **told: object) -> Any:
        """Ask for something of the session."""
        answer = self.client.post(what, json=told)
        assert answer.status_code == httpx.codes.OK, answer.text
        return answer.json()["value"]

    def open(self, url: str) -> None:
        """Go to a page, as somebody does who types its address."""
        self.ask("url", url=url)

    def click(self, selector: str, *, link: bool = False) -> None:
        """Click on what a CSS selector, or the text of a link, means."""
        self.ask(f"{self._found(selector, link=link)}/click")

    def type(self, selector: str, text: str) -> None:
        """Type a text into a field."""
        self.ask(f"{self._found(selector)}/value", text=text)

    def script(self, code: str) -> Any:
        """Return what some code says in the page."""
        return self.ask("execute/sync", script=f"return {code}", args=[])

    def wait_for(self, text: str, *, at: str) -> None:
        """Wait for a page with a text: a click does not always wait for the page behind it."""
        until = time.monotonic() + PATIENCE_S
        while not (self.script("location.pathname") == at and text in self.text):
            assert time.monotonic() < until, f"{text!r} is not in {self.text!r}"
            time.sleep(0.1)

    @property
    def text(self) -> str:
        """Return what is to be read on the page."""
        return str(self.script("document.body ? document.body.innerText : ''"))

    def _found(self, selector: str, *, link: bool = False) -> str:
        using = "link text" if link else "css selector"
        return f"element/{self.ask('element', using=using, value=selector)[_ELEMENT]}"


@contextmanager
def browsing(home: Path) -> Iterator[Browser]:
    """Start a browser with a profile of its own, and end it."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [str(DRIVER), f"--port={port}"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, start_new_session=True)
    arguments = ["--headless", "--disable-gpu", f"--user-data-dir={home / 'profile'}"]
    arguments += ["--no-first-run", "--disable-background-networking", "--disable-sync"]
    if os.geteuid() == 0:
        arguments.append("--no-sandbox")
    options = {"binary": CHROMIUM, "args": arguments}
    wanted = {"capabilities": {"alwaysMatch": {"goog:chromeOptions": options}}}
    with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=PATIENCE_S) as driver:
        try:
            session = _begun(driver, wanted)
            driver.base_url = f"{driver.base_url}/session/{session}/"
            yield Browser(driver)
        finally:
            with suppress(httpx.TransportError):
                driver.delete("")
            os.killpg(process.pid, signal.SIGKILL)  # the browser with all its processes, too
            process.wait(PATIENCE_S)


def _begun(driver: httpx.Client, wanted: dict[str, Any]) -> str:
    until = time.monotonic() + PATIENCE_S
    while True:
        try:
            answer = driver.post("/session", json=wanted)
        except httpx.ConnectError:
            assert time.monotonic() < until
            time.sleep(0.1)
            continue
        assert answer.status_code == httpx.codes.OK, answer.text
        return str(answer.json()["value"]["sessionId"])


def test_a_key_opens_the_pages_and_leaving_closes_them(tmp_path):
    with serving(tmp_path / "home") as server, browsing(tmp_path) as browser:
        made, job = owner_with_a_run(server)
        page = f"/overview/runs/{job}"
        browser.open(f"{server.url}/")
        browser.type("#key", "pb_nobody")
        browser.click("form.door button")
        browser.wait_for("This is no key", at="/login")

        browser.type("#key", made.text)
        browser.click("form.door button")
        browser.wait_for("Last runs", at="/")
        assert "INVALID" in browser.text
        assert made.text not in browser.script("document.documentElement.outerHTML")

        browser.click("checks", link=True)
        browser.wait_for(NASTY, at=page)  # to be read, not run
        assert browser.script("document.scripts.length") == 0
        assert browser.script("getComputedStyle(document.body).margin") != "8px"  # it has a style

        browser.click("header button")
        browser.wait_for("API key", at="/")
        browser.open(f"{server.url}{page}")
        browser.wait_for("API key", at=page)
        assert "checks" not in browser.text
