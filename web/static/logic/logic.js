// Logic in the browser: the same rules, types and values as form_engine/logic.
// A page that only fills in a form needs `evaluate.js` and `graph.js`: its rules come compiled.

import { BRANCHING } from "./branching.js";
import { forms } from "./calls.js";
import { COMPARING } from "./comparing.js";
import { Compiler, recordScope } from "./compiler.js";
import { READING } from "./reading.js";

export { BUDGET, evaluate, holds, LogicError, truth } from "./evaluate.js";

const MAX_COMPILED = 50000;

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

/** How many values stand in a tree. Parts that stand in several places are looked at once: there may be very many. */
function sizeOf(tree, known = new Map()) {
  if (tree === null || typeof tree !== "object") return 1;
  if (!known.has(tree)) known.set(tree, Object.values(tree).reduce((sum, part) => sum + sizeOf(part, known), 1));
  return known.get(tree);
}

/**
 * The rule that `tree` states over a record of `fields` ({key: {kind, columns, option_values}}).
 * `table` is the content of operators.json. Throws `DefinitionError`.
 */
export function compile(tree, fields, table) {
  const compiler = new Compiler(operatorsOf(table));
  const found = compiler.term(tree, "", recordScope(fields));
  if (!compiler.problems.length && sizeOf(found.tree) > MAX_COMPILED) compiler.problem("");
  if (compiler.problems.length) throw new DefinitionError(compiler.problems);
  return {
    compiled: found.tree,
    kind: found.type.kind,
    reads: [...compiler.reads].sort(),
    lookups: [...compiler.lookups.values()].sort(),
    dynamic: compiler.circumstances.has("today") || compiler.circumstances.has("now"),
  };
}
