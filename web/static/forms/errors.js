// What is wrong, shown at its field and counted in the bar at the foot. The sentences are the server's.

import { icon, make } from "../dom.js";
import { say } from "../words.js";
import { htmlId } from "./tables.js";

/** The box of the field at a pointer. */
export function boxOf(form, pointer) {
  return form.querySelector(`[data-field="${CSS.escape(pointer)}"]`);
}

function inputOf(box, pointer) {
  return document.getElementById(htmlId(pointer)) ?? box.querySelector("input:not([type=hidden]), select, textarea");
}

/** Write `sentence` at the field, or take away what stands there ("" is right). */
export function mark(form, pointer, sentence) {
  const box = boxOf(form, pointer);
  if (!box) return;
  const id = `${htmlId(pointer)}-error`;
  const old = document.getElementById(id);
  const input = inputOf(box, pointer);
  const frame = input?.closest(".fl-input") ?? input;
  if (old?.textContent === sentence) return;
  old?.remove();
  box.classList.toggle("is-wrong", sentence !== "");
  frame?.classList.toggle("is-invalid", sentence !== "");
  if (!sentence) {
    input?.removeAttribute("aria-invalid");
    describe(box, input, pointer);
    return;
  }
  const line = make("p", { class: "fl-error", id }, icon("alert-circle", "sm"), make("span", {}, sentence));
  const help = document.getElementById(`${htmlId(pointer)}-help`);
  if (help) help.before(line);
  else box.append(line);
  input?.setAttribute("aria-invalid", "true");
  describe(box, input, pointer, id);
}

function describe(box, input, pointer, id = "") {
  const help = `${htmlId(pointer)}-help`;
  const described = id || (document.getElementById(help) ? help : "");
  for (const element of [input, box.hasAttribute("role") ? box : null]) {
    if (!element) continue;
    if (described) element.setAttribute("aria-describedby", described);
    else element.removeAttribute("aria-describedby");
  }
}

/** The name of a field, with its row in a table. */
function nameOf(form, pointer) {
  const box = boxOf(form, pointer);
  if (!box) return "";
  return box.dataset.label ?? box.querySelector(":scope > .form-label [data-label]")?.textContent.trim() ?? "";
}

/** Say in the bar how many fields are wrong, with a link to the first. */
export function summary(form, bar) {
  if (!bar) return;
  const wrong = [...form.querySelectorAll(".fl-error[id]:not(.fl-error--warn)")].filter((line) => line.closest("[data-field]") && !line.closest("[data-field][hidden], [data-irrelevant]"));
  bar.hidden = wrong.length === 0;
  if (!wrong.length) return;
  const pointer = wrong[0].closest("[data-field]").dataset.field;
  const name = nameOf(form, pointer);
  bar.querySelector("[data-words]").textContent = wrong.length === 1 ? say("1 field to correct: {name}", { name }) : say("{count} fields to correct, first: {name}", { count: wrong.length, name });
  bar.setAttribute("href", `#${htmlId(pointer)}`);
}

/** Go to the field that a link of the bar names: show its step or tab, and put the cursor in it. */
export function follow(form, bar, reveal) {
  bar?.addEventListener("click", (event) => {
    const target = document.getElementById(decodeURIComponent(bar.hash.slice(1)));
    if (!target) return;
    event.preventDefault();
    reveal(target);
    const box = target.closest("[data-field]") ?? target;
    box.scrollIntoView({ block: "center" });
    (target.matches("input, select, textarea") ? target : box.querySelector("input:not([type=hidden]), select, textarea") ?? box).focus({ preventScroll: true });
  });
}
