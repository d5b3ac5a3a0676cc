// The page of an automation: checks the text while one types. It is saved by the page's own button, by script or not.

import { later, post } from "../dom.js";
import { editor } from "./editor.js";
import { locate } from "./json-lines.js";
import { placed, show } from "./problems.js";

const WAIT = 600;

function start(form) {
  const part = (name) => document.querySelector(`[data-${name}]`);
  const text = form.elements.document;
  const code = editor(text, later(check, WAIT));
  let running = null;

  function mark(source, problems) {
    const found = placed(source, problems);
    code.mark(found);
    show(part("problems"), part("summary"), found, (problem) => code.go(problem.start));
  }

  async function check() {
    const source = code.text();
    running?.abort();
    if (locate(source).broken) return mark(source, []);
    running = new AbortController();
    try {
      const answer = await post(form.dataset.check, { text: source }, { signal: running.signal });
      mark(code.text(), answer.problems);
    } catch (error) {
      if (error.name !== "AbortError") part("summary").textContent = error.message;
    }
    return undefined;
  }

  form.addEventListener("submit", () => { text.value = code.text(); });
  mark(code.text(), JSON.parse(part("found").textContent));
}

for (const form of document.querySelectorAll("form[data-automation]")) start(form);
