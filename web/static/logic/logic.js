// Logic in the browser: the same rules, types and values as form_engine/logic.
// A page that only fills in a form needs `evaluate.js` and `graph.js`: its rules come compiled.

import { BRANCHING } from "./branching.js";
import { forms } from "./calls.js";
import { COMPARING } from "./comparing.js";
import { Compiler, recordScope } from "./compiler.js";
import { READING } from "./reading.js";

export { BUDGET, evaluate, holds, LogicError, truth } from "./evaluate.js";

const MAX_COMPILED = 50000;
const MAX_COMPILED_DEPTH = 200;

/** A tree that can't be used; `pointers` says where it is wrong. */
export class DefinitionError extends Error {
  constructor(pointers) {
    super(pointers.join(", "));
    this.pointers = pointers;
  }
}

const known = new WeakMap();

function operatorsOf(table) {
  if (!known.has(table)) known.set(table, { ...forms(table), ...READING, ...COMPARING, ...BRANCHING });
  return known.get(table);
}

/** [how many values stand in a tree, how deep]. Parts that stand in several places, maybe very many, are looked at once. */
function measured(tree, known = new Map()) {
  if (tree === null || typeof tree !== "object") return [1, 1];
  if (!known.has(tree)) {
    const inner = Object.values(tree).map((part) => measured(part, known));
    known.set(tree, [inner.reduce((sum, [size]) => sum + size, 1), 1 + Math.max(0, ...inner.map(([, depth]) => depth))]);
  }
  return known.get(tree);
}

function fits(tree) {
  const [size, depth] = measured(tree);
  return size <= MAX_COMPILED && depth <= MAX_COMPILED_DEPTH;
}

/**
 * The rule that `tree` states over a record of `fields` ({key: {kind, columns, option_values}}).
 * `table` is the content of operators.json. Throws `DefinitionError`.
 */
export function compile(tree, fields, table) {
  const compiler = new Compiler(operatorsOf(table));
  const found = compiler.term(tree, "", recordScope(fields));
  if (!compiler.problems.length && !fits(found.tree)) compiler.problem("");
  if (compiler.problems.length) throw new DefinitionError(compiler.problems);
  return {
    compiled: found.tree,
    kind: found.type.kind,
    reads: [...compiler.reads].sort(),
    lookups: [...compiler.lookups.values()].sort(),
    dynamic: compiler.circumstances.has("today") || compiler.circumstances.has("now"),
  };
}
