"""A real product and a real Chromium: started the way the README says, on a folder and a port of its own, once a worker.

Every page that a test opens is watched: an error in the console, an uncaught exception or a breach of the content security
policy fails the test that caused it.
"""

import os
import re
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from chromium import chromium
from playwright.sync_api import APIResponse, Browser, BrowserContext, Page, Playwright, ViewportSize, sync_playwright

from formloom.platform.demo import PASSWORD

HERE = Path(__file__).parent
AXE = (HERE / "vendor" / "axe.min.js").read_text(encoding="utf-8")
STARTS_WITHIN = 90
DESK: ViewportSize = {"width": 1440, "height": 900}
PHONE: ViewportSize = {"width": 390, "height": 844}
WATCH = """
addEventListener('securitypolicyviolation', (event) =>
  console.error(`security policy: ${event.violatedDirective} ${event.blockedURI} ${event.sourceFile}:${event.lineNumber}`));
"""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if HERE in Path(item.path).parents:
            item.add_marker(pytest.mark.browser)


@dataclass(frozen=True)
class Product:
    address: str
    folder: Path


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="session")
def product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    """The product with its sample workspace, running. PRODUCT names the address of one that runs already."""
    folder = tmp_path_factory.mktemp("formloom")
    if running := os.environ.get("PRODUCT"):
        yield Product(running, folder)
        return
    with started(folder, "--demo") as product:
        yield product


@contextmanager
def started(folder: Path, *options: str) -> Iterator[Product]:
    """`formloom serve` on a port of its own, with its data in `folder`; stopped at the end."""
    port, log = free_port(), folder / "log.txt"
    program = str(Path(sys.executable).parent / "formloom")
    command = [program, "serve", *options, "--port", str(port), "--data-folder", str(folder / "var")]
    with log.open("wb") as output, subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT) as process:
        try:
            wait_until_it_answers(f"http://127.0.0.1:{port}/readyz", process, log)
            yield Product(f"http://127.0.0.1:{port}", folder)
        finally:
            process.terminate()
            process.wait(30)


def wait_until_it_answers(address: str, process: "subprocess.Popen[bytes]", log: Path) -> None:
    deadline = time.monotonic() + STARTS_WITHIN
    while time.monotonic() < deadline:
        if process.poll() is not None:
            pytest.fail(f"The product stopped by itself:\n{log.read_text(errors='replace')}")
        try:
            with urllib.request.urlopen(address, timeout=2) as answer:
                if answer.status == 200:
                    return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    pytest.fail(f"The product does not answer after {STARTS_WITHIN} s:\n{log.read_text(errors='replace')}")


@pytest.fixture(scope="session")
def playwright_driver() -> Iterator[Playwright]:
    with sync_playwright() as driver:
        yield driver


@pytest.fixture(scope="session")
def browser(playwright_driver: Playwright) -> Iterator[Browser]:
    flags = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
    running = playwright_driver.chromium.launch(executable_path=chromium(), args=flags)
    yield running
    running.close()


Opener = Callable[..., Page]


@pytest.fixture
def open_page(browser: Browser, product: Product) -> Iterator[Opener]:
    """`open_page(width=…, dark=…, language=…, script=…)`: a page of a browser that knows nobody yet, watched."""
    contexts: list[BrowserContext] = []
    complaints: list[str] = []

    def make(
        *, viewport: ViewportSize = DESK, dark: bool = False, language: str = "en-GB", script: bool = True
    ) -> Page:
        context = browser.new_context(
            base_url=product.address, viewport=viewport, locale=language, color_scheme="dark" if dark else "light",
            java_script_enabled=script, has_touch=viewport == PHONE,
        )  # fmt: skip
        contexts.append(context)
        context.set_default_timeout(15_000)
        page = context.new_page()
        page.add_init_script(WATCH)
        page.on(
            "console",
            lambda message: complaints.append(message.text) if worth_a_failure(message.type, message.text) else None,
        )
        page.on("pageerror", lambda error: complaints.append(str(error)))
        return page

    yield make
    for context in contexts:
        context.close()
    assert complaints == []


def worth_a_failure(kind: str, text: str) -> bool:
    """Whether a line of the console is a fault. An answer of 4xx to what a test sends on purpose is none."""
    return kind == "error" and not text.startswith("Failed to load resource: the server responded with a status of 4")


@pytest.fixture
def page(open_page: Opener) -> Page:
    return open_page()


@dataclass(frozen=True)
class Session:
    """What the browser of somebody who is signed in sends: its cookies, and the token of its forms."""

    cookies: list[Any]
    token: str


SESSIONS: dict[str, Session] = {}


def sign_in(page: Page, who: str, *, language: str = "en-GB") -> Page:
    """Let the page's browser be that of a member of the sample company (the address before the @), who reads `language`.

    It opens no page. A password is asked for once a worker: the door itself is played in test_accounts.py.
    """
    if who not in SESSIONS:
        SESSIONS[who] = entered(page, f"{who}@hesheng.example", PASSWORD)
    page.context.add_cookies(SESSIONS[who].cookies)
    spoken = post(page, who, "/choices", form={"language": "zh_Hans" if language == "zh-CN" else "en"})
    assert spoken.ok
    return page


def entered(page: Page, email: str, password: str) -> Session:
    """A session begun by HTTP, with the browser of `page`."""
    door = page.context.request.get("/sign-in").text()
    found = re.search(r'name="csrf_token" value="([^"]+)"', door)
    assert found
    typed = {"email": email, "password": password, "csrf_token": found.group(1)}
    answer = page.context.request.post("/sign-in", form=typed, max_redirects=0)
    assert answer.status == 302, answer.text()
    return Session(list(page.context.cookies()), found.group(1))


def post(page: Page, who: str, address: str, **body: Any) -> APIResponse:
    """What `who`, who is signed in on `page`, sends without a page."""
    headers = {"X-CSRFToken": SESSIONS[who].token, "Accept": "application/json"}
    return page.context.request.post(address, headers=headers, **body)


def reward_of_amy(page: Page, **values: Any) -> str:
    """A reward request for Liu Yang, filed by Amy Chen, as whom `page` is signed in then; the id of its record."""
    common = {"nominee": "liu_yang", "achieved_on": "2026-11-18", "reason": "Helped through a whole weekend on site."}
    sign_in(page, "amy.chen")
    answer = post(page, "amy.chen", "/api/v1/forms/reward_request/records", data={"values": common | values})
    assert answer.status == 201, answer.text()
    return str(answer.json()["id"])


def axe(page: Page, *, within: str | None = None) -> list[str]:
    """What axe-core finds wrong with the page, one line a finding; [] is what every page must give."""
    page.evaluate(AXE)
    options = "{ resultTypes: ['violations'] }"
    subject = "document" if within is None else f"document.querySelector({within!r})"
    found = page.evaluate(f"async () => (await axe.run({subject}, {options})).violations")
    return [
        f"{entry['id']}: {node['html'][:160]} – {node['failureSummary'][:200]}"
        for entry in found
        for node in entry["nodes"]
    ]


def sideways(page: Page) -> int:
    """By how many pixels the page is wider than the window."""
    return int(page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth"))
