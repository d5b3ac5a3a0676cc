// The list of what is wrong with a definition: each problem leads to its line.

import { icon, make } from "../dom.js";
import { say } from "../words.js";
import { locate, placeOf } from "./json-lines.js";

const SIGNS = { error: "alert-circle", warning: "alert-triangle", note: "info-circle" };
const ORDER = { error: 0, warning: 1, note: 2 };

/** The problems with where they stand in `text`; a text that is no JSON has one problem, at the break. */
export function placed(text, problems) {
  const places = locate(text);
  if (places.broken) {
    return [{ severity: "error", message: say("From here on this is no JSON."), ...places.broken }];
  }
  const found = problems.map((problem) => ({ ...problem, ...placeOf(places, problem.pointer ?? "") }));
  return found.sort((one, other) => ORDER[one.severity] - ORDER[other.severity] || one.start - other.start);
}

function line(problem, go) {
  const button = make("button", { type: "button", class: `fl-problem fl-problem--${problem.severity}` },
    icon(SIGNS[problem.severity], "sm"),
    make("span", { class: "fl-grow" }, problem.step ? say("{step}: {message}", problem) : problem.message),
    make("span", { class: "fl-problem__line" }, say("line {line}", { line: problem.line })));
  button.addEventListener("click", () => go(problem));
  return make("li", {}, button);
}

/** Draw the list, and say in one sentence how many there are. */
export function show(list, summary, problems, go) {
  list.replaceChildren(...problems.map((problem) => line(problem, go)));
  const errors = problems.filter((problem) => problem.severity === "error").length;
  const others = problems.length - errors;
  const parts = [];
  if (errors) parts.push(errors === 1 ? say("1 error") : say("{count} errors", { count: errors }));
  if (others) parts.push(others === 1 ? say("1 hint") : say("{count} hints", { count: others }));
  summary.textContent = parts.join(say(", ")) || say("No problems");
  summary.className = `fl-small ${errors ? "fl-bad" : others ? "fl-warn" : "fl-good"}`;
}
