// A form in steps (one at a time, with its progress) or behind tabs. Without script all parts stand below one another.

import { icon, make } from "../dom.js";
import { say } from "../words.js";

function titleOf(part, number) {
  return part.querySelector(".fl-section__head h2")?.textContent.trim() || say("Part {number}", { number: number + 1 });
}

function wrongIn(part) {
  return part.querySelector(".fl-error:not(.fl-error--warn)") !== null;
}

class Steps {
  constructor(form, check) {
    this.form = form;
    this.check = check;
    this.parts = [...form.querySelectorAll('[data-part="step"]')];
    this.back = document.querySelector('[data-step="-1"]');
    this.next = document.querySelector('[data-step="1"]');
    this.send = document.querySelector("[data-send]");
    this.list = make("nav", { class: "fl-wizard", "aria-label": say("Steps of this form") });
    form.prepend(this.list);
    this.back.addEventListener("click", () => this.go(this.before()));
    this.next.addEventListener("click", () => this.forward());
    this.at = Math.max(0, this.parts.findIndex(wrongIn));
    this.show();
  }

  get open() {
    return this.parts.filter((part) => !part.dataset.irrelevant);
  }

  before() {
    return this.parts.indexOf(this.open[this.open.indexOf(this.parts[this.at]) - 1]);
  }

  after() {
    return this.parts.indexOf(this.open[this.open.indexOf(this.parts[this.at]) + 1]);
  }

  async forward() {
    this.next.setAttribute("aria-busy", "true");
    await this.check(this.parts[this.at]);
    this.next.removeAttribute("aria-busy");
    if (wrongIn(this.parts[this.at])) {
      this.parts[this.at].querySelector('[aria-invalid="true"], .is-wrong input')?.focus();
      this.show();
    } else this.go(this.after());
  }

  go(to) {
    if (to < 0) return;
    this.at = to;
    this.show();
    const head = this.parts[to].querySelector("h2") ?? this.parts[to];
    head.setAttribute("tabindex", "-1");
    head.focus({ preventScroll: true });
    this.form.scrollIntoView({ block: "start" });
  }

  show() {
    const open = this.open;
    if (!open.includes(this.parts[this.at])) this.at = this.parts.indexOf(open[0]);
    this.parts.forEach((part, number) => { part.hidden = number !== this.at; });
    const here = open.indexOf(this.parts[this.at]);
    this.back.hidden = here === 0;
    this.next.hidden = here === open.length - 1;
    this.send.hidden = !this.next.hidden;
    this.list.replaceChildren(...open.map((part, number) => this.entry(part, number, here)));
  }

  entry(part, number, here) {
    const state = wrongIn(part) ? "is-wrong" : number < here ? "is-done" : "";
    const said = { "is-wrong": say("to correct"), "is-done": say("done") }[state];
    const button = make("button", { type: "button", class: state, "aria-current": number === here ? "step" : null }, titleOf(part, number));
    if (said) button.append(make("span", { class: "visually-hidden" }, ` (${said})`));
    button.addEventListener("click", () => this.go(this.parts.indexOf(part)));
    return button;
  }

  reveal(element) {
    const part = this.parts.findIndex((each) => each.contains(element));
    if (part >= 0 && part !== this.at) this.go(part);
  }
}

class Tabs {
  constructor(form) {
    this.parts = [...form.querySelectorAll('[data-part="tab"]')];
    this.list = make("div", { class: "fl-tabs fl-formtabs", role: "tablist" });
    this.parts[0].before(this.list);
    this.tabs = this.parts.map((part, number) => this.tab(part, number));
    this.list.append(...this.tabs);
    this.list.addEventListener("keydown", (event) => this.key(event));
    this.show(Math.max(0, this.parts.findIndex(wrongIn)));
  }

  tab(part, number) {
    part.setAttribute("role", "tabpanel");
    const tab = make("button", { type: "button", role: "tab", id: `${part.id}-tab`, "aria-controls": part.id }, titleOf(part, number));
    part.setAttribute("aria-labelledby", tab.id);
    tab.addEventListener("click", () => this.show(number));
    return tab;
  }

  key(event) {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    const to = (this.tabs.indexOf(document.activeElement) + step + this.tabs.length) % this.tabs.length;
    this.show(to);
    this.tabs[to].focus();
  }

  show(at = this.at) {
    this.at = at;
    this.parts.forEach((part, number) => {
      part.hidden = number !== at;
      this.tabs[number].hidden = part.dataset.irrelevant === "1";
      this.tabs[number].setAttribute("aria-selected", String(number === at));
      this.tabs[number].tabIndex = number === at ? 0 : -1;
      this.warn(this.tabs[number], wrongIn(part));
    });
  }

  /** A tab behind which something is wrong says so by a sign, too. */
  warn(tab, wrong) {
    if (tab.classList.toggle("is-wrong", wrong) === (tab.querySelector(".fl-i") !== null)) return;
    if (wrong) tab.append(icon("alert-circle", "sm"), make("span", { class: "visually-hidden" }, ` (${say("to correct")})`));
    else tab.querySelectorAll(".fl-i, .visually-hidden").forEach((sign) => sign.remove());
  }

  reveal(element) {
    const part = this.parts.findIndex((each) => each.contains(element));
    if (part >= 0) this.show(part);
  }
}

const PLAIN = { show() {}, reveal() {} };

/** The steps or tabs of a form; `check(part)` asks the server about what stands in a part. */
export function start(form, check) {
  if ("stepped" in form.dataset) return new Steps(form, check);
  if ("tabbed" in form.dataset) return new Tabs(form);
  return PLAIN;
}
