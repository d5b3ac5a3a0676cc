// The Definition page: checks while one types, saves the draft by itself, draws the preview anew. What is published does
// not change. Without script the page does the same with its button "Save and check".

import { later, post } from "../dom.js";
import { say } from "../words.js";
import { editor } from "./editor.js";
import { locate } from "./json-lines.js";
import { placed, show } from "./problems.js";
import { prover } from "./proof.js";
import { forget, keep, kept } from "./unsaved.js";

const WAIT = 600;

function start(form) {
  const part = (name) => document.querySelector(`[data-${name}]`);
  const { check, prove, name } = form.dataset;
  const status = part("saved");
  let running = null;
  let typed = false;
  let saved = form.elements.document.value;
  let problems = JSON.parse(part("found").textContent);
  let findings = [];

  const code = editor(form.elements.document, () => {
    typed = true;
    proof?.drop();
    buttons();
    tell(say("Not saved yet"));
    send();
  });
  const send = later(save, WAIT);
  const proof = prove ? prover(prove, (words) => { part("proof").textContent = words; }, proven) : null;

  function tell(words) {
    status.textContent = words;
  }

  function buttons() {
    part("undo").disabled = !code.canUndo();
    part("redo").disabled = !code.canRedo();
  }

  function mark(text) {
    const found = placed(text, [...problems, ...findings]);
    code.mark(found);
    show(part("problems"), part("summary"), found, (problem) => code.go(problem.start));
  }

  function proven(answer) {
    findings = answer.findings;
    mark(code.text());
    if (answer.begun && !typed) part("preview").innerHTML = answer.preview;
  }

  async function save() {
    const text = code.text();
    typed = false;
    running?.abort();
    running = null;
    if (locate(text).broken) {
      keep(name, text);
      problems = findings = [];
      proof?.drop();
      mark(text);
      tell(say("Kept in this browser until it is JSON"));
      return;
    }
    if (text === saved) {
      forget(name);
      tell(say("Draft saved"));
      proof?.ask(text);
      return;
    }
    running = new AbortController();
    try {
      const over = form.elements.over;
      const answer = await post(check, { text, over: over.value }, { signal: running.signal });
      saved = text;
      over.value = answer.over;
      forget(name);
      problems = answer.problems;
      findings = [];
      mark(code.text());
      proof?.ask(text);
      part("preview").innerHTML = answer.preview;
      part("publish").textContent = answer.publish;
      tell(say("Draft saved"));
    } catch (error) {
      if (error.name === "AbortError") return;
      keep(name, text);
      if (error.status === 409) elsewhere(error.message);
      tell(error.status ? error.message : say("Not saved: the server can’t be reached. The text is kept in this browser."));
    }
  }

  /** The draft is another one by now: it is not overwritten, and what was typed here is kept in this browser. */
  function elsewhere(words) {
    part("elsewhere").hidden = false;
    part("elsewhere").querySelector("[data-words]").textContent = words;
  }

  function bringBack() {
    const text = kept(name);
    const offer = part("unsaved");
    if (text === null || text === saved) return;
    offer.hidden = false;
    part("bring-back").addEventListener("click", () => {
      code.replace(text);
      offer.hidden = true;
    });
    part("throw-away").addEventListener("click", () => {
      forget(name);
      offer.hidden = true;
    });
  }

  part("undo").addEventListener("click", () => code.undo());
  part("redo").addEventListener("click", () => code.redo());
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    send.now();
  });
  document.addEventListener("keydown", (event) => {
    if (event.key.toLowerCase() !== "s" || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    send.now();
  });
  // Publishing takes the draft: what was typed last goes along.
  part("publish").addEventListener("click", async (event) => {
    if (!typed) return;
    event.preventDefault();
    await send.now();
    location.assign(event.target.href);
  });
  addEventListener("beforeunload", () => {
    if (typed) keep(name, code.text());
  });

  for (const element of document.querySelectorAll("[data-with-script]")) element.hidden = false;
  for (const element of document.querySelectorAll("[data-without-script]")) element.hidden = true;
  mark(saved);
  proof?.ask(saved);
  buttons();
  bringBack();
}

for (const form of document.querySelectorAll("form[data-definition]")) start(form);
for (const area of document.querySelectorAll("textarea[data-read-json]")) editor(area);
