// From the inputs of a form to the values of its record, and from values to what people read.

import { locale } from "../words.js";

/** Whether a value is no blank. */
export function filled(value) {
  if (value === null || value === undefined || value === "") return false;
  return typeof value !== "object" || (Array.isArray(value) ? value.length : Object.keys(value).length) > 0;
}

function numberOf(text) {
  const digits = text.normalize("NFKC").replace(/[,\s_%¥$€£]/g, "");
  return digits !== "" && Number.isFinite(Number(digits)) ? Number(digits) : null;
}

/** An option as its input carries it, as the definition has it: a number or a boolean where that is one. */
function optionOf(field, text) {
  return field.options?.find((option) => String(option.value) === text)?.value ?? text;
}

/** The value that the texts of a field's inputs mean; null for a blank and for what can't be read. */
export function valueOf(field, texts) {
  const there = texts.filter((text) => text.trim() !== "");
  const last = there.at(-1) ?? "";
  if (field.several) return there.length ? [...new Set(there)].map((text) => optionOf(field, text)) : null;
  if (last === "") return null;
  switch (field.kind) {
    case "number":
      return numberOf(last);
    case "switch":
      return last === "true";
    case "option":
      return optionOf(field, last);
    case "datetime":
      return Number.isNaN(Date.parse(last)) ? null : new Date(last).toISOString().replace(".000Z", "Z");
    default:
      return last.trim();
  }
}

/** The texts that the inputs called `name` would send now. */
export function textsOf(form, name, inputs = form.querySelectorAll(`[name="${CSS.escape(name)}"]`)) {
  const texts = [];
  for (const input of inputs) {
    if (input.disabled || input.type === "file" || input.type === "submit") continue;
    if ((input.type === "checkbox" || input.type === "radio") && !input.checked) continue;
    if (input.multiple && input.options) texts.push(...[...input.selectedOptions].map((option) => option.value));
    else texts.push(input.value);
  }
  return texts;
}

/** A number written like `zero`, the text that the server writes for 0: with its decimals, and what stands around it. */
function written(number, zero) {
  const [, before, digits, after] = /^([^0-9]*)([0-9.]+)(.*)$/.exec(zero) ?? [null, "", "0", ""];
  const places = digits.split(".")[1]?.length ?? 0;
  const format = new Intl.NumberFormat("en", { minimumFractionDigits: places, maximumFractionDigits: places || 8 });
  return number < 0 ? `-${before}${format.format(-number)}${after}` : `${before}${format.format(number)}${after}`;
}

/** A computed value as people read it; `data` is that of the element it is written to. */
export function shown(field, value, data = {}) {
  if (!filled(value)) return "";
  if (typeof value === "number") return written(value, data.zero ?? "0");
  if (typeof value === "boolean") return (value ? data.on : data.off) ?? String(value);
  if (field.options) return field.options.find((option) => option.value === value)?.label ?? String(value);
  if (field.kind === "date" && /^\d{4}-\d\d-\d\d$/.test(value)) {
    return new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeZone: "UTC" }).format(new Date(`${value}T00:00Z`));
  }
  return String(value);
}
