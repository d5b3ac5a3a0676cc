// Turns a tree of JSON Logic into core JSON Logic, as form_engine/logic/compiler.py does and for its reasons.
// It says where a tree is wrong, not why: the server says that in words.

import { BLANK, join, listOf, NUMBER, OTHER, SWITCH, TEXT } from "./types.js";

const MAX_DEPTH = 120;
const MAX_NODES = 5000;

export const step = (pointer, part) => `${pointer}/${String(part).replaceAll("~", "~0").replaceAll("/", "~1")}`;
export const term = (tree, type, pointer, more = {}) => ({ tree, type, pointer, sure: false, literal: false, path: null, ...more });
export const isList = Array.isArray;
export const isKey = (value) => typeof value === "string" || Number.isInteger(value);

/** The scope of a record: `names` are its fields. */
export const recordScope = (fields) => ({ kind: "record", names: fields, element: null, path: [], outer: null });
export const depthOf = (scope) => (scope.outer ? depthOf(scope.outer) + 1 : 0);
/** The core tree that reads `path` from as many loops above as `levels` says. */
export const climb = (levels, ...path) => ({ val: levels ? [[2 * levels], ...path] : path });

/** What is learnt about one tree while it is walked. `operators`: how each is compiled. */
export class Compiler {
  constructor(operators) {
    this.operators = operators;
    this.problems = [];
    this.reads = new Set();
    this.lookups = new Map();
    this.circumstances = new Set();
    this.nodes = 0;
  }

  /** Note that what stands at `pointer` is wrong; gives a term that nothing further is said about. */
  problem(pointer) {
    this.problems.push(pointer);
    return term(null, OTHER, pointer);
  }

  term(tree, pointer, scope) {
    this.nodes += 1;
    if (pointer.split("/").length - 1 > MAX_DEPTH || this.nodes > MAX_NODES) return this.tooLarge(pointer);
    if (isList(tree)) return this.list(tree.map((item, i) => this.term(item, step(pointer, i), scope)), pointer);
    if (tree !== null && typeof tree === "object") return this.operation(tree, pointer, scope);
    return literal(tree, pointer);
  }

  tooLarge(pointer) {
    if (this.large) return term(null, OTHER, pointer);
    this.large = true;
    return this.problem(pointer);
  }

  operation(tree, pointer, scope) {
    const keys = Object.keys(tree);
    if (keys.length !== 1) return this.problem(pointer);
    const [name] = keys;
    const given = tree[name];
    const at = step(pointer, name);
    if (!Object.hasOwn(this.operators, name)) return this.problem(at);
    const args = isList(given) ? given : [given];
    const pointers = isList(given) ? given.map((_, i) => step(at, i)) : [at];
    return this.operators[name](this, { name, args, pointer: at, pointers }, scope);
  }

  list(terms, pointer) {
    let item = BLANK;
    for (const one of terms) {
      item = join(item, one.type);
      if (!item) return this.problem(one.pointer);
    }
    return term(terms.map((one) => one.tree), listOf(item), pointer, { sure: true, literal: terms.every((one) => one.literal) });
  }

  terms(call, scope) {
    return call.args.map((arg, i) => this.term(arg, call.pointers[i], scope));
  }

  /** Whether `call` has a right number of arguments. */
  arity(call, least, most = Infinity) {
    if (call.args.length >= least && call.args.length <= most) return true;
    this.problem(call.pointer);
    return false;
  }

  read(path) {
    path.forEach((_, end) => this.reads.add(path.slice(0, end + 1).join(".")));
  }

  /** The core tree that reads what is passed in beside the record, from any depth of loops. */
  circumstance(name, scope, ...rest) {
    this.circumstances.add(name);
    return climb(depthOf(scope), "$", name, ...rest);
  }
}

function literal(value, pointer) {
  const kinds = { boolean: SWITCH, number: NUMBER, string: TEXT };
  const blank = value === null || value === undefined || value === "";
  return blank
    ? term(null, BLANK, pointer, { literal: true })
    : term(value, kinds[typeof value], pointer, { sure: true, literal: true });
}
