// if and or ! !! ?? — choosing by truth; map filter some all none reduce merge — going through lists.
// The twin of form_engine/logic/branching.py and looping.py.

import { term } from "./compiler.js";
import { alike, BLANK, filled, join, listOf, OTHER, SWITCH, TEMPORAL, typeOf } from "./types.js";

/** A core tree that is true or false as `one` is. A bare list is avoided: `!` and `!!` would look at its first item. */
export function truthOf(one) {
  if (one.type.kind === "other") return { truth: [one.tree] };
  return one.type.kind === "switch" && one.sure ? one.tree : { if: [one.tree, true, false] };
}

function joined(compiler, call, terms) {
  let type = BLANK;
  for (const one of alike(terms)) {
    type = join(type, one.type);
    if (!type) return compiler.problem(call.pointer).type;
  }
  return type;
}

function choose(compiler, call, scope) {
  if (!compiler.arity(call, 2)) return term(null, OTHER, call.pointer);
  const terms = compiler.terms(call, scope);
  const otherwise = terms.length - (terms.length % 2);
  const isTest = (i) => i < otherwise && i % 2 === 0;
  const results = terms.filter((_, i) => !isTest(i));
  const type = joined(compiler, call, results);
  const parts = terms.map((one, i) => (isTest(i) && one.type.kind === "other" ? truthOf(one) : one.tree));
  return term({ if: parts }, type, call.pointer, { sure: terms.length % 2 === 1 && results.every((one) => one.sure) });
}

function both(compiler, call, scope) {
  if (!compiler.arity(call, 1)) return term(null, OTHER, call.pointer);
  const terms = compiler.terms(call, scope);
  const type = terms.reduce((kind, one) => join(kind, one.type) ?? OTHER, BLANK);
  return term({ [call.name]: terms.map((one) => one.tree) }, type, call.pointer, { sure: terms.every((one) => one.sure) });
}

function negate(compiler, call, scope) {
  if (!compiler.arity(call, 1, 1)) return term(null, OTHER, call.pointer);
  const tree = truthOf(compiler.terms(call, scope)[0]);
  return term(call.name === "!" ? { "!": [tree] } : tree, SWITCH, call.pointer, { sure: true });
}

function coalesce(compiler, call, scope) {
  if (!compiler.arity(call, 1)) return term(null, OTHER, call.pointer);
  const terms = compiler.terms(call, scope);
  const type = joined(compiler, call, terms);
  return term({ "??": terms.map((one) => one.tree) }, type, call.pointer, { sure: terms.some((one) => one.sure) });
}

/** What `var` sees while the elements of `source` are gone through. */
export function elementScope(source, scope) {
  const item = source.type.item ?? OTHER;
  return { kind: "element", names: item.kind === "group" ? item.columns : {}, element: item, path: source.path, outer: scope };
}

export function sourceOf(compiler, call, scope) {
  const source = compiler.term(call.args[0], call.pointers[0], scope);
  const fits = source.type.item || source.type.kind === "other" || source.type.kind === "blank";
  return fits ? source : compiler.problem(call.pointer);
}

function loop(compiler, call, scope) {
  if (!compiler.arity(call, 2, 2)) return term(null, OTHER, call.pointer);
  const source = sourceOf(compiler, call, scope);
  const body = compiler.term(call.args[1], call.pointers[1], elementScope(source, scope));
  const items = filled(source, "list");
  if (call.name === "map") {
    return term({ map: [items, body.tree] }, listOf(body.type), call.pointer, { sure: true });
  }
  const tree = { [call.name]: [items, truthOf(body)] };
  if (call.name !== "filter") return term(tree, SWITCH, call.pointer, { sure: true });
  return term(tree, source.type.item ? source.type : listOf(OTHER), call.pointer, { sure: true, path: source.path });
}

const CARRIED = new Set(["number", "switch", "other", ...TEMPORAL]);

function reduce(compiler, call, scope) {
  if (!compiler.arity(call, 3, 3)) return term(null, OTHER, call.pointer);
  const source = sourceOf(compiler, call, scope);
  const start = compiler.term(call.args[2], call.pointers[2], scope);
  if (!CARRIED.has(start.type.kind)) return compiler.problem(call.pointers[2]);
  const names = { current: source.type.item ?? OTHER, accumulator: start.type };
  const body = compiler.term(call.args[1], call.pointers[1], { kind: "fold", names, element: null, path: source.path, outer: scope });
  if (!join(start.type, body.type)) return compiler.problem(call.pointer);
  const turn = body.tree === null ? { "??": [null, null] } : filled(body, start.type.kind);
  const sure = start.sure && (start.type.kind === "number" || start.type.kind === "switch");
  return term({ reduce: [filled(source, "list"), turn, filled(start, start.type.kind)] }, typeOf(start.type), call.pointer, { sure });
}

function merge(compiler, call, scope) {
  let item = BLANK;
  const parts = [];
  for (const one of compiler.terms(call, scope)) {
    const list = one.type.item || one.type.kind === "other";
    item = join(item, one.type.item ?? one.type);
    if (!item) return compiler.problem(one.pointer);
    parts.push(list ? filled(one, "list") : [one.tree]);
  }
  return term({ mergeLists: parts }, listOf(item), call.pointer, { sure: true });
}

export const BRANCHING = {
  if: choose,
  "?:": choose,
  and: both,
  or: both,
  "!": negate,
  "!!": negate,
  "??": coalesce,
  coalesce,
  map: loop,
  filter: loop,
  some: loop,
  all: loop,
  none: loop,
  reduce,
  merge,
};
