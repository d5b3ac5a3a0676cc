// The inbox by mouse and keyboard: the card that is chosen is shown beside the list, without leaving it.

import { icon } from "../dom.js";
import { say } from "../words.js";

const pane = document.querySelector("[data-preview]");
const list = document.querySelector("[data-cards]");
const batch = document.querySelector("form[data-batch]");

const cards = () => [...(list?.querySelectorAll("[data-card]") ?? [])];
const current = () => list?.querySelector(".is-on") ?? null;
/** On phones there is no room for a preview: a card leads to its page. */
const beside = () => pane && pane.offsetParent !== null;

let asking = null;

async function choose(card) {
  if (!card) return;
  for (const other of cards()) {
    const on = other === card;
    other.classList.toggle("is-on", on);
    if (on) other.querySelector("a").setAttribute("aria-current", "true");
    else other.querySelector("a").removeAttribute("aria-current");
  }
  card.querySelector("a").focus({ preventScroll: true });
  card.scrollIntoView({ block: "nearest" });
  if (beside()) await show(card);
}

async function show(card) {
  asking?.abort();
  asking = new AbortController();
  pane.classList.add("is-loading");
  const address = new URL(`/inbox/preview/${encodeURIComponent(card.dataset.card)}`, location.href);
  if (card.dataset.task) address.searchParams.set("task", card.dataset.task);
  address.searchParams.set("back", batch.elements.back.value);
  try {
    const answer = await fetch(address, { signal: asking.signal });
    if (!answer.ok) throw new Error(answer.statusText);
    pane.innerHTML = await answer.text();
    const here = new URL(location.href);
    here.searchParams.set("chosen", card.dataset.task ?? card.dataset.card);
    history.replaceState(null, "", here);
  } catch (error) {
    if (error.name === "AbortError") return;
    location.assign(card.querySelector("a").href);
  } finally {
    pane.classList.remove("is-loading");
  }
}

list?.addEventListener("click", (event) => {
  const link = event.target.closest("a");
  if (!link || !beside() || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  choose(link.closest("[data-card]"));
});

// Several at once: the bar is there while something is selected.

function selected() {
  return [...(batch?.querySelectorAll("input[name=task]:checked") ?? [])];
}

function count() {
  const bar = batch?.querySelector("[data-batch-bar]");
  if (!bar) return;
  const chosen = selected().length;
  bar.hidden = chosen === 0;
  bar.querySelector("[data-selected]").textContent = say("{count} selected", { count: chosen });
  bar.querySelector("[data-approve-several]").textContent = say("Approve {count}", { count: chosen });
}

batch?.addEventListener("change", count);
count();

// The preview's own form: why somebody rejects or returns is asked for before it is sent.

document.addEventListener("click", (event) => {
  const step = event.target.closest("[data-step]");
  if (step) {
    const all = cards();
    choose(all[all.indexOf(current()) + Number(step.dataset.step)]);
  }
  const button = event.target.closest("button[data-says-why]");
  const comment = button?.form.elements.comment;
  if (!comment || comment.value.trim()) return;
  event.preventDefault();
  button.closest("[popover]")?.hidePopover?.();
  ask(comment);
});

function ask(comment) {
  comment.required = true;
  comment.setAttribute("aria-invalid", "true");
  comment.classList.add("is-invalid");
  const told = document.getElementById("decide-error");
  told.replaceChildren(icon("alert-circle", "sm"), say("Say why: it is what the other person goes by."));
  told.hidden = false;
  comment.focus();
}

// Keys. None of them decides by itself: A and R go to the button, Enter presses it.

const actions = {
  j: () => choose(cards()[cards().indexOf(current()) + 1]),
  k: () => choose(cards()[cards().indexOf(current()) - 1]),
  o: () => current()?.querySelector("a") && location.assign(current().querySelector("a").href),
  x: () => current()?.querySelector("input[type=checkbox]")?.click(),
  a: () => pane?.querySelector("[data-approve]")?.focus(),
  r: () => {
    const button = pane?.querySelector("[data-reject]");
    if (!button) return;
    const comment = button.form.elements.comment;
    if (comment.value.trim()) button.focus();
    else ask(comment);
  },
};

document.addEventListener("keydown", (event) => {
  const typing = event.target.closest?.("input:not([type=checkbox]), textarea, select, [contenteditable], dialog");
  const action = actions[event.key.toLowerCase()];
  if (!action || typing || event.ctrlKey || event.metaKey || event.altKey) return;
  event.preventDefault();
  action();
});

const keys = document.querySelector("[data-keys]");
if (keys) keys.hidden = false;
