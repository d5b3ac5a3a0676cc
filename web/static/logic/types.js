// What kinds of value logic knows. The twin of form_engine/logic/types.py and terms.py, which say why.
// A type is {kind, columns, options, item}; a field as the server sends it is {kind, columns, option_values}.

import { NUMBERS } from "./temporal.js";

const type = (kind, more = {}) => ({ kind, columns: {}, options: null, item: null, ...more });

export const NUMBER = type("number");
export const TEXT = type("text");
export const SWITCH = type("switch");
export const DATE = type("date");
export const DATETIME = type("datetime");
export const REFERENCE = type("reference");
export const OTHER = type("other");
export const BLANK = type("blank");
export const ofKind = type;
export const listOf = (item) => type("list", { item });

export const TEMPORAL = new Set(["date", "time", "datetime", "duration"]);
export const TEXTUAL = new Set(["text", "option", "reference"]);

/** The type of a field, with that of its elements where it holds several. */
export function typeOf(field) {
  const columns = field.columns ?? {};
  const options = field.option_values ?? field.options ?? null;
  switch (field.kind) {
    case "options": return listOf(type("option", { options }));
    case "references": return listOf(type("reference", { columns }));
    case "table": return type("table", { columns, item: type("group", { columns }) });
    case "list": return field;
    case "option":
      return type(options?.length && options.every((one) => typeof one === "number") ? "number" : "option", { columns, options });
    default: return type(field.kind, { columns, options });
  }
}

/** The type of a value that is one or the other; null where nothing could be done with it. */
export function join(left, right) {
  if (left.kind === "blank" || left === right) return right;
  if (right.kind === "blank") return left;
  if (left.kind === "other" || right.kind === "other") return OTHER;
  if (TEXTUAL.has(left.kind) && TEXTUAL.has(right.kind)) return joinedText(left, right);
  if (left.item && right.item) {
    const item = join(left.item, right.item);
    return item && listOf(item);
  }
  return left.kind === right.kind ? left : null;
}

function joinedText(left, right) {
  if (left.kind !== right.kind) return TEXT;
  const options = left.kind === "option" && left.options && right.options ? [...left.options, ...right.options] : null;
  return type(left.kind, { options });
}

/** `one`; a literal that is the ISO text of a `kind` (a date, a time, …) is taken for one. */
export function readAs(one, kind) {
  const is = one.literal && one.type.kind === "text" && TEMPORAL.has(kind) && NUMBERS[kind](one.tree) !== null;
  return is ? { ...one, type: type(kind) } : one;
}

/** `terms`, in which ISO literals beside a date (a time, …) are taken for dates. */
export function alike(terms) {
  const kind = terms.map((one) => one.type.kind).find((one) => TEMPORAL.has(one));
  return kind ? terms.map((one) => readAs(one, kind)) : terms;
}

const BLANKS = { number: 0, switch: false, text: "", option: "", reference: "", list: [] };

/** The tree of `term` as a value of `kind`, with what a blank means there. */
export function filled(term, kind) {
  const known = kind in BLANKS;
  if (term.type.kind === "blank") return known ? BLANKS[kind] : null;
  const tree = term.type.kind === "other" ? { as: [term.tree, kind] } : term.tree;
  if (term.type.kind !== "other" && term.sure) return tree;
  return known ? { "??": [tree, BLANKS[kind]] } : tree;
}
