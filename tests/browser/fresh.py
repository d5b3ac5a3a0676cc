"""A product that nobody has used yet, for what changes a whole workspace: the first run, apps, people."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from browser.conftest import DESK, WATCH, Product, free_port, wait_until_it_answers, worth_a_failure
from playwright.sync_api import Browser, BrowserContext, Page

ADMIN, PASSWORD = "zhou@example.com", "a long enough password"


@pytest.fixture(scope="module")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    """The product on an empty folder, once a module."""
    folder = tmp_path_factory.mktemp("fresh")
    port, log = free_port(), folder / "log.txt"
    program = str(Path(sys.executable).parent / "formloom")
    command = [program, "serve", "--port", str(port), "--data-folder", str(folder / "var")]
    with log.open("wb") as output, subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT) as process:
        try:
            wait_until_it_answers(f"http://127.0.0.1:{port}/readyz", process, log)
            yield Product(f"http://127.0.0.1:{port}", folder)
        finally:
            process.terminate()
            process.wait(30)


@pytest.fixture
def visitor(browser: Browser, fresh: Product) -> Iterator[Page]:
    """Somebody at the fresh product who is not signed in; a fault in the console fails the test."""
    context = watched(browser, fresh)
    yield context.pages[0]
    context.close()
    assert context.complaints == []  # type: ignore[attr-defined]


def watched(browser: Browser, product: Product, **settings: object) -> BrowserContext:
    """A context with one page whose faults are kept in `complaints`."""
    context = browser.new_context(**({"base_url": product.address, "viewport": DESK, "locale": "en-GB"} | settings))
    context.complaints = complaints = []  # type: ignore[attr-defined]
    context.set_default_timeout(30_000)
    page = context.new_page()
    page.add_init_script(WATCH)
    page.on("console", lambda said: complaints.append(said.text) if worth_a_failure(said.type, said.text) else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    return context


@pytest.fixture
def admin(visitor: Page) -> Page:
    """The admin of the fresh workspace, made at the first run, signed in."""
    visitor.goto("/welcome")
    if visitor.locator("#workspace").count():
        visitor.fill("#workspace", "Hesheng 禾盛")
        visitor.fill("#name", "Zhou Xiaotong")
        visitor.fill("#email", ADMIN)
        visitor.fill("#password", PASSWORD)
        visitor.click("main button[type=submit].btn-primary")
    else:
        visitor.goto("/sign-in")
        visitor.fill("#email", ADMIN)
        visitor.fill("#password", PASSWORD)
        visitor.click("main button[type=submit]")
    visitor.wait_for_url(lambda address: "/sign-in" not in address and "/welcome" not in address)
    return visitor
