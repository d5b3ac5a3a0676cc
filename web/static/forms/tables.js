// Sub-tables: rows added and removed without a reload, moved through with the keyboard, pasted from a spreadsheet.

import { say } from "../words.js";

const INPUT = "input:not([type=hidden]), select, textarea";

/** Number the rows of a table anew, so that names, ids and spoken labels follow their place. */
function renumber(table) {
  table.querySelectorAll(":scope > table > tbody > tr").forEach((row, index) => {
    const was = row.dataset.row;
    const now = `${table.dataset.table}/${index}`;
    if (was !== now) rename(row, was, now, index);
  });
}

function rename(row, was, now, index) {
  const idWas = htmlId(was);
  const idNow = htmlId(now);
  const number = String(index + 1);
  row.dataset.row = now;
  for (const element of row.querySelectorAll("*")) {
    for (const attribute of [...element.attributes]) {
      let value = attribute.value;
      if (["name", "data-field", "data-picker-name", "data-name", "value", "data-upload"].includes(attribute.name)) {
        value = attribute.name === "value" && element.name !== ":do" && element.name !== ":on" ? value : value.replace(was, now);
      } else if (["id", "for", "aria-controls", "aria-describedby", "aria-labelledby"].includes(attribute.name)) {
        value = value.replaceAll(idWas, idNow);
      } else if (attribute.name === "aria-label") {
        value = value.replace(/\{number\}|\d+(?=\D*$)/, number);
      }
      if (value !== attribute.value) element.setAttribute(attribute.name, value);
    }
  }
}

/** The HTML id of the input called `name`, as web/drawing.py makes it. */
export function htmlId(name) {
  return `f-${name.replace(/[^A-Za-z0-9_{}]/g, (found) => (found === "/" ? "-" : `-${found.codePointAt(0).toString(16)}-`))}`;
}

function rows(table) {
  return [...table.querySelectorAll(":scope > table > tbody > tr")];
}

/** Add an empty row at the end; the row. Null where the rows stay as they are. */
export function addRow(table) {
  const blank = table.querySelector(":scope > template[data-blank]");
  if (!blank) return null;
  const made = blank.content.firstElementChild.cloneNode(true);
  table.querySelector(":scope > table > tbody").append(made);
  renumber(table);
  made.dispatchEvent(new CustomEvent("fl:added", { bubbles: true }));
  return made;
}

function changed(table) {
  table.dispatchEvent(new Event("input", { bubbles: true }));
}

function removeRow(table, row) {
  const all = rows(table);
  const next = all[all.indexOf(row) + 1] ?? all[all.indexOf(row) - 1];
  row.remove();
  const target = next ?? addRow(table);
  renumber(table);
  (target.querySelector("[data-remove]") ?? target.querySelector(INPUT))?.focus();
  changed(table);
}

function inputs(row) {
  return [...row.querySelectorAll(":scope > td")].map((cell) => cell.querySelector(INPUT));
}

/** Put one pasted text into an input of whatever kind. */
function fill(input, text) {
  if (!input || input.readOnly) return;
  const value = input.tagName === "TEXTAREA" ? text.trim() : text.trim().replace(/\s*\n\s*/g, " ");
  if (input.type === "checkbox") input.checked = /^(true|1|yes|y|x|是|✓|√)$/i.test(value);
  else if (input.tagName === "SELECT") {
    const option = [...input.options].find((each) => each.value === value || each.text.trim() === value);
    if (option) input.value = option.value;
  } else if (input.type === "date") input.value = isoDate(value);
  else if (input.type !== "file") input.value = value;
  input.dispatchEvent(new Event("change", { bubbles: true }));
}

function isoDate(text) {
  const found = /^(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?$/.exec(text);
  return found ? `${found[1]}-${found[2].padStart(2, "0")}-${found[3].padStart(2, "0")}` : text;
}

/** A spreadsheet's clipboard as cells: tabs between cells, line breaks between rows, quotes around cells that hold either. */
export function cellsOf(text) {
  const grid = [[""]];
  let quoted = false;
  const source = text.replace(/\r\n?/g, "\n").replace(/\n$/, "");
  for (let at = 0; at < source.length; at += 1) {
    const char = source[at];
    const row = grid[grid.length - 1];
    const last = row.length - 1;
    if (quoted && char === '"' && source[at + 1] === '"') {
      row[last] += '"';
      at += 1;
    } else if (char === '"' && (quoted || row[last] === "")) quoted = !quoted;
    else if (!quoted && char === "\t") row.push("");
    else if (!quoted && char === "\n") grid.push([""]);
    else row[last] += char;
  }
  return grid;
}

function paste(table, event) {
  const grid = cellsOf(event.clipboardData.getData("text/plain"));
  if (grid.length === 1 && grid[0].length === 1) return;
  event.preventDefault();
  const row = event.target.closest("tr[data-row]");
  const first = rows(table).indexOf(row);
  const column = inputs(row).indexOf(event.target);
  grid.forEach((cells, down) => {
    const target = rows(table)[first + down] ?? addRow(table);
    if (target) cells.forEach((cell, across) => fill(inputs(target)[column + across], cell));
  });
  changed(table);
  const status = table.querySelector("[data-status]");
  if (status) status.textContent = say("{count} rows pasted.", { count: grid.length });
}

function move(table, event) {
  const row = event.target.closest("tr[data-row]");
  if (!row || event.isComposing) return;
  const all = rows(table);
  const column = inputs(row).indexOf(event.target);
  const down = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (down && event.target.matches("input:not([type=date]):not([role=combobox]):not([type=number])")) {
    inputs(all[all.indexOf(row) + down] ?? row)[column]?.focus();
  } else if (event.key === "Enter" && event.target.matches("input") && !event.metaKey && !event.ctrlKey) {
    event.preventDefault();
    const next = all[all.indexOf(row) + 1] ?? addRow(table);
    if (next) inputs(next)[column]?.focus();
  } else if (event.key === "Delete" && event.shiftKey && (event.metaKey || event.ctrlKey) && row.querySelector("[data-remove]")) {
    event.preventDefault();
    removeRow(table, row);
  }
}

/** Let the tables of a form be worked with. */
export function start(form) {
  form.addEventListener("click", (event) => {
    const add = event.target.closest("[data-add]");
    const remove = event.target.closest("[data-remove]");
    if (!add && !remove) return;
    event.preventDefault();
    const table = event.target.closest("[data-table]");
    if (add) {
      addRow(table).querySelector(INPUT)?.focus();
      changed(table);
    } else removeRow(table, remove.closest("tr"));
  });
  form.addEventListener("paste", (event) => {
    const table = event.target.closest("[data-table]");
    if (table && event.target.matches(INPUT)) paste(table, event);
  });
  form.addEventListener("keydown", (event) => {
    const table = event.target.closest?.("[data-table]");
    if (table) move(table, event);
  });
}
