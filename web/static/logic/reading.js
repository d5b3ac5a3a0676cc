// The operators that read: var, val, exists, missing, lookup, and what is passed in beside the record.
// The twin of form_engine/logic/reading.py.

import { climb, depthOf, isKey, isList, step, term } from "./compiler.js";
import { DATE, DATETIME, join, listOf, OTHER, readAs, REFERENCE, SWITCH, TEXT, typeOf } from "./types.js";

function variable(compiler, call, scope) {
  const [name] = call.args;
  if (!compiler.arity(call, 1, 2)) return term(null, OTHER, call.pointer);
  if (!isKey(name)) return compiler.problem(call.pointer);
  const found = read(compiler, partsOf(String(name), scope), call.pointer, call, scope, 0);
  return call.args.length === 2 ? orDefault(compiler, found, call, scope) : found;
}

function partsOf(name, scope) {
  if (!name) return [];
  return Object.hasOwn(scope.names, name) && !name.includes(".") ? [name] : name.split(".");
}

function orDefault(compiler, found, call, scope) {
  const other = readAs(compiler.term(call.args[1], call.pointers[1], scope), found.type.kind);
  const type = join(found.type, other.type);
  if (!type) return compiler.problem(call.pointers[1]);
  return term({ "??": [found.tree, other.tree] }, type, call.pointer, { sure: other.sure });
}

function value(compiler, call, scope) {
  const args = [...call.args];
  let target = scope;
  if (isList(args[0])) {
    target = climbed(scope, args.shift());
    if (!target) return compiler.problem(call.pointers[0]);
  }
  if (!args.every(isKey)) return compiler.problem(call.pointer);
  return read(compiler, args.map(String), call.pointer, call, target, depthOf(scope) - depthOf(target));
}

function climbed(scope, jump) {
  if (jump.length !== 1 || !Number.isInteger(jump[0]) || jump[0] % 2 || jump[0] < 0) return null;
  let found = scope;
  for (let i = 0; i < jump[0] / 2; i += 1) found = found?.outer;
  return found;
}

function read(compiler, path, pointer, call, scope, levels) {
  if (!path.length) {
    if (!scope.element) return compiler.problem(pointer);
    return term(levels ? climb(levels) : { var: "" }, scope.element, call.pointer, { path: scope.path });
  }
  let found = first(scope, path[0], levels);
  for (const key of path.slice(1)) found = found && next(compiler, found, key, scope);
  if (!found) return compiler.problem(pointer);
  if (found.path?.length) compiler.read(found.path);
  return term(tidy(found.tree), found.type, call.pointer, { sure: path.length === 1 && path[0] === "accumulator", path: found.path });
}

function first(scope, key, levels) {
  const tree = climb(levels, key);
  if (Object.hasOwn(scope.names, key)) {
    const fold = scope.kind === "fold";
    const known = scope.path && !(fold && key === "accumulator");
    return { type: typeOf(scope.names[key]), tree, path: known ? [...scope.path, ...(fold && scope.path.length ? [] : [key])] : null };
  }
  return scope.element?.kind === "other" ? { type: OTHER, path: null, tree } : null;
}

function next(compiler, found, key, scope) {
  const { type } = found;
  const path = found.path && [...found.path, key];
  const index = /^\d+$/.test(key);
  if (type.kind === "group" && Object.hasOwn(type.columns, key)) {
    return { type: typeOf(type.columns[key]), path, tree: deeper(found.tree, key) };
  }
  if ((type.kind === "table" || type.kind === "list") && index && type.item) {
    return { type: type.item, path: found.path, tree: deeper(found.tree, Number(key)) };
  }
  if (type.kind === "reference") return lookedUp(compiler, found, key, scope);
  return type.kind === "other" ? { type: OTHER, path: found.path, tree: deeper(found.tree, key) } : null;
}

const deeper = (tree, key) => ({ val: [...tree.val, key] });

/** A single plain name is read by `var`; the accumulator is not, so that the evaluator doesn't take a fold for a sum. */
function tidy(tree) {
  const [key, ...rest] = tree.val;
  const plain = typeof key === "string" && key && !rest.length && !/[./]/.test(key) && key !== "accumulator";
  return plain ? { var: key } : tree;
}

function exists(compiler, call, scope) {
  const found = value(compiler, call, scope);
  return term({ "!==": [found.tree, null] }, SWITCH, call.pointer, { sure: true });
}

function missing(compiler, call, scope, names = call.args, pointers = call.pointers) {
  names.forEach((name, i) => {
    const pointer = pointers[i];
    if (typeof name === "string") variable(compiler, { name: "var", args: [name], pointer, pointers: [pointer] }, scope);
    else compiler.problem(pointer);
  });
  return term({ [call.name]: call.args }, listOf(TEXT), call.pointer, { sure: true });
}

function missingSome(compiler, call, scope) {
  const [least, names] = call.args;
  if (call.args.length !== 2 || !Number.isInteger(least) || !isList(names)) return compiler.problem(call.pointer);
  return missing(compiler, call, scope, names, names.map((_, i) => step(call.pointers[1], i)));
}

function lookup(compiler, call, scope) {
  if (!compiler.arity(call, 2, 2)) return term(null, OTHER, call.pointer);
  const link = compiler.term(call.args[0], call.pointers[0], scope);
  const key = call.args[1];
  if (typeof key !== "string") return compiler.problem(call.pointers[1]);
  if (link.type.kind !== "reference" || !link.path?.length) return compiler.problem(call.pointer);
  const found = lookedUp(compiler, link, key, scope);
  return found ? term(found.tree, found.type, call.pointer) : compiler.problem(call.pointers[1]);
}

function lookedUp(compiler, link, key, scope) {
  const { columns } = link.type;
  const known = Object.keys(columns).length > 0;
  if (!link.path || (known && !Object.hasOwn(columns, key))) return null;
  const dotted = link.path.join(".");
  compiler.read(link.path);
  compiler.lookups.set(`${dotted} ${key}`, [dotted, key]);
  const id = link.tree.val ? tidy(link.tree) : link.tree;
  const tree = compiler.circumstance("lookups", scope, link.path.join("/"), { "??": [id, ""] }, key);
  return { type: known ? typeOf(columns[key]) : OTHER, path: null, tree };
}

const passedIn = (name, type) => (compiler, call, scope) => {
  const nothing = call.args.length === 1 && call.args[0] === null;
  if (!nothing && !compiler.arity(call, 0, 0)) return term(null, OTHER, call.pointer);
  return term(compiler.circumstance(name, scope), type, call.pointer, { sure: name !== "me" });
};

export const READING = {
  var: variable,
  val: value,
  exists,
  missing: (compiler, call, scope) => missing(compiler, call, scope),
  missing_some: missingSome,
  lookup,
  today: passedIn("today", DATE),
  now: passedIn("now", DATETIME),
  me: passedIn("me", REFERENCE),
};
