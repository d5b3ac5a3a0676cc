// Real operators on numbers. The twin of form_engine/logic/real_numbers.py.

import { fifteen, plain, rounded } from "./rounding.js";

export const isNumber = (value) => typeof value === "number";
const finite = (x) => (Number.isFinite(x) ? plain(x) : null);
/** To 12 significant digits: mathematics libraries differ in the last ones. */
const significant = (x) => (Number.isFinite(x) ? plain(Number(x.toPrecision(12))) : null);

const rounder = (mode) => (x, digits) => rounded(x, Math.trunc(Math.max(-30, Math.min(digits ?? 0, 30))), mode);

const toStep = (mode) => (x, step = 1) => {
  const size = Math.abs(step ?? 1);
  if (size === 0) return null;
  return finite(fifteen(rounded(fifteen(x / size), 0, mode) * size));
};

function multiplied(base, exponent) {
  let result = 1;
  let factor = base;
  for (let left = Math.abs(exponent); left; left = Math.floor(left / 2)) {
    if (left % 2) result *= factor;
    factor *= factor;
  }
  return exponent < 0 ? 1 / result : result;
}

function power(x, exponent) {
  if (Number.isInteger(exponent) && Math.abs(exponent) <= 1024) return finite(multiplied(x, exponent));
  return significant(x ** exponent);
}

function median(values) {
  const numbers = values.filter(isNumber).sort((a, b) => a - b);
  const middle = Math.floor(numbers.length / 2);
  if (!numbers.length) return null;
  return numbers.length % 2 ? numbers[middle] : finite((numbers[middle - 1] + numbers[middle]) / 2);
}

function logarithm(x, base = Math.E) {
  return x > 0 && base > 0 ? significant(base === Math.E ? Math.log(x) : Math.log(x) / Math.log(base)) : null;
}

const nth = (order) => (values, position) => {
  const numbers = values.filter(isNumber).sort(order);
  return position >= 1 && position <= numbers.length ? numbers[Math.trunc(position) - 1] : null;
};

export const NUMBER_OPERATORS = {
  abs: (x) => Math.abs(x),
  sign: (x) => (x > 0) - (x < 0),
  mod: (x, divisor) => (divisor ? finite(((x % divisor) + divisor) % divisor) : null),
  quotient: (x, divisor) => (divisor && Number.isFinite(x / divisor) ? rounded(x / divisor, 0, "down") : null),
  round: rounder("half"),
  roundUp: rounder("up"),
  roundDown: rounder("down"),
  ceiling: toStep("ceiling"),
  floorTo: toStep("floor"),
  roundTo: toStep("half"),
  power,
  sqrt: (x) => (x >= 0 ? finite(Math.sqrt(x)) : null),
  exp: (x) => significant(Math.exp(x)),
  ln: logarithm,
  log: (x, base) => logarithm(x, base ?? 10),
  median,
  largest: nth((a, b) => b - a),
  smallest: nth((a, b) => a - b),
};
