// A form being filled. Everything here makes it better; without it the form is filled and sent just the same.

import * as chains from "./chains.js";
import { Draft } from "./drafts.js";
import { follow, mark, summary } from "./errors.js";
import * as extras from "./extras.js";
import { Live } from "./live.js";
import * as pickers from "./pickers.js";
import * as richtext from "./richtext.js";
import * as scan from "./scan.js";
import * as steps from "./steps.js";
import * as tables from "./tables.js";
import * as uploads from "./uploads.js";

const QUICK = 250;

/** Which fields somebody has been at: what is wrong is only said at these, until the form is sent. */
class Touched {
  constructor(form) {
    this.names = new Set([...form.querySelectorAll("[data-field].is-wrong")].map((box) => box.dataset.field));
    form.addEventListener("focusout", (event) => this.add(event.target));
    form.addEventListener("change", (event) => this.add(event.target));
  }

  add(element) {
    const box = element.closest?.("[data-field]");
    if (box) this.names.add(box.dataset.field);
  }

  addAll(part) {
    part.querySelectorAll("[data-field]").forEach((box) => this.names.add(box.dataset.field));
  }
}

function start(form) {
  const bar = document.querySelector("[data-summary]");
  const touched = new Touched(form);
  const answered = (answer) => {
    const { errors, ahead } = answer;
    live.told(answer);
    const path = document.querySelector("[data-ahead]");
    if (path && ahead) path.innerHTML = ahead;
    for (const pointer of touched.names) mark(form, pointer, errors[pointer] ?? "");
    summary(form, bar);
    parts.show();
  };
  const draft = new Draft(form, document.querySelector("[data-saved]"), answered);
  const parts = steps.start(form, async (part) => {
    touched.addAll(part);
    await draft.save();
  });
  tables.start(form);
  pickers.start(form);
  uploads.start(form);
  extras.start(form);
  chains.start(form);
  richtext.start(form);
  scan.start(form);
  const live = new Live(form, () => parts.show());
  follow(form, bar, (element) => parts.reveal(element));
  summary(form, bar);

  let soon = 0;
  form.addEventListener("change", () => {
    clearTimeout(soon);
    soon = setTimeout(() => draft.save(), QUICK);
  });
  form.addEventListener("submit", () => draft.stop());
  document.addEventListener("keydown", (event) => {
    const send = document.querySelector("[data-send]");
    if (!send || event.key !== "Enter" || !(event.metaKey || event.ctrlKey)) return;
    event.preventDefault();
    send.click();
  });
  form.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && event.target.matches("input:not([type=submit])")) event.preventDefault();
  });
  document.querySelector('[data-field].is-wrong [aria-invalid="true"]')?.focus();
}

const form = document.querySelector("form[data-form]");
if (form) start(form);
