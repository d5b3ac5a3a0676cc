// Rounding as spreadsheets do it: half away from zero, on the number's text of 15 significant digits.
// The twin of form_engine/logic/rounding.py; tests/vectors/logic holds both to one answer.

/** `x` as people see it: sign, digits and the place of the decimal point (0.d1d2… × 10^point), 15 significant digits. */
function written(x) {
  const [mantissa, exponent] = Math.abs(x).toExponential(14).split("e");
  return { negative: x < 0, digits: mantissa.replace(".", ""), point: Number(exponent) + 1 };
}

/** Whether the part of a number that is cut off moves it away from zero. */
function movesAway(mode, negative, rest) {
  const something = /[1-9]/.test(rest);
  switch (mode) {
    case "half": return rest !== "" && rest[0] >= "5";
    case "up": return something;
    case "down": return false;
    case "ceiling": return something && !negative;
    default: return something && negative;
  }
}

function plusOne(digits) {
  return (BigInt(digits || "0") + 1n).toString();
}

/** `x` with `places` decimals (negative: tens, hundreds, …). Modes: half, up, down, ceiling, floor. */
export function rounded(x, places, mode = "half") {
  if (x === 0) return 0;
  const { negative, digits, point } = written(x);
  if (places > 15 || point - 1 + places > 24) return plain(Number(x.toPrecision(15)));
  const kept = point + places;
  const head = kept > 0 ? digits.slice(0, kept).padEnd(kept, "0") : "0";
  const rest = kept >= 0 ? digits.slice(kept) : "0".repeat(-kept) + digits;
  const whole = movesAway(mode, negative, rest) ? plusOne(head) : head;
  return plain(Number(`${negative ? "-" : ""}${whole}e${-places}`));
}

/** Never −0. */
export function plain(x) {
  return x + 0 === 0 ? 0 : x;
}

/** `x` in at most 15 significant digits, without exponent. */
export function numberText(x) {
  if (x === 0) return "0";
  const { negative, digits, point } = written(x);
  const whole = point > 0 ? digits.slice(0, point).padEnd(point, "0") : "0";
  const rest = (point > 0 ? digits.slice(point) : "0".repeat(-point) + digits).replace(/0+$/, "");
  return (negative ? "-" : "") + whole + (rest ? `.${rest}` : "");
}

/** `x` as a number of 15 significant digits. */
export function fifteen(x) {
  return Number(x.toPrecision(15));
}
