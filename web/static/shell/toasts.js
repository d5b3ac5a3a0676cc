// Toasts go by themselves after 8 s, unless somebody is at them; the ones that say something is wrong stay.

import { icon, make } from "../dom.js";
import { say } from "../words.js";

const STAYS = 8000;

function dismiss(toast) {
  toast.remove();
}

function watch(toast) {
  const close = toast.querySelector("[data-dismiss]");
  if (close) {
    close.hidden = false;
    close.addEventListener("click", () => dismiss(toast));
  }
  if (toast.classList.contains("fl-toast--bad")) return;
  let timer = setTimeout(() => dismiss(toast), STAYS);
  const hold = () => clearTimeout(timer);
  const release = () => {
    clearTimeout(timer);
    timer = setTimeout(() => dismiss(toast), STAYS);
  };
  toast.addEventListener("pointerenter", hold);
  toast.addEventListener("focusin", hold);
  toast.addEventListener("pointerleave", release);
  toast.addEventListener("focusout", release);
}

/** Tell something now. `kind` is "", "good" or "bad". */
export function tell(text, kind = "") {
  const close = make("button", { class: "fl-x", type: "button", "data-dismiss": true, "aria-label": say("Close") }, icon("x"));
  const toast = make("div", { class: `fl-toast${kind ? ` fl-toast--${kind}` : ""}`, "data-toast": true }, make("span", { class: "fl-grow" }, text), close);
  document.querySelector(".fl-toasts").append(toast);
  watch(toast);
}

document.querySelectorAll("[data-toast]").forEach(watch);
