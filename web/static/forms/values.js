// From the inputs of a form to the values of its record, and what is computed back to the page.

import { locale } from "../words.js";

/** A pointer's token as JSON Pointers write it. */
export function token(key) {
  return key.replace(/~/g, "~0").replace(/\//g, "~1");
}

/** The value that the input texts of one field mean, by the kind logic gives it; null for a blank or what can't be read. */
export function valueOf(kind, texts) {
  const filled = texts.filter((text) => text.trim() !== "");
  const last = filled[filled.length - 1] ?? "";
  switch (kind) {
    case "number": {
      const digits = last.normalize("NFKC").replace(/[,\s%¥$€£]/g, "");
      return digits !== "" && Number.isFinite(Number(digits)) ? Number(digits) : null;
    }
    case "switch":
      return last === "" ? null : last === "true";
    case "list":
    case "options":
    case "references":
      return filled.length ? [...new Set(filled)] : null;
    case "option":
      return last === "" ? null : last;
    default:
      return last === "" ? null : last.trim();
  }
}

/** The texts that the inputs called `name` would send now. */
export function textsOf(form, name) {
  const texts = [];
  for (const input of form.querySelectorAll(`[name="${CSS.escape(name)}"]`)) {
    if (input.disabled || input.type === "file" || input.type === "submit") continue;
    if ((input.type === "checkbox" || input.type === "radio") && !input.checked) continue;
    if (input.tagName === "SELECT" && input.multiple) texts.push(...[...input.selectedOptions].map((option) => option.value));
    else texts.push(input.value);
  }
  return texts;
}

/** A computed value as people read it, as the field's type writes it on the server. */
export function shown(field, value) {
  if (value === null || value === undefined || value === "") return "";
  const style = field.shown ?? {};
  if (typeof value === "number") {
    const digits = style.digits ?? undefined;
    const number = new Intl.NumberFormat("en", { minimumFractionDigits: style.fixed ? digits : 0, maximumFractionDigits: digits ?? 10 }).format(value);
    return `${style.before ?? ""}${number}${style.after ?? ""}`;
  }
  if (typeof value === "boolean") return style.words?.[value ? 1 : 0] ?? String(value);
  if (field.options) return field.options.find((option) => option.value === value)?.label ?? String(value);
  if (/^\d{4}-\d\d-\d\d$/.test(value)) return new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeZone: "UTC" }).format(new Date(`${value}T00:00Z`));
  return String(value);
}
