// Where in a JSON text each JSON Pointer stands: the browser's half of web/json_lines.py, held to the same vectors.
// The text is being typed and may be broken: what could be read before the break is located, and so is the break.

const SPACE = /[ \t\r\n]*/y;
// eslint-disable-next-line no-control-regex
const STRING = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9A-Fa-f]{4}))*"/y;
const SCALAR = /true|false|null|-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y;
const DEPTH = 200;

class Broken extends Error {
  constructor(at) {
    super("not JSON");
    this.at = at;
  }
}

class Scanner {
  constructor(text) {
    this.text = text;
    this.at = 0;
    this.values = new Map();
    this.starts = [0];
    for (let next = text.indexOf("\n"); next >= 0; next = text.indexOf("\n", next + 1)) this.starts.push(next + 1);
  }

  place(start, end) {
    let low = 0;
    let high = this.starts.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.starts[middle] <= start) low = middle + 1;
      else high = middle;
    }
    return { line: low, start, end };
  }

  take(pattern) {
    pattern.lastIndex = this.at;
    const match = pattern.exec(this.text);
    if (!match || (match[0] === "" && pattern !== SPACE)) throw new Broken(this.at);
    this.at = pattern.lastIndex;
    return match[0];
  }

  comes(character) {
    this.take(SPACE);
    if (this.text[this.at] !== character) return false;
    this.at += 1;
    return true;
  }

  expect(character) {
    if (!this.comes(character)) throw new Broken(this.at);
  }

  // In an object a value's place begins at its key, because that is where a reader looks for it.
  value(pointer, depth, namedAt) {
    if (depth > DEPTH) throw new Broken(this.at);
    this.take(SPACE);
    const start = namedAt ?? this.at;
    this.values.set(pointer, this.place(start, start));
    if (this.comes("{")) this.members(pointer, depth);
    else if (this.comes("[")) this.items(pointer, depth);
    else this.take(this.text[this.at] === '"' ? STRING : SCALAR);
    this.values.set(pointer, this.place(start, this.at));
  }

  members(pointer, depth) {
    if (this.comes("}")) return;
    for (;;) {
      this.take(SPACE);
      const namedAt = this.at;
      const key = JSON.parse(this.take(STRING));
      this.expect(":");
      this.value(`${pointer}/${escapeKey(key)}`, depth + 1, namedAt);
      if (this.comes("}")) return;
      this.expect(",");
    }
  }

  items(pointer, depth) {
    if (this.comes("]")) return;
    for (let index = 0; ; index += 1) {
      this.value(`${pointer}/${index}`, depth + 1);
      if (this.comes("]")) return;
      this.expect(",");
    }
  }
}

/** A key as one reference token of a JSON Pointer (RFC 6901, section 3). */
export function escapeKey(key) {
  return key.replaceAll("~", "~0").replaceAll("/", "~1");
}

/**
 * The place of each value of a JSON text, as far as the text is JSON.
 * @param {string} text
 * @returns {{values: Map<string, {line: number, start: number, end: number}>, broken: ?{line: number, start: number, end: number}}}
 */
export function locate(text) {
  const scanner = new Scanner(text);
  try {
    scanner.value("", 0);
    scanner.take(SPACE);
    if (scanner.at < text.length) throw new Broken(scanner.at);
  } catch (error) {
    if (!(error instanceof Broken)) throw error;
    return { values: scanner.values, broken: scanner.place(error.at, Math.min(error.at + 1, text.length)) };
  }
  return { values: scanner.values, broken: null };
}

/** The place of a pointer, or of the nearest thing around it when it names what is not there (a missing key). */
export function placeOf(places, pointer) {
  let here = pointer;
  while (here && !places.values.has(here)) here = here.slice(0, here.lastIndexOf("/"));
  return places.values.get(here) ?? { line: 1, start: 0, end: 0 };
}
