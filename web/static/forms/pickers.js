// People, departments and records are picked by typing: a combobox whose answers come from the server.

import { icon, later, make } from "../dom.js";
import { say } from "../words.js";

const WAIT = 150;

async function ask(source, text) {
  const address = new URL(source, location.href);
  address.searchParams.set("q", text);
  const answer = await fetch(address, { headers: { Accept: "application/json" } });
  if (!answer.ok) throw new Error(answer.statusText);
  return (await answer.json()).results;
}

class Picker {
  constructor(box) {
    this.box = box;
    this.field = box.querySelector('[role="combobox"]');
    this.list = box.querySelector('[role="listbox"]');
    this.several = "several" in box.dataset;
    this.asked = 0;
    this.late = false; // what is listed answers an older text than the one in the box
    this.wanted = false; // Enter was pressed meanwhile
    this.moved = null; // whom the arrow keys went to: an answer that comes later leaves them marked
    this.search = later(() => this.find(), WAIT);
    this.follow = () => this.place();
    this.field.addEventListener("input", (event) => {
      event.stopPropagation();
      this.late = true;
      this.asked += 1; // an answer to the older text is none any more: Enter would take somebody else
      this.moved = null;
      this.mark(null);
      this.search();
    });
    this.field.addEventListener("focus", () => this.find());
    this.field.addEventListener("blur", () => this.leave());
    this.field.addEventListener("keydown", (event) => this.key(event));
    this.list.addEventListener("mousedown", (event) => event.preventDefault());
    this.list.addEventListener("click", (event) => this.take(event.target.closest('[role="option"]')));
    box.addEventListener("click", (event) => {
      const cross = event.target.closest("[data-drop]");
      if (cross) {
        event.preventDefault();
        this.drop(cross.closest("[data-chosen]"));
      } else if (!this.field.contains(event.target)) this.field.focus();
    });
  }

  get name() {
    return this.box.dataset.name;
  }

  get chosen() {
    return [...this.box.querySelectorAll("[data-chosen]")];
  }

  async find() {
    const turn = (this.asked += 1);
    try {
      const found = await ask(this.box.dataset.picker, this.field.value.trim());
      if (turn === this.asked && document.activeElement === this.field) this.show(found);
    } catch {
      if (turn === this.asked) this.show(null);
    }
  }

  show(found) {
    const held = new Set(this.chosen.map((chip) => chip.dataset.chosen));
    const offered = (found ?? []).filter((entry) => !held.has(entry.value));
    const sentence = found === null ? say("The search can’t be reached just now.") : say("Nothing found.");
    this.list.replaceChildren(...offered.map((entry, number) => this.option(entry, number)));
    if (!offered.length) this.list.append(make("li", { class: "fl-listbox__none", role: "presentation" }, sentence));
    this.list.hidden = false;
    this.float();
    this.place();
    addEventListener("scroll", this.follow, { capture: true, passive: true });
    this.field.setAttribute("aria-expanded", "true");
    const options = [...this.list.querySelectorAll('[role="option"]')];
    this.mark(options.find((option) => option.dataset.value === this.moved) ?? options[0]);
    if (this.wanted) this.take(this.marked);
    this.late = this.wanted = false;
  }

  /** In a table, which scrolls and would cut it off, the list stands above the page, under its field. */
  float() {
    if (!this.box.closest(".fl-sub")) return;
    this.list.popover ||= "manual";
    this.list.showPopover();
  }

  /** Below the field, or above it where there is more room. */
  place() {
    if (this.list.hidden) return;
    const { left, right, top, bottom } = this.box.getBoundingClientRect();
    const bar = document.querySelector(".fl-actbar")?.offsetHeight ?? 0;
    const room = innerHeight - bar - bottom;
    const up = room < this.list.offsetHeight && top > room;
    this.list.classList.toggle("is-up", up);
    if (!this.list.popover) return;
    const beside = up ? { top: "auto", bottom: `${innerHeight - top}px` } : { top: `${bottom}px`, bottom: "auto" };
    Object.assign(this.list.style, beside, { left: `${left}px`, width: `${Math.max(right - left, 224)}px` });
  }

  option(entry, number) {
    const detail = entry.detail ? make("small", {}, entry.detail) : null;
    const option = make("li", { role: "option", id: `${this.list.id}-${number}`, "aria-selected": "false", "data-value": entry.value, "data-label": entry.label }, make("span", { class: "fl-cut" }, entry.label), detail);
    if ("faces" in this.box.dataset) option.prepend(face(entry));
    return option;
  }

  mark(option) {
    this.list.querySelectorAll('[aria-selected="true"]').forEach((each) => each.setAttribute("aria-selected", "false"));
    option?.setAttribute("aria-selected", "true");
    option?.scrollIntoView({ block: "nearest" });
    if (option) this.field.setAttribute("aria-activedescendant", option.id);
    else this.field.removeAttribute("aria-activedescendant");
  }

  get marked() {
    return this.list.hidden ? null : this.list.querySelector('[aria-selected="true"]');
  }

  close() {
    this.asked += 1;
    this.late = this.wanted = false;
    this.moved = null;
    removeEventListener("scroll", this.follow, { capture: true });
    if (this.list.popover) this.list.hidePopover();
    this.list.hidden = true;
    this.field.setAttribute("aria-expanded", "false");
    this.field.removeAttribute("aria-activedescendant");
  }

  leave() {
    this.close();
    this.field.value = "";
  }

  key(event) {
    const options = [...this.list.querySelectorAll('[role="option"]')];
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) {
      event.preventDefault();
      if (this.list.hidden) this.find();
      else {
        this.mark(options[(options.indexOf(this.marked) + step + options.length) % options.length]);
        this.moved = this.marked?.dataset.value ?? null;
      }
    } else if (event.key === "Enter" && !event.ctrlKey && !event.metaKey) {
      event.preventDefault();
      event.stopPropagation();
      if (this.late) this.wanted = true;
      else this.take(this.marked);
    } else if (event.key === "Escape" && !this.list.hidden) {
      event.stopPropagation();
      this.close();
    } else if (event.key === "Backspace" && !this.field.value && this.chosen.length) this.drop(this.chosen[this.chosen.length - 1]);
  }

  take(option) {
    if (!option) return;
    if (!this.several) this.chosen.forEach((chip) => chip.remove());
    const { value, label } = option.dataset;
    const cross = make("button", { class: "fl-x", type: "submit", "data-drop": true, formnovalidate: true, name: ":do", value: `drop ${this.name} ${value}`, "aria-label": say("Remove {name}", { name: label }) }, icon("x"));
    const chip = make("span", { class: "fl-pick", "data-chosen": value }, option.querySelector(".fl-av")?.cloneNode(true), make("span", { class: "fl-cut" }, label), make("input", { type: "hidden", name: this.name, value, form: this.box.dataset.formId }), cross);
    this.field.before(chip);
    this.field.value = "";
    this.field.placeholder = "";
    this.close();
    this.tell();
  }

  drop(chip) {
    chip?.remove();
    this.field.focus();
    this.tell();
  }

  tell() {
    this.box.dispatchEvent(new Event("input", { bubbles: true }));
    this.box.dispatchEvent(new Event("change", { bubbles: true }));
  }
}

function face(entry) {
  return make("span", { class: `fl-av fl-av--${entry.tone ?? "gray"}`, "aria-hidden": "true" }, entry.initials ?? "");
}

/** Make comboboxes of the pickers inside `root`, once each. */
export function start(root) {
  for (const box of root.querySelectorAll("[data-picker]:not([data-live])")) {
    box.dataset.live = "1";
    new Picker(box);
  }
}

document.addEventListener("fl:added", (event) => start(event.target));
