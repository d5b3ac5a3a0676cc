// Fills in a form as the browser would: {model, steps: [{typed, touched}]} on standard input, what follows from each step on
// standard output. With `repeat`, the last two steps are typed in turn that often, and the times are given, too.

import fs from "node:fs";
import { Graph } from "../../web/static/logic/graph.js";

const { model, steps, repeat = 0 } = JSON.parse(fs.readFileSync(0, "utf8"));
const graph = new Graph(model);

function taken({ typed, touched = [] }) {
  const { values, states, changed, rules } = graph.update(typed, new Set(touched));
  return { values: structuredClone(values), states: Object.fromEntries(states), changed, rules };
}

const outcomes = steps.map(taken);
const times = [];
for (let i = 0; i < repeat; i += 1) {
  const { typed } = steps.at(-1 - (i % 2));
  const began = performance.now();
  graph.update(typed);
  times.push(performance.now() - began);
}
console.log(JSON.stringify({ outcomes, times }));
