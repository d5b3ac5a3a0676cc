// Evaluates compiled rules in the browser, as form_engine/logic/engine.py and rules.py do on the server.
// The evaluator is interpreted: neither `eval` nor `new Function`, so that the content security policy stays strict.

import { defaultMethods, LogicEngine } from "../vendor/json-logic-engine.js";
import { REAL, truth } from "./real.js";
import { plain } from "./rounding.js";
import { BUDGET, MAX_TEXT, TooLong, TooMany } from "./texts.js";

export { BUDGET, truth };

/** A rule that has no value over this record: `reason` is `steps` or `length`. */
export class LogicError extends Error {
  constructor(reason, limit) {
    super(reason);
    this.reason = reason;
    this.limit = limit;
  }
}

let left = BUDGET;
const sizes = new WeakMap();

/** How many operations stand in `tree`: what one turn of a loop over it may take. */
function size(tree) {
  if (tree === null || typeof tree !== "object") return 0;
  if (!sizes.has(tree)) {
    const inner = Object.values(tree).reduce((sum, part) => sum + size(part), 0);
    sizes.set(tree, Array.isArray(tree) ? inner : inner + 1);
  }
  return sizes.get(tree);
}

/** A loop over `source`: `each` is given a function that evaluates the body over an element. */
function loop(each) {
  return {
    lazy: true,
    method: ([source, body, start], context, above, engine) => {
      const elements = engine.run(source, context, { above }) ?? [];
      const cost = size(body) + 1;
      const turn = (element) => {
        left -= cost;
        if (left < 0) throw new LogicError("steps", BUDGET);
        return body !== null && typeof body === "object" ? engine.run(body, element, { above: [null, context, above] }) : body;
      };
      return each(elements, turn, start === undefined ? null : engine.run(start, context, { above }), engine);
    },
  };
}

const LOOPS = {
  map: loop((elements, turn) => elements.map((element) => turn(element) ?? null)),
  filter: loop((elements, turn, _, engine) => elements.filter((element) => engine.truthy(turn(element)))),
  some: loop((elements, turn, _, engine) => elements.some((element) => engine.truthy(turn(element)))),
  none: loop((elements, turn, _, engine) => !elements.some((element) => engine.truthy(turn(element)))),
  all: loop((elements, turn, _, engine) => elements.length > 0 && elements.every((element) => engine.truthy(turn(element)))),
  reduce: loop((elements, turn, start) =>
    elements.reduce((accumulator, current) => turn({ accumulator, current }) ?? null, start)),
};

/** A path of keys, from as many loops further out as `[2]`, `[4]`, … says; the library loses its way in a third loop. */
function val([first, ...rest], context, above) {
  let [found, around] = [context, above];
  for (let loops = Array.isArray(first) ? first[0] / 2 : 0; loops > 0; loops -= 1) [, found, around] = around;
  for (const key of Array.isArray(first) ? rest : [first, ...rest]) {
    found = found !== null && typeof found === "object" && Object.hasOwn(found, key) ? found[key] : null;
  }
  return found;
}

/** What 0 divides is blank. */
const PLAIN = {
  val,
  "/": ([number, divisor]) => (divisor ? number / divisor : null),
  "%": ([number, divisor]) => (divisor ? number % divisor : null),
};

function made() {
  const engine = new LogicEngine({ ...defaultMethods });
  for (const [name, method] of Object.entries(LOOPS)) engine.addMethod(name, method);
  for (const [name, operator] of Object.entries(REAL)) engine.addMethod(name, (args) => operator(...args));
  for (const [name, method] of Object.entries(PLAIN)) engine.addMethod(name, method);
  return engine;
}

const engine = made();

const readers = new WeakMap();

/** Whether a tree reads what is passed in beside the record: only then the record is copied to put it there. */
function readsBeside(tree) {
  if (tree === null || typeof tree !== "object") return tree === "$";
  if (!readers.has(tree)) readers.set(tree, Object.values(tree).some(readsBeside));
  return readers.get(tree);
}

function clean(value) {
  if (typeof value === "number") return Number.isFinite(value) ? plain(value) : null;
  return Array.isArray(value) ? value.map(clean) : value ?? null;
}

/**
 * The value of a compiled tree over a record without blanks; null: blank. Throws `LogicError`.
 * `beside` is what the server passes in: `{now, today, zone, me, lookups}`.
 */
export function evaluate(compiled, record, beside = {}) {
  left = BUDGET;
  engine.missesSinceSeen = 0; // Else the library gives up keeping prepared rules once it has seen 500 new ones.
  try {
    return clean(engine.run(compiled, readsBeside(compiled) ? { ...record, $: beside } : record));
  } catch (error) {
    if (error instanceof TooLong) throw new LogicError("length", MAX_TEXT);
    if (error instanceof TooMany) throw new LogicError("steps", BUDGET);
    if (error instanceof LogicError) throw error;
    return null;
  }
}

/** Whether a compiled condition is true of a record. */
export function holds(compiled, record, beside) {
  return truth(evaluate(compiled, record, beside));
}
