// A record's page: print, copy the link, hide the marks of changes, decide with one key, post with Ctrl+Enter.

import { start } from "../forms/pickers.js";
import { tell } from "../shell/toasts.js";
import { say } from "../words.js";

function reveal(selector, act) {
  const button = document.querySelector(selector);
  if (!button) return;
  button.hidden = false;
  button.addEventListener("click", act);
}

reveal("[data-print]", () => print());
reveal("[data-copy-link]", async () => {
  await navigator.clipboard.writeText(location.origin + location.pathname);
  tell(say("Link copied."), "good");
});

const marks = document.querySelector("[data-marks]");
if (marks) {
  marks.hidden = false;
  marks.addEventListener("change", (event) => document.querySelector("[data-article]").classList.toggle("is-plain", !event.target.checked));
}

for (const picker of document.querySelectorAll("[data-picker]")) picker.hidden = false;
start(document);

document.querySelector("#say")?.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || !(event.metaKey || event.ctrlKey) || event.isComposing) return;
  event.preventDefault();
  event.stopPropagation(); // a page with a form to send sends that with these keys
  event.target.form.requestSubmit();
});

// The fields that are filled in with a decision stand in the article; they belong to the decision's form.
const decision = document.querySelector("[data-decision]");

function press(action) {
  const button = decision.querySelector(`[value="${action}"]`);
  if (button) decision.requestSubmit(button);
}

if (decision) {
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, textarea, select, [contenteditable]")) return;
    if (event.key === "a") press("approve");
    if (event.key === "r") {
      const comment = decision.querySelector("textarea");
      if (comment.value.trim()) press("reject");
      else comment.focus();
      event.preventDefault();
    }
  });
}
