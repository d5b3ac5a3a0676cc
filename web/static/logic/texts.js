// Real operators on texts and lists. The twin of form_engine/logic/real_texts.py; a character is a code point.

import { isNumber } from "./numbers.js";
import { numberText, rounded } from "./rounding.js";

export const MAX_TEXT = 100000;

/** Operations that one evaluation may take. */
export const BUDGET = 100000;

/** A list would have more than `BUDGET` entries. */
export class TooMany extends Error {}

/** A text would be longer than `MAX_TEXT` characters. */
export class TooLong extends Error {}

const BLANKS = "\\t\\n\\v\\f\\r \\u00a0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000\\ufeff";
const EDGES = new RegExp(`^[${BLANKS}]+|[${BLANKS}]+$`, "g");
const RUNS = new RegExp(`[${BLANKS}]+`, "g");
const NUMBER = /^[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,3})?$/;
const points = (text) => Array.from(text);

function limited(text) {
  if (text.length > MAX_TEXT && points(text).length > MAX_TEXT) throw new TooLong();
  return text;
}

/** One list of several; an entry is an operation, so that fields cannot double each other endlessly. */
function mergeLists(...lists) {
  if (lists.reduce((sum, list) => sum + list.length, 0) > BUDGET) throw new TooMany();
  return lists.flat();
}

export function text(value) {
  if (isNumber(value)) return numberText(value);
  if (value === null || value === undefined) return "";
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

function fixed(number, digits) {
  const places = digits === null || digits === undefined ? 2 : Math.max(0, Math.min(Math.trunc(digits), 15));
  const [whole, rest = ""] = numberText(rounded(number, places)).split(".");
  return whole.replace(/(?<=\d)(?=(\d{3})+$)/g, ",") + (places ? `.${rest.padEnd(places, "0")}` : "");
}

function value(written) {
  const cleaned = trim(written).replaceAll(",", "");
  const percent = cleaned.endsWith("%");
  const digits = percent ? cleaned.replace(/%+$/, "") : cleaned;
  const number = NUMBER.test(digits) ? Number(digits) / (percent ? 100 : 1) : Infinity;
  return Number.isFinite(number) ? number : null;
}

export function trim(written) {
  return written.replace(EDGES, "").replace(RUNS, " ");
}

function proper(written) {
  return written.replace(/\p{L}+/gu, (word) => {
    const [first, ...rest] = points(word);
    return first.toUpperCase() + rest.join("").toLowerCase();
  });
}

const countOf = (count) => (count === null || count === undefined ? 1 : Math.max(0, Math.min(Math.trunc(count), MAX_TEXT)));
const startOf = (start) => Math.max(Math.trunc(start), 1) - 1;

function right(written, count) {
  const wanted = countOf(count);
  return wanted ? points(written).slice(-wanted).join("") : "";
}

function substring(written, start, count) {
  const all = points(written);
  const from = Math.trunc(start);
  const rest = all.slice(start >= 0 ? from : Math.max(0, all.length + from));
  if (count === null || count === undefined) return rest.join("");
  return rest.slice(0, count >= 0 ? Math.trunc(count) : Math.max(0, rest.length + Math.trunc(count))).join("");
}

function find(part, written, start) {
  const from = Math.max(0, Math.trunc(start || 1) - 1);
  const all = points(written);
  if (from > all.length) return null;
  const rest = all.slice(from).join("");
  const found = rest.indexOf(part);
  return found < 0 ? null : from + points(rest.slice(0, found)).length + 1;
}

function replace(written, start, count, added) {
  const all = points(written);
  const first = startOf(start);
  return limited(all.slice(0, first).join("") + added + all.slice(first + Math.max(0, Math.trunc(count))).join(""));
}

function repeat(written, count) {
  const times = Math.max(0, Math.trunc(count));
  if (points(written).length * times > MAX_TEXT) throw new TooLong();
  return written.repeat(times);
}

function pad(written, length, filler) {
  const missing = Math.min(Math.trunc(length), MAX_TEXT) - points(written).length;
  return missing > 0 ? points(filler || "0")[0].repeat(missing) + written : written;
}

function join(values, separator) {
  const parts = values.filter((one) => one !== null && one !== undefined && one !== "").map(text);
  return limited(parts.join(separator ?? ", "));
}

function split(written, separator) {
  const parts = separator ? written.split(separator) : [written];
  return parts.map((part) => part.replace(EDGES, "")).filter(Boolean);
}

function canonical(one) {
  if (Array.isArray(one)) return `[${one.map(canonical).join()}]`;
  if (one === null || typeof one !== "object") return JSON.stringify(one);
  return `{${Object.keys(one).sort().map((key) => `${JSON.stringify(key)}:${canonical(one[key])}`).join()}}`;
}

function unique(values) {
  const found = new Map();
  for (const one of values) {
    if (one === null || one === undefined) continue;
    const key = canonical(one);
    if (!found.has(key)) found.set(key, one);
  }
  return [...found.values()];
}

/** The order of code points, which is not that of UTF-16. */
function byPoints(a, b) {
  const left = points(a);
  const other = points(b);
  for (let i = 0; i < left.length && i < other.length; i += 1) {
    const difference = left[i].codePointAt(0) - other[i].codePointAt(0);
    if (difference) return difference;
  }
  return left.length - other.length;
}

function sort(values, direction) {
  const numbers = values.filter(isNumber).sort((a, b) => a - b);
  const texts = values.filter((one) => typeof one === "string").sort(byPoints);
  const sorted = [...numbers, ...texts];
  return direction === "descending" ? sorted.reverse() : sorted;
}

function item(values, position) {
  const at = Math.trunc(position);
  if (at === 0 || Math.abs(at) > values.length) return null;
  return values.at(at > 0 ? at - 1 : at) ?? null;
}

export const TEXT_OPERATORS = {
  text,
  fixed,
  value,
  trim,
  upper: (written) => written.toUpperCase(),
  lower: (written) => written.toLowerCase(),
  proper,
  length: (written) => points(written).length,
  left: (written, count) => points(written).slice(0, countOf(count)).join(""),
  right,
  middle: (written, start, count) => points(written).slice(startOf(start), startOf(start) + countOf(count)).join(""),
  concat: (...parts) => limited(parts.map(text).join("")),
  substring,
  find,
  contains: (written, part) => written.includes(part),
  startsWith: (written, part) => written.startsWith(part),
  endsWith: (written, part) => written.endsWith(part),
  substitute: (written, old, added) => (old ? limited(written.replaceAll(old, () => added)) : written),
  replace,
  repeat,
  pad,
  join,
  split,
  mergeLists,
  unique,
  sort,
  item,
  slice: (values, start, count) => values.slice(startOf(start), startOf(start) + Math.max(0, Math.trunc(count))),
  reverse: (values) => [...values].reverse(),
};
