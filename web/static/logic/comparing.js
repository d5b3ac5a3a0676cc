// == != === !== < <= > >= in between isEmpty notEmpty: what can be compared with what, and as what.
// The twin of form_engine/logic/comparing.py.

import { isList, step, term } from "./compiler.js";
import { NUMBERS } from "./temporal.js";
import { BLANK, filled, OTHER, SWITCH, TEMPORAL, TEXTUAL } from "./types.js";

const MOMENT_LIKE = /^\d{4}-\d\d-\d\d./;

function equality(compiler, call, scope) {
  if (!compiler.arity(call, 2, 2)) return term(null, OTHER, call.pointer);
  const [left, right] = sides(compiler, call, scope);
  const kind = meet(compiler, call, left, right);
  if (!kind) return term(null, SWITCH, call.pointer);
  const tree = equalTree(left, right, kind);
  return term(call.name.startsWith("!") ? { "!": [tree] } : tree, SWITCH, call.pointer, { sure: true });
}

const sides = (compiler, call, scope) => compiler.terms(call, scope).map(side);

/** What is compared: white space alone is a text where texts are joined, and no value here, as in a record. */
function side(one) {
  const spaces = one.literal && typeof one.tree === "string" && !one.tree.trim();
  return spaces ? term(null, BLANK, one.pointer, { literal: true }) : one;
}

function ordering(compiler, call, scope) {
  if (!compiler.arity(call, 2)) return term(null, OTHER, call.pointer);
  const terms = sides(compiler, call, scope);
  const kinds = terms.slice(1).map((right, i) => meet(compiler, call, terms[i], right));
  if (kinds.includes(null)) return term(null, SWITCH, call.pointer);
  const kind = kinds.find((one) => one !== "blank" && one !== "other") ?? "number";
  const values = terms.map((one) => filled(one, kind));
  if (TEMPORAL.has(kind)) return term({ compareTimes: [call.name, kind, ...values] }, SWITCH, call.pointer, { sure: true });
  if (kind !== "number") return compiler.problem(call.pointer);
  return term({ [call.name]: values }, SWITCH, call.pointer, { sure: true });
}

/** The kind as which both are compared; null where they can't be. */
export function meet(compiler, call, left, right) {
  if ([left, right].some((one) => one.type.item || one.type.kind === "group")) return refused(compiler, call.pointer);
  const kinds = new Set([left.type.kind, right.type.kind]);
  const other = kinds.delete("other");
  kinds.delete("blank");
  if (!kinds.size) return other ? "other" : "blank";
  for (const [one, beside] of [[left, right], [right, left]]) {
    if (!/^[<>]/.test(call.name) && !isOption(compiler, one, beside)) return null;
  }
  return kinds.size === 1 ? [...kinds][0] : mixed(compiler, call, left, right);
}

function refused(compiler, pointer) {
  compiler.problem(pointer);
  return null;
}

function isOption(compiler, literal, other) {
  const { options, kind } = other.type;
  if (!options || !literal.literal || other.literal || literal.tree === null || options.includes(literal.tree)) return true;
  if (!((kind === "number" && literal.type.kind === "number") || literal.type.kind === "text")) return true;
  compiler.problem(literal.pointer);
  return false;
}

function mixed(compiler, call, left, right) {
  for (const [one, other] of [[left, right], [right, left]]) {
    if (TEMPORAL.has(one.type.kind) && other.literal && other.type.kind === "text") {
      return NUMBERS[one.type.kind](other.tree) === null ? refused(compiler, call.pointer) : one.type.kind;
    }
  }
  const kinds = [left.type.kind, right.type.kind];
  const fits = kinds.every((kind) => TEXTUAL.has(kind)) && (!kinds.includes("reference") || left.literal || right.literal);
  return fits ? "text" : refused(compiler, call.pointer);
}

export function equalTree(left, right, kind) {
  const blank = left.type.kind === "blank" || right.type.kind === "blank";
  if (kind === "other") return { "===": [filled(left, "scalar"), filled(right, "scalar")] };
  if (TEMPORAL.has(kind)) {
    return blank ? { "===": [left.tree, right.tree] } : { compareTimes: ["==", kind, filled(left, kind), filled(right, kind)] };
  }
  if (!TEXTUAL.has(kind)) return { "===": [filled(left, kind), filled(right, kind)] };
  if (blank) return { "===": [filled(left, "text"), filled(right, "text")] };
  const texts = [asText(left), asText(right)];
  return { "===": isPlain(left) || isPlain(right) ? texts : texts.map(signed) };
}

const asText = (one) => (one.type.kind === "other" ? { as: [one.tree, "text"] } : one.tree);
const isPlain = (one) => one.literal && typeof one.tree === "string" && !MOMENT_LIKE.test(one.tree);
const signed = (tree) => ({ cat: ["=", tree] });

function membership(compiler, call, scope) {
  if (!compiler.arity(call, 2, 2)) return term(null, OTHER, call.pointer);
  if (isList(call.args[1])) return oneOf(compiler, call, scope);
  const [needle, heap] = sides(compiler, call, scope);
  if (heap.type.kind === "other" || heap.type.kind === "blank") {
    return term({ isIn: [filled(needle, "scalar"), filled(heap, "list")] }, SWITCH, call.pointer, { sure: true });
  }
  if (!heap.type.item) return compiler.problem(call.pointer);
  const kind = meet(compiler, call, needle, term(null, heap.type.item, heap.pointer)) ?? "other";
  return term(inList(needle, heap, kind), SWITCH, call.pointer, { sure: true });
}

function inList(needle, heap, kind) {
  const items = filled(heap, "list");
  if (TEMPORAL.has(kind)) return { inTimes: [kind, filled(needle, kind), items] };
  if (kind === "other" || kind === "blank") return { isIn: [filled(needle, "scalar"), items] };
  if (!TEXTUAL.has(kind)) return { in: [filled(needle, kind), items] };
  if (isPlain(needle)) return { in: [needle.tree, items] };
  return { in: [signed(asText(needle)), { map: [items, signed({ var: "" })] }] };
}

function oneOf(compiler, call, scope) {
  const needle = side(compiler.term(call.args[0], call.pointers[0], scope));
  const items = call.args[1].map((item, i) => side(compiler.term(item, step(call.pointers[1], i), scope)));
  const kinds = items.map((item) => meet(compiler, call, needle, item));
  if (kinds.includes(null)) return term(null, SWITCH, call.pointer);
  const kind = kinds.find((one) => one !== "blank" && one !== "other") ?? needle.type.kind;
  const simple = items.every((item) => isPlain(item) || item.type.kind === "number" || item.type.kind === "switch");
  let tree = { in: [TEXTUAL.has(kind) ? asText(needle) : filled(needle, kind), items.map((item) => item.tree)] };
  if (TEMPORAL.has(kind) || !simple) tree = items.length ? { or: items.map((item) => equalTree(needle, item, kind)) } : false;
  return term(tree, SWITCH, call.pointer, { sure: true });
}

function between(compiler, call, scope) {
  if (!compiler.arity(call, 3, 3)) return term(null, OTHER, call.pointer);
  const swap = ([value, low, high]) => [low, value, high];
  return ordering(compiler, { name: "<=", args: swap(call.args), pointer: call.pointer, pointers: swap(call.pointers) }, scope);
}

function emptiness(compiler, call, scope) {
  if (!compiler.arity(call, 1, 1)) return term(null, OTHER, call.pointer);
  const [one] = sides(compiler, call, scope);
  const empty = call.name === "isEmpty";
  const text = TEXTUAL.has(one.type.kind);
  const tree = one.type.item
    ? { if: [one.tree, !empty, empty] }
    : { [empty ? "===" : "!=="]: [filled(one, text ? "text" : "any"), text ? "" : null] };
  return term(tree, SWITCH, call.pointer, { sure: true });
}

export const COMPARING = {
  between,
  isEmpty: emptiness,
  notEmpty: emptiness,
  "==": equality,
  "!=": equality,
  "===": equality,
  "!==": equality,
  "<": ordering,
  "<=": ordering,
  ">": ordering,
  ">=": ordering,
  in: membership,
};
