// The table of records: select all, how many there are, filters that offer what their field can be compared by.

import { later, make } from "../dom.js";
import { locale, say } from "../words.js";

const WAIT = 150;
const form = document.querySelector(".fl-list-form");

function selection() {
  const all = form.querySelector("[data-all]");
  const boxes = () => [...form.querySelectorAll('tbody input[name="id"]')];
  const words = form.querySelector("[data-selected]");
  if (!all) return;
  const show = () => {
    const on = boxes().filter((box) => box.checked).length;
    all.checked = on > 0 && on === boxes().length;
    all.indeterminate = on > 0 && !all.checked;
    boxes().forEach((box) => box.closest("tr").classList.toggle("is-on", box.checked));
    words.textContent = on === 1 ? words.dataset.one : words.dataset.many.replace("{count}", on);
  };
  all.hidden = false;
  all.addEventListener("change", () => {
    boxes().forEach((box) => { box.checked = all.checked; });
    show();
  });
  form.addEventListener("change", show);
  show();
}

async function count() {
  const place = form.querySelector("[data-count]");
  if (!place?.dataset.count) return;
  const answer = await fetch(place.dataset.count, { headers: { Accept: "application/json" } }).catch(() => null);
  if (!answer?.ok) return;
  const { count: number } = await answer.json();
  place.textContent = number === 1 ? say("1 record") : say("{count} records", { count: new Intl.NumberFormat(locale).format(number) });
}

let lists = 0;

/** A list of what `source` finds for what is typed into `input`, which names it. */
function suggestions(input, source) {
  const list = make("datalist", { id: `names-${(lists += 1)}` });
  const ask = later(async () => {
    const address = new URL(source, location.href);
    address.searchParams.set("q", input.value.trim());
    const answer = await fetch(address, { headers: { Accept: "application/json" } }).catch(() => null);
    if (answer?.ok) list.replaceChildren(...(await answer.json()).results.map(({ label }) => make("option", { value: label })));
  }, WAIT);
  input.setAttribute("list", list.id);
  input.addEventListener("focus", ask);
  input.addEventListener("input", ask);
  return list;
}

class Filters {
  constructor(drawer) {
    this.rows = drawer.querySelector("[data-filter-rows]");
    this.choices = new Map(JSON.parse(drawer.querySelector("[data-choices]").textContent).map((choice) => [choice.key, choice]));
    this.words = [...this.rows.querySelector('[name="fo"]').options].map((option) => [option.value, option.text]);
    const more = drawer.querySelector("[data-more-filters]");
    more.hidden = false;
    more.addEventListener("click", () => this.add().querySelector("select").focus());
    this.all().forEach((row) => this.start(row));
  }

  all() {
    return [...this.rows.querySelectorAll("[data-filter-row]")];
  }

  add() {
    const row = this.all()[0].cloneNode(true);
    row.querySelector('[name="ff"]').value = "";
    this.rows.append(row);
    this.start(row);
    return row;
  }

  start(row) {
    const cross = row.querySelector("[data-unfilter]");
    cross.hidden = false;
    cross.addEventListener("click", () => {
      if (this.all().length === 1) this.add();
      row.remove();
    });
    row.querySelector('[name="ff"]').addEventListener("change", () => this.fit(row));
    row.querySelector('[name="fo"]').addEventListener("change", () => this.fit(row));
    this.fit(row);
  }

  /** Offer the operators of the row's field, and an input that its values can be typed into. */
  fit(row) {
    const choice = this.choices.get(row.querySelector('[name="ff"]').value);
    const operator = row.querySelector('[name="fo"]');
    const wanted = operator.value;
    const offered = this.words.filter(([key]) => !choice || choice.operators.includes(key));
    operator.replaceChildren(...offered.map(([key, words]) => make("option", { value: key }, words)));
    operator.value = offered.some(([key]) => key === wanted) ? wanted : offered[0][0];
    this.value(row, choice, operator.value);
  }

  value(row, choice, operator) {
    const old = row.querySelector('[name="fv"]');
    const alone = !["in", "between"].includes(operator);
    const attributes = { name: "fv", "aria-label": old.getAttribute("aria-label") };
    let made;
    if (alone && choice?.options.length) {
      made = make("select", { class: "form-select", ...attributes }, ...choice.options.map(([value, label]) => make("option", { value }, label)));
    } else {
      const type = alone && choice?.kind === "date" ? "date" : "text";
      made = make("input", { class: "form-control", type, placeholder: alone ? null : say("first | second"), ...attributes });
    }
    made.value = old.value;
    if (made.tagName === "SELECT" && made.selectedIndex < 0) made.selectedIndex = 0;
    made.hidden = ["empty", "notEmpty"].includes(operator);
    row.querySelector("datalist")?.remove();
    old.replaceWith(made, ...(alone && choice?.source ? [suggestions(made, choice.source)] : []));
  }
}

if (form) {
  selection();
  count();
}
const drawer = document.querySelector("[data-filters]");
if (drawer) {
  new Filters(drawer);
  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-open-filters]")) drawer.open = true;
    for (const open of document.querySelectorAll(".fl-drawer[open]")) {
      if (!open.contains(event.target) && !event.target.closest("[data-open-filters]") && event.target.isConnected) open.open = false;
    }
  });
  document.addEventListener("keydown", (event) => {
    const open = event.key === "Escape" && document.querySelector(".fl-drawer[open]");
    if (!open) return;
    open.open = false;
    open.querySelector("summary").focus();
  });
}
