// Answers cases of logic as the browser would: JSON on standard input, JSON on standard output.
// {"raw": [{rule, data}]} asks the evaluator as it comes; {"rules": [{tree, record}]} our profile of it, over `fields` and
// with `beside` (a case may have its own).

import fs from "node:fs";
import { LogicEngine } from "../../web/static/vendor/json-logic-engine.js";
import { compile, DefinitionError, evaluate } from "../../web/static/logic/logic.js";
import { rounded } from "../../web/static/logic/rounding.js";

const table = JSON.parse(fs.readFileSync(new URL("../../form_engine/logic/operators.json", import.meta.url)));
const asked = JSON.parse(fs.readFileSync(0, "utf8"));

function raw({ rule, data }) {
  try {
    const value = new LogicEngine().run(rule, data);
    return { value: value === undefined ? null : value };
  } catch (error) {
    return { error: String(error?.type ?? error) };
  }
}

function compiled({ tree, record, fields = asked.fields, beside = asked.beside }) {
  try {
    const rule = compile(tree, fields, table);
    return { ...rule, ...outcome(rule.compiled, record, beside) };
  } catch (error) {
    if (error instanceof DefinitionError) return { problems: error.pointers };
    throw error;
  }
}

function outcome(tree, record, beside) {
  try {
    return { value: evaluate(tree, record, beside) };
  } catch (error) {
    return { error: error.reason };
  }
}

console.log(JSON.stringify({
  raw: asked.raw?.map(raw),
  rules: asked.rules?.map(compiled),
  rounded: asked.rounded?.map(([x, digits]) => rounded(x, digits)),
}));
