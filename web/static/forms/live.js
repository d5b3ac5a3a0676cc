// While somebody types, the page shows what follows: fields that come and go, what is required, what is computed.
// What follows from what is worked out by logic/graph.js, just as the server will; here it is read from the inputs and
// written back to the page.

import { Graph } from "../logic/graph.js";
import { later } from "../dom.js";
import { htmlId } from "./tables.js";
import { filled, shown, textsOf, valueOf } from "./values.js";

const PAUSE = 60;

function visit(fields, prefix, each) {
  for (const [key, field] of Object.entries(fields)) each(field, `${prefix}${key}`, key);
}

export class Live {
  constructor(form, shownAnew) {
    const model = document.getElementById("form-model");
    if (!model) return;
    this.form = form;
    this.shownAnew = shownAnew;
    this.model = JSON.parse(model.textContent);
    this.known = this.model.values ?? {};
    this.graph = new Graph(this.model, { creating: "creating" in form.dataset });
    this.chosen = new Set();
    this.soon = later(() => this.run(), PAUSE);
    form.addEventListener("input", (event) => this.heard(event));
    form.addEventListener("change", (event) => this.heard(event));
    form.addEventListener("fl:added", () => this.soon());
    this.outcome = null;
    this.run();
  }

  heard(event) {
    const place = event.target.closest?.("[data-field]")?.dataset.field;
    if (place) this.chosen.add(place);
    this.soon();
  }

  /** The record that the inputs write. */
  typed() {
    this.inputs = new Map(); // looked for once: a search by name for each of 200 fields takes longer than all else
    for (const input of this.form.querySelectorAll("[name]")) {
      const same = this.inputs.get(input.name);
      if (same) same.push(input);
      else this.inputs.set(input.name, [input]);
    }
    return this.level(this.model.fields, "");
  }

  level(fields, prefix) {
    const values = {};
    visit(fields, prefix, (field, name, key) => {
      let value;
      if (name in this.known) value = this.known[name];
      else if (field.columns && field.several) value = this.rows(field, name);
      else if (field.columns) value = this.level(field.columns, `${name}/`);
      else value = field.readonly ? this.kept(name) : valueOf(field, textsOf(this.form, name, this.inputs.get(name) ?? []));
      if (filled(value)) values[key] = value;
    });
    return values;
  }

  /** The value of a cell that is only shown; it stands at the cell, which moves with its row. */
  kept(name) {
    const cell = name.includes("/") ? this.form.querySelector(`[data-field="${CSS.escape(name)}"] > [data-kept]`) : null;
    return cell ? JSON.parse(cell.dataset.kept) : null;
  }

  rows(field, name) {
    const table = this.form.querySelector(`[data-table="${CSS.escape(name)}"]`);
    if (!table) return [];
    return [...table.querySelectorAll(":scope > table > tbody > tr")].map((row) => this.level(field.columns, `${row.dataset.row}/`));
  }

  run() {
    this.outcome = this.graph.update(this.typed(), this.chosen);
    for (const place of this.outcome.changed) this.write(place);
    this.parts();
    this.totals();
    if (this.outcome.changed.length) this.shownAnew();
  }

  /** The field of the model at a place: "items/0/price" is a column of "items". */
  fieldAt(place) {
    return place.split("/").reduce((found, token) => (/^\d+$/.test(token) && found.columns ? found : (found.columns ?? found)[token]), { columns: this.model.fields });
  }

  valueAt(place) {
    return place.split("/").reduce((found, token) => found?.[token], this.graph.values);
  }

  write(place) {
    const box = this.form.querySelector(`[data-field="${CSS.escape(place)}"]`);
    const field = this.fieldAt(place);
    const state = this.graph.states.get(place);
    if (!box || !field || !state) return;
    if (!this.asked(place, "visibleWhen")) box.hidden = !state.visible;
    const star = box.querySelector(":scope > .form-label [data-star]");
    if (star && !this.asked(place, "requiredWhen")) star.hidden = !state.required || state.readonly;
    this.require(box, place, state);
    if (state.options) this.offer(box, field, state.options);
    const out = box.querySelector("[data-out]");
    if (out && field.compute && !field.compute.ask) out.textContent = shown(field, this.valueAt(place), out.dataset);
    else if (!out && field.default && !this.chosen.has(place)) this.suggest(place, field);
  }

  asked(place, word) {
    return this.outcome.asks.some((ask) => ask.place === place && ask.rule === word);
  }

  require(box, place, state) {
    const input = document.getElementById(htmlId(place));
    if (!input || input.type === "file") return;
    if (input.getAttribute("role") === "combobox") input.setAttribute("aria-required", String(state.required));
    else if ("required" in input) input.required = state.required;
    const lockable = this.fieldAt(place).readOnlyWhen && !this.fieldAt(place).readOnlyWhen.ask;
    if (lockable && "readOnly" in input) input.readOnly = state.readonly;
  }

  /** Offer only these options; one that is no longer offered is taken back. */
  offer(box, field, values) {
    const open = new Set(values.map(String));
    for (const option of box.querySelectorAll("option[value]")) {
      if (option.value === "") continue;
      option.hidden = option.disabled = !open.has(option.value);
      if (option.disabled && option.selected) option.selected = false;
    }
    for (const label of box.querySelectorAll("[data-option]")) {
      label.hidden = !open.has(label.dataset.option);
      if (label.hidden) label.querySelector("input").checked = false;
    }
  }

  /** Write a default that follows other fields into an input that nobody has been at. */
  suggest(place, field) {
    const value = this.valueAt(place);
    const text = value === undefined || value === null ? "" : String(value);
    for (const input of this.form.querySelectorAll(`[name="${CSS.escape(place)}"]`)) {
      if (input.type === "radio" || input.type === "checkbox") input.checked = Array.isArray(value) ? value.map(String).includes(input.value) : input.value === text;
      else if (input.type !== "hidden" && document.activeElement !== input) input.value = field.type === "datetime" ? input.value : text;
    }
  }

  /** A section is there while anything in it is. */
  parts() {
    for (const part of this.form.querySelectorAll("[data-part]")) {
      const boxes = [...part.querySelectorAll(":scope > .fl-fields > *")];
      const any = boxes.some((box) => !box.hidden);
      if (part.dataset.part === "section") part.hidden = !any;
      else if (any) delete part.dataset.irrelevant;
      else part.dataset.irrelevant = "1";
    }
  }

  totals() {
    for (const cell of this.form.querySelectorAll("[data-table] [data-sum]")) {
      const rows = this.valueAt(cell.closest("[data-table]").dataset.table) ?? [];
      const sum = rows.reduce((found, row) => found + (Number(row[cell.dataset.sum]) || 0), 0);
      cell.textContent = shown({}, Number(sum.toFixed(8)), cell.dataset);
    }
  }

  /** What the server worked out of what was typed: for fields that the page can't decide by itself. */
  told({ shown: texts, states, values }) {
    if (!this.graph) return;
    for (const { place, rule } of this.outcome.asks) {
      if (rule === "visibleWhen" && place in states) this.graph.tell(place, rule, states[place][0]);
      if (rule === "requiredWhen" && place in states) this.graph.tell(place, rule, states[place][1]);
      if (rule === "compute" && place in values) this.graph.tell(place, rule, values[place]);
    }
    for (const [place, text] of Object.entries(texts)) {
      const field = this.fieldAt(place);
      const out = document.getElementById(htmlId(place));
      if (out?.matches("[data-out]") && !(field?.compute && !field.compute.ask)) out.textContent = text;
    }
    for (const { place, rule } of this.outcome.asks) {
      const box = this.form.querySelector(`[data-field="${CSS.escape(place)}"]`);
      if (box && rule === "visibleWhen") box.hidden = !states[place]?.[0];
    }
    this.parts();
  }
}
