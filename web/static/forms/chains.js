// A way down a tree, step by step: what is chosen decides what the next drop-down offers.

import { make } from "../dom.js";
import { say } from "../words.js";

function nodesBelow(tree, way) {
  return way.reduce((nodes, value) => nodes.find((node) => node.value === value)?.children ?? [], tree).map((node) => ({ value: node.value, label: node.title }));
}

async function offered(chain, way) {
  const tree = chain.querySelector("[data-tree]");
  if (tree) return nodesBelow(JSON.parse(tree.textContent), way);
  const address = new URL(chain.dataset.chain, location.href);
  address.searchParams.set("below", way.at(-1) ?? "");
  const answer = await fetch(address, { headers: { Accept: "application/json" } });
  return answer.ok ? (await answer.json()).results : [];
}

async function follow(chain, changed) {
  const selects = [...chain.querySelectorAll("select")];
  const at = selects.indexOf(changed);
  selects.slice(at + 1).forEach((select) => select.remove());
  if (!changed.value) return;
  const way = selects.slice(0, at + 1).map((select) => select.value);
  const options = await offered(chain, way);
  if (!options.length || !changed.isConnected) return;
  const label = JSON.parse(chain.dataset.labels)[at + 1] ?? "";
  const next = make("select", { class: "form-select", name: changed.name, "aria-label": label || say("Step {number}", { number: at + 2 }) }, make("option", { value: "" }, label), ...options.map(({ value, label }) => make("option", { value }, label)));
  changed.after(next);
}

/** Let the chains of a form follow what is chosen. */
export function start(form) {
  form.addEventListener("change", (event) => {
    const chain = event.target.closest("[data-chain]");
    if (chain && event.target.matches("select")) follow(chain, event.target);
  });
}
