"""What the browser does after one change in a form of 200 fields and 50 rules, in a real headless Chromium.

Measured is the page's own work from the inputs to the page: what was typed is read, what depends on the change is worked
out, what changed is written. `worked out` is the graph alone. The pause before it, and drawing pixels, are not in it.
"""

import json
from collections.abc import Iterator
from typing import Any

from bench.installation import free_port, installation, server
from bench.rows import Row
from bench.validate import large_form
from chromium import chromium
from playwright.sync_api import sync_playwright

from formloom.platform.packages.files import write_zip
from formloom.platform.runtime import caller_for
from formloom.platform.services import installing

APP = {
    "$schema": "https://formloom.dev/schema/app/v1",
    "key": "large_app",
    "name": "Large",
    "category": "other",
    "version": "1.0.0",
    "navigation": [{"form": "large"}],
}
CHANGES = 400
MEASURE = """
async ([changes]) => {
  const form = document.querySelector("form[data-form]");
  const of = (name) => [...document.querySelectorAll("link[rel=modulepreload], script[src]")].map((each) => each.href || each.src)
    .find((address) => address.endsWith(name));
  const { Live } = await import(of("/forms/live.js"));
  const live = new Live(form, () => {});
  const page = [], graph = [];
  for (let turn = 0; turn < changes; turn += 1) {
    const name = `n${(turn % 50) * 4 + 1}`;
    const input = form.querySelector(`[name="${name}"]`);
    input.value = String(turn + 1);
    live.chosen.add(name);
    let begun = performance.now();
    live.run();
    page.push(performance.now() - begun);
    input.value = String(turn + 2);
    const typed = live.typed();
    begun = performance.now();
    live.graph.update(typed, live.chosen);
    graph.push(performance.now() - begun);
  }
  const sum = form.querySelector('[data-field="n3"] [data-out]').textContent;
  return { page, graph, sum };
}
"""


def run() -> Iterator[Row]:
    files = {"app.json": APP, "forms/large.json": large_form()}
    with installation("SQLite") as place:
        caller = caller_for(place.runtime, place.workspace_id, place.member_id)
        installing.import_app(caller, write_zip({name: json.dumps(each).encode() for name, each in files.items()}))
        address = f"http://127.0.0.1:{(port := free_port())}"
        with server(["formloom.platform.cli", "web", "--port", str(port)], f"{address}/readyz", place.environment):
            took = measured(address)
    yield Row("recompute after one change, 200 fields and 50 rules, Chromium", said(took["page"]), f"worked out in {said(took['graph'])}", "–", "< 5 ms")  # fmt: skip


def measured(address: str) -> dict[str, Any]:
    """Milliseconds of each change: the page's whole work, and the graph's."""
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=chromium(), args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page(base_url=address)
        page.goto("/sign-in")
        page.fill("input[autocomplete=username]", "bench@example.com")
        page.fill("input[type=password]", "a long bench password")
        page.click("main button[type=submit]")
        page.wait_for_url(lambda found: "/sign-in" not in found)
        page.goto("/apps/large_app/large/new")
        took: dict[str, Any] = page.evaluate(MEASURE, [CHANGES])
        browser.close()
    if not took["sum"].strip():
        raise RuntimeError("Nothing was computed on the page.")
    return took


def said(times: list[float]) -> str:
    """Median and 95th percentile; the first tenth, while the engine warms up, is left out."""
    warm = sorted(times[len(times) // 10 :])
    return f"p50 {warm[len(warm) // 2]:.1f} ms, p95 {warm[int(len(warm) * 0.95)]:.1f} ms"
