// The operators that are no macros, by name. The twin of form_engine/logic/real.py.

import { DATE_OPERATORS } from "./dates.js";
import { NUMBER_OPERATORS } from "./numbers.js";
import { NUMBERS } from "./temporal.js";
import { TEXT_OPERATORS } from "./texts.js";

const ORDER = {
  "<": (a, b) => a < b,
  "<=": (a, b) => a <= b,
  ">": (a, b) => a > b,
  ">=": (a, b) => a >= b,
};

/** Whether each value stands in that order to the next. A blank is equal to a blank and in no order. */
function compareTimes(operator, kind, ...values) {
  const numbers = values.map(NUMBERS[kind]);
  if (operator === "==") return numbers[0] === numbers[1];
  return numbers.every((b, i) => i === 0 || (numbers[i - 1] !== null && b !== null && ORDER[operator](numbers[i - 1], b)));
}

function inTimes(kind, value, values) {
  const number = NUMBERS[kind](value);
  return values.some((other) => NUMBERS[kind](other) === number);
}

const isIn = (value, values) => values.some((other) => (other ?? null) === (value ?? null));

const IS = {
  number: (value) => typeof value === "number",
  switch: (value) => typeof value === "boolean",
  list: Array.isArray,
  scalar: (value) => typeof value !== "object",
  any: () => true,
};

/** `value` if it is of that kind, else blank: how a value of which the definition says nothing is read. */
function as(value, kind) {
  return (IS[kind] ?? ((one) => typeof one === "string"))(value) ? value : null;
}

/** Whether a value of which the definition says nothing counts as true. */
export function truth(value) {
  if (value === null || value === undefined || typeof value !== "object") return Boolean(value);
  return (Array.isArray(value) ? value : Object.keys(value)).length > 0;
}

export const REAL = {
  compareTimes,
  inTimes,
  isIn,
  as,
  truth,
  ...NUMBER_OPERATORS,
  ...TEXT_OPERATORS,
  ...DATE_OPERATORS,
};
