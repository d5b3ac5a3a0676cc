"""The main job, played in a real browser: an admin installs an app, a rep files a request, two approve, the rep sees it.

Played in English and again in Chinese, with a returned and a rejected round, and with a sign-up for a full course.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from browser.conftest import Opener, Product, sign_in, started
from playwright.sync_api import Browser, Page, expect

APPROVE, REJECT, DONE = "approve", "reject", "done"


@dataclass(frozen=True)
class Words:
    """What the story reads on the pages, in one language."""

    locale: str
    tongue: str
    request: str
    approved: str
    rejected: str
    withdrawn: str
    full: str


ENGLISH = Words("en-GB", "en", "Reward request", "Approved", "Rejected", "Withdrawn", "full")
CHINESE = Words("zh-CN", "zh_Hans", "奖励申请", "已通过", "已拒绝", "已撤回", "满")


@pytest.fixture(params=[ENGLISH, CHINESE], ids=["en", "zh"])
def words(request: pytest.FixtureRequest) -> Words:
    chosen: Words = request.param
    return chosen


Person = Callable[[str], Page]


@pytest.fixture
def person(open_page: Opener, words: Words) -> Person:
    """`person("amy.chen")`: a page of a browser of their own, signed in, in the language of the story."""

    def enter(who: str) -> Page:
        return sign_in(open_page(language=words.locale), who, language=words.locale)

    return enter


def pick(page: Page, field: str, text: str) -> None:
    """Choose the suggestion that says `text` in a picker."""
    page.locator(f"#f-{field}").press_sequentially(text)
    page.locator(f"#f-{field}-list [role=option]", has_text=text).first.click()


def submit(page: Page) -> None:
    page.locator("[data-send]").click()
    page.wait_for_load_state()


def file_a_reward(page: Page, *, nominee: str, amount: str, reason: str) -> str:
    """Fill in and submit a reward request; gives the address of its record."""
    page.goto("/apps/rewards/reward_request/new")
    pick(page, "nominee", nominee)
    page.locator("input[name=kind][value=money]").check()
    page.locator("#f-amount").fill(amount)
    page.locator("#f-payroll").select_option(index=1)
    page.locator("#f-achieved_on").fill("2026-11-18")
    page.locator("#f-reason").fill(reason)
    submit(page)
    page.wait_for_url(lambda address: not address.endswith("/new"))
    return page.url


def decide(page: Page, address: str, action: str, comment: str = "") -> None:
    page.goto(address)
    if comment:
        page.locator("textarea[name=':comment']").fill(comment)
    page.locator(f"aside button[name=':action'][value={action}]").first.click()
    page.wait_for_load_state()


def send_back(page: Page, address: str, comment: str) -> None:
    page.goto(address)
    page.locator("textarea[name=':comment']").fill(comment)
    page.locator("details:has([name=':target']) summary").click()
    page.locator("select[name=':target']").select_option("initiator")
    page.locator("button[name=':action'][value=return]").click()
    page.wait_for_load_state()


def status(page: Page, address: str) -> str:
    page.goto(address)
    return page.locator(".fl-head .fl-tag").first.inner_text()


def test_a_request_is_returned_corrected_approved_by_two_and_paid(person: Person, words: Words) -> None:
    amy, li, chen = person("amy.chen"), person("li.lei"), person("chen.jing")
    address = file_a_reward(
        amy, nominee="Liu Yang", amount="3000", reason="Won the renewal of Suzhou Hengyue, alone and early."
    )
    expect(amy.locator("html")).to_have_attribute("lang", words.tongue.replace("_", "-"))

    send_back(li, address, "Please attach the contract. 请附上合同。")
    amy.goto("/inbox?box=started")
    amy.goto(address)
    expect(amy.get_by_text("请附上合同").first).to_be_visible()
    amy.locator("a[href$='/resubmit']").click()
    amy.locator("#f-amount").fill("2800")
    submit(amy)

    li.goto(address)
    expect(li.locator(".fl-changed").first).to_be_visible()
    decide(li, address, APPROVE, "👍 <script>alert(1)</script> =1+1")
    chen.goto(address)
    chen.locator("#f-paid_on").fill("2026-11-25")
    chen.locator("aside button[name=':action'][value=done]").click()
    chen.wait_for_load_state()

    assert words.approved in status(amy, address)
    expect(amy.get_by_text("👍 <script>alert(1)</script> =1+1").first).to_be_visible()
    amy.goto("/notifications")
    amy.locator("main a[href^='/notifications/']").first.click()
    amy.wait_for_url("**/apps/rewards/reward_request/*")


def test_a_rejected_request_tells_its_author_why(person: Person, words: Words) -> None:
    amy, li = person("amy.chen"), person("li.lei")
    address = file_a_reward(
        amy, nominee="Liu Yang", amount="4999.99", reason="A very good month, and the best of the team in it."
    )
    li.goto("/inbox")
    expect(li.get_by_text("4,999.99").first).to_be_visible()
    decide(li, address, REJECT, "Not within the frame. 超出预算。")
    assert words.rejected in status(amy, address)
    expect(amy.get_by_text("超出预算").first).to_be_visible()


def test_a_large_reward_goes_to_finance_and_hr_side_by_side(person: Person, words: Words) -> None:
    amy, li, chen, zhao = person("amy.chen"), person("li.lei"), person("chen.jing"), person("zhao.min")
    address = file_a_reward(
        amy, nominee="Liu Yang", amount="6000", reason="Won the framework contract against three suppliers."
    )
    decide(li, address, APPROVE)
    decide(chen, address, APPROVE)
    decide(zhao, address, APPROVE)
    chen.goto(address)
    expect(chen.locator("#f-paid_on")).to_be_visible()


def test_a_sign_up_for_a_full_course_is_refused_and_keeps_what_was_typed(person: Person, words: Words) -> None:
    amy = person("amy.chen")
    amy.goto("/apps/training/training_signup/new")
    pick(amy, "course", "clean rooms")
    amy.locator("select[name=purpose]").select_option("certificate")
    amy.locator("#f-reason").fill("我想学习谈判。")
    submit(amy)
    expect(amy.locator("[data-field=course] .fl-error")).to_contain_text(words.full)
    expect(amy.locator("#f-reason")).to_have_value("我想学习谈判。")


def test_two_tabs_deciding_at_once_make_one_decision(person: Person, words: Words) -> None:
    amy, li = person("amy.chen"), person("li.lei")
    address = file_a_reward(
        amy, nominee="Liu Yang", amount="1000", reason="Helped the service team through a whole weekend."
    )
    other = li.context.new_page()
    other.goto(address)
    decide(li, address, APPROVE)
    other.locator("aside button[name=':action'][value=approve]").first.click()
    other.wait_for_load_state()
    expect(other.locator("main")).to_contain_text("李雷")
    assert other.locator("h1").count() == 1


@pytest.fixture
def empty_product(tmp_path: Path) -> Iterator[Product]:
    """The product as it is before anybody has used it."""
    with started(tmp_path) as product:
        yield product


def test_an_admin_begins_from_nothing_and_installs_a_template(browser: Browser, empty_product: Product) -> None:
    page = browser.new_context(base_url=empty_product.address).new_page()
    page.goto("/")
    page.wait_for_url("**/welcome")
    page.locator("[name=workspace]").fill("禾盛 & Söhne <b>")
    page.locator("[name=name]").fill("Zhou 周")
    page.locator("[name=email]").fill("zhou@example.com")
    page.locator("[name=password]").fill("a long enough password")
    page.locator("main button[type=submit]").click()
    page.goto("/gallery/rewards")
    page.locator("form[action$='/install'] button[type=submit]").first.click()
    page.wait_for_url("**/apps/rewards**")
    page.goto("/apps/rewards/reward_request")
    expect(page.locator("h1")).to_have_text("Reward requests")
    page.goto("/")
    expect(page.get_by_text("禾盛 & Söhne <b>").first).to_be_visible()
