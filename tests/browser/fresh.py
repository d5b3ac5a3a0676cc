"""A product that nobody has used yet, for what changes a whole workspace: the first run, apps, people."""

from collections.abc import Iterator

import pytest
from browser.conftest import DESK, WATCH, Product, Session, entered, started, worth_a_failure
from playwright.sync_api import Browser, BrowserContext, Page

ADMIN, PASSWORD = "zhou@example.com", "a long enough password"


@pytest.fixture(scope="module")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    """The product on an empty folder, once a module."""
    with started(tmp_path_factory.mktemp("fresh")) as product:
        yield product


@pytest.fixture(scope="module")
def admins() -> list[Session]:
    """The session of the admin of the fresh workspace, once there is one."""
    return []


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
def admin(visitor: Page, admins: list[Session]) -> Page:
    """The admin of the fresh workspace, made at the first run, signed in; the page shows nothing yet."""
    if not admins:
        visitor.goto("/welcome")
        if visitor.locator("#workspace").count():
            visitor.fill("#workspace", "Hesheng 禾盛")
            visitor.fill("#name", "Zhou Xiaotong")
            visitor.fill("#email", ADMIN)
            visitor.fill("#password", PASSWORD)
            visitor.click("main button[type=submit].btn-primary")
            visitor.wait_for_url("**/gallery")
        admins.append(entered(visitor, ADMIN, PASSWORD))
    visitor.context.add_cookies(admins[0].cookies)
    return visitor
