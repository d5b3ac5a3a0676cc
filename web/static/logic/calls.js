// Operators that the table form_engine/logic/operators.json describes. The twin of form_engine/logic/calls.py.

import { elementScope, sourceOf, truthOf } from "./branching.js";
import { isList, term } from "./compiler.js";
import { BLANK, filled, listOf, ofKind, OTHER, readAs, TEMPORAL, TEXTUAL } from "./types.js";

const nothing = (kind) => kind === "other" || kind === "blank";

function isKind(type, wanted) {
  if (wanted === "scalar") return !type.item && type.kind !== "group";
  return type.kind === wanted || nothing(type.kind) || (wanted === "text" && TEXTUAL.has(type.kind));
}

function fits(one, wanted) {
  const { item, kind } = one.type;
  const [head, of] = wanted.split(":");
  if (head === "any") return true;
  if (head === "numbers") return isKind(item ?? one.type, "number");
  if (head === "list") return nothing(kind) || (item !== null && (!of || isKind(item, of)));
  return isKind(one.type, of ?? head);
}

/** How an operator is compiled that the table describes by `entry`. */
function form(name, entry) {
  const least = entry.least ?? entry.args.length;
  const kindAt = (i) => entry.args[Math.min(i, entry.args.length - 1)];
  const loops = entry.args.some((kind) => kind.startsWith("each:"));
  return (compiler, call, scope) => {
    if (!compiler.arity(call, least, entry.rest ? Infinity : entry.args.length)) return term(null, OTHER, call.pointer);
    const terms = [];
    call.args.forEach((arg, i) => {
      if (kindAt(i).startsWith("each:")) terms.push(compiler.term(arg, call.pointers[i], elementScope(terms[0], scope)));
      else if (loops && kindAt(i).startsWith("list")) terms.push(sourceOf(compiler, call, scope));
      else terms.push(compiler.term(arg, call.pointers[i], scope));
    });
    let args = terms.map((one, i) => valueOf(compiler, call, one, kindAt(i), scope));
    if (entry.args.includes("numbers")) args = [gathered(terms)];
    const tree = entry.tree === undefined ? { [name]: args } : expanded(compiler, entry.tree, args, scope);
    return term(tree, given(entry.gives, terms), call.pointer, { sure: entry.sure ?? false });
  };
}

function valueOf(compiler, call, given, kind, scope) {
  const wanted = kind.replace(/^each:/, "");
  const one = readAs(given, wanted);
  const is = one.type.kind;
  if (kind.includes("|")) {
    if (!one.literal || !kind.split("|").includes(one.tree)) compiler.problem(one.pointer);
    return one.tree;
  }
  if (wanted === "switch") return truthOf(one);
  if ((wanted === "date" || wanted === "time") && is === "datetime") {
    return { [wanted === "date" ? "localDate" : "localTime"]: [one.tree, compiler.circumstance("zone", scope)] };
  }
  if (wanted === "text" && (is === "number" || TEMPORAL.has(is))) return { text: [one.tree] };
  if (!fits(one, wanted)) compiler.problem(call.pointer);
  if (wanted === "any" || wanted === "numbers" || wanted.startsWith("blank:")) {
    return is === "other" && wanted !== "any" ? { as: [one.tree, "number"] } : one.tree;
  }
  return filled(one, wanted.split(":")[0]);
}

function gathered(terms) {
  const parts = terms.map((one) => (one.type.item || one.type.kind === "other" ? numbers(one) : [one.tree]));
  if (parts.length === 1) return parts[0];
  return parts.every(isList) ? parts.flat() : { merge: parts };
}

function numbers(one) {
  const items = filled(one, "list");
  const unknown = !one.type.item || one.type.item.kind === "other";
  return unknown ? { map: [items, { as: [{ var: "" }, "number"] }] } : items;
}

function given(gives, terms) {
  const first = terms[0]?.type ?? BLANK;
  switch (gives) {
    case "item": return first.item ?? OTHER;
    case "list:item": return listOf(first.item ?? OTHER);
    default: return gives.startsWith("list:") ? listOf(ofKind(gives.slice(5))) : ofKind(gives);
  }
}

/** `tree` with its holes filled. */
function expanded(compiler, tree, args, scope) {
  if (isList(tree)) return tree.map((part) => expanded(compiler, part, args, scope));
  if (tree === null || typeof tree !== "object") return tree;
  const hole = tree.$;
  if (hole === undefined) {
    return Object.fromEntries(Object.entries(tree).map(([key, part]) => [key, expanded(compiler, part, args, scope)]));
  }
  if (hole === "all") return args;
  return typeof hole === "number" ? args[hole] ?? null : compiler.circumstance(hole, scope);
}

/** A form for each entry of the table. */
export function forms(table) {
  return Object.fromEntries(Object.entries(table).map(([name, entry]) => [name, form(name, entry)]));
}

