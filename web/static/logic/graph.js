// What follows from what is typed: values, and whether each field is shown, required, read-only. Only what depends on a
// change is worked out again, once, in the order that the server found. The twin of form_engine/working.py and states.py.
//
//   const graph = new Graph(model, { creating: true });      // model: form_engine.browser.browser_model
//   const outcome = graph.update(typed, touched);            // after each change; `changed` lists the places that differ
//
// A place is "amount" or "items/0/price". Rules marked `ask` read what this page may not see: their places are listed in
// `asks`, and the server's answer is handed in with `tell`.

import { evaluate, LogicError, truth } from "./evaluate.js";
import { fifteen, plain, rounded } from "./rounding.js";

const DECIDING = ["visibleWhen", "compute", "default"];
const STATING = ["requiredWhen", "readOnlyWhen"];
/** White space as the server knows it: a byte-order mark is none. */
const SPACE = /^[\t-\r\x1c-\x20\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]*$/u;
const isBlank = (value) => value === null || value === undefined || (typeof value === "string" && SPACE.test(value))
  || (typeof value === "object" && !(Array.isArray(value) ? value : Object.keys(value)).length);
const same = (a, b) => a === b || (typeof a === "object" && typeof b === "object" && JSON.stringify(a) === JSON.stringify(b));
const rowsOf = (value) => (Array.isArray(value) ? value : value === undefined ? [] : [value]);
const copy = (value) => (value !== null && typeof value === "object" ? structuredClone(value) : value);

/** Every field, as {path, keys, field}, columns behind their table. */
function* every(fields, keys = []) {
  for (const [key, field] of Object.entries(fields)) {
    const path = [...keys, key];
    yield { path: path.join("."), keys: path, field };
    if (field.columns) yield* every(field.columns, path);
  }
}

export class Graph {
  constructor(model, { creating = true } = {}) {
    this.model = model;
    this.creating = creating;
    this.beside = { now: model.now, today: model.today, zone: model.zone, me: model.member, lookups: {} };
    this.nodes = new Map();
    for (const node of every(model.fields)) this.nodes.set(node.path, node);
    const rank = new Map(model.order.map((path, i) => [path, i]));
    this.order = [...this.nodes.values()].sort((a, b) => (rank.get(a.path) ?? 0) - (rank.get(b.path) ?? 0));
    for (const node of this.order) node.reads = this.readsOf(node);
    this.rules = model.rules.map((rule) => ({ ...rule, reads: this.resolve(rule.when.reads, []) }));
    this.typed = {};
    this.touched = new Set();
    this.values = {};
    this.states = new Map();
    this.answers = new Map();
    this.fired = new Map();
    this.started = false;
  }

  readsOf({ keys, field }) {
    const rules = [...DECIDING, ...STATING].map((word) => field[word]).filter(Boolean);
    const options = (field.options ?? []).map((option) => option.when).filter(Boolean);
    const reads = [...rules, ...options].flatMap((rule) => rule.reads);
    return this.resolve(reads, keys.slice(0, -1));
  }

  /** The paths of the fields that `reads` name, seen from inside the rows at `around`; of a whole table, all its columns. */
  resolve(reads, around) {
    const found = new Set(reads.map((read) => this.named(read, around)).filter(Boolean));
    for (const path of [...found]) {
      const inside = [...this.nodes.keys()].filter((other) => other.startsWith(`${path}.`));
      if (!inside.some((other) => found.has(other)) && !`${around.join(".")}.`.startsWith(`${path}.`)) inside.forEach((other) => found.add(other));
    }
    return found;
  }

  named(read, around) {
    for (let depth = around.length; depth >= 0; depth -= 1) {
      const keys = [...around.slice(0, depth), ...read.split(".")];
      for (let length = keys.length; length > depth; length -= 1) {
        const path = keys.slice(0, length).join(".");
        if (this.nodes.has(path)) return path;
      }
    }
    return null;
  }

  /**
   * Work out what follows from `typed` (a record without blanks) and `touched` (places whose value a person chose).
   * Gives {values, states, changed, rules, asks}: `changed` lists places whose value or state differs from before.
   */
  update(typed, touched = new Set()) {
    const dirty = this.differences(typed, touched);
    this.typed = structuredClone(typed);
    this.touched = new Set(touched);
    return this.work(dirty);
  }

  /** The server's answer to an `ask`: the value of the rule `word` at `place`. */
  tell(place, word, value) {
    this.answers.set(`${place} ${word}`, value);
    return this.work(new Set([`!${place.replace(/\/\d+\//g, ".").replaceAll("/", ".")}`]));
  }

  /** The paths under which something was typed since the last time. */
  differences(typed, touched) {
    const dirty = new Set();
    if (!this.started) for (const path of this.nodes.keys()) dirty.add(path);
    this.started = true;
    for (const { path, keys } of this.order) {
      if (keys.length === 1 && !same(typed[path], this.typed[path])) this.compare(path, typed[path], this.typed[path], dirty);
    }
    for (const place of [...touched, ...this.touched]) {
      if (touched.has(place) !== this.touched.has(place)) dirty.add(place.replace(/\/\d+\//g, ".").replaceAll("/", "."));
    }
    return dirty;
  }

  /** Note which columns of a table differ; where rows came or went, all of it. */
  compare(path, now, before, dirty) {
    const columns = Object.keys(this.nodes.get(path).field.columns ?? {});
    const rows = rowsOf(now);
    const older = rowsOf(before);
    const differs = (key) => rows.some((row, i) => !same(row[key], older[i][key]));
    const found = rows.length === older.length ? columns.filter(differs) : [];
    if (!found.length) dirty.add(path);
    for (const key of found.length ? found : columns) {
      for (const inner of this.nodes.keys()) if (`${inner}.`.startsWith(`${path}.${key}.`)) dirty.add(inner);
    }
  }

  work(dirty) {
    const changed = new Set();
    const asks = [];
    for (const node of this.order) {
      if (!dirty.has(node.path) && !dirty.has(`!${node.path}`) && ![...node.reads].some((read) => dirty.has(read))) continue;
      for (const spot of this.spots(node)) this.step(node, spot, changed, asks, dirty);
    }
    return { values: this.values, states: this.states, changed: [...changed], rules: this.ruled(dirty, asks), asks };
  }

  /** Each place where a field stands: {place, holder, typed, scope}. */
  spots({ keys }) {
    let found = [{ place: [], holder: this.values, typed: this.typed, scope: this.values }];
    let fields = this.model.fields;
    for (const key of keys.slice(0, -1)) {
      found = found.flatMap((spot) => below(spot, key, fields[key]));
      fields = fields[key].columns;
    }
    const last = keys.at(-1);
    return found.map((spot) => ({ ...spot, key: last, place: [...spot.place, last].join("/") }));
  }

  step({ path, field }, spot, changed, asks, dirty) {
    const before = copy(spot.holder[spot.key]);
    const visible = !field.visibleWhen || truth(this.value(field.visibleWhen, spot, "visibleWhen", asks, true));
    const value = visible ? this.decided(field, spot, asks) : null;
    if (field.columns) this.forget(spot.place, Array.isArray(value) ? value.length : 0, changed);
    for (const row of [spot.holder, spot.scope]) {
      if (isBlank(value)) delete row[spot.key];
      else row[spot.key] = value;
    }
    if (!same(before, spot.holder[spot.key])) {
      dirty.add(path);
      changed.add(spot.place);
    }
    const state = this.state(field, spot, visible, asks);
    if (!same(state, this.states.get(spot.place))) changed.add(spot.place);
    this.states.set(spot.place, state);
  }

  /** The states of rows that are no more. */
  forget(place, rows, changed) {
    for (const other of this.states.keys()) {
      const [, row] = other.startsWith(`${place}/`) ? /^(\d+)\//.exec(other.slice(place.length + 1)) ?? [] : [];
      if (row === undefined || Number(row) < rows) continue;
      this.states.delete(other);
      changed.add(other);
    }
  }

  decided(field, spot, asks) {
    const typed = copy(spot.typed?.[spot.key]);
    if (field.compute) return computed(field, this.value(field.compute, spot, "compute", asks, spot.holder[spot.key]));
    if (field.default && this.creating && !this.touched.has(spot.place)) {
      return fitted(field, this.value(field.default, spot, "default", asks, typed));
    }
    if (!field.columns || typed === undefined) return typed;
    return this.kept(field, typed, spot.holder[spot.key]);
  }

  /** Typed rows, with what was worked out in them before: their own fields have their turn later. */
  kept(field, typed, worked) {
    const own = Object.keys(field.columns).filter((key) => DECIDING.some((word) => field.columns[key][word]));
    const one = (row, old) => {
      for (const key of own) {
        if (old && key in old) row[key] = old[key];
        else delete row[key];
      }
      return row;
    };
    return Array.isArray(typed) ? typed.map((row, i) => one(row, worked?.[i])) : one(typed, worked);
  }

  state(field, spot, visible, asks) {
    if (!visible) return { visible, readonly: true, required: false };
    const holds = (word) => Boolean(field[word]) && truth(this.value(field[word], spot, word, asks, false));
    const readonly = field.readonly || holds("readOnlyWhen");
    const required = (!readonly || Boolean(field.compute)) && (field.required || holds("requiredWhen"));
    const options = field.options?.some((option) => option.when)
      ? field.options.filter((option) => !option.when || truth(this.value(option.when, spot, "options", asks, true))).map((option) => option.value)
      : null;
    return { visible, readonly, required, options };
  }

  /** What a rule gives at a place; `unknown` until the server has answered, where it must be asked. */
  value(rule, spot, word, asks, unknown) {
    if (!rule.ask) return valued(rule, spot.scope, this.beside);
    asks.push({ place: spot.place, rule: word });
    return this.answers.get(`${spot.place} ${word}`) ?? unknown;
  }

  /** The form's own rules that are true now; only those that read what changed are looked at again. */
  ruled(dirty, asks) {
    for (const [i, rule] of this.rules.entries()) {
      if (this.fired.has(i) && ![...rule.reads].some((read) => dirty.has(read)) && !dirty.has(`!rule-${i}`)) continue;
      const spot = { place: `rule-${i}`, scope: this.values };
      this.fired.set(i, truth(this.value(rule.when, spot, "when", asks, false)));
    }
    return this.rules.filter((_, i) => this.fired.get(i)).map(({ field, severity, message }) => ({ field, severity, message }));
  }
}

/** The rows of a table, or the one object of a group, in a spot; their rules see the row first, then what is around it. */
function below({ place, holder, typed, scope }, key, field) {
  const value = holder[key];
  const rows = rowsOf(value);
  const outside = Object.fromEntries(Object.entries(scope).filter(([name]) => !(name in field.columns)));
  return rows.map((row, i) => ({
    place: Array.isArray(value) ? [...place, key, i] : [...place, key],
    holder: row,
    typed: Array.isArray(value) ? typed?.[key]?.[i] : typed?.[key],
    scope: { ...outside, ...row },
  }));
}

function valued(rule, scope, beside) {
  try {
    return evaluate(rule.logic, scope, beside);
  } catch (error) {
    if (error instanceof LogicError) return null;
    throw error;
  }
}

/** What `compute` gives, as a value of the field: a switch is on or off, for it a blank is off. */
function computed(field, value) {
  return field.kind === "switch" ? truth(value ?? null) : fitted(field, value);
}

/** What logic gives, as a value of the field: rounded to its precision (else to 15 digits), on or off for a switch. */
function fitted(field, value) {
  if (field.kind === "switch") return value === null || value === undefined ? null : truth(value);
  if (typeof value !== "number") return value;
  return field.digits === undefined ? plain(fifteen(value)) : rounded(value, field.digits);
}
