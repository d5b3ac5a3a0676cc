// What is typed is kept: by the server after a moment of rest, so that closing the tab loses nothing.

import { csrf, later } from "../dom.js";
import { locale, say } from "../words.js";

const REST = 1500;

/** Keep what is typed in `form`; `.discard()` stops it (the form is being sent). */
export function start(form, status) {
  const address = form.dataset.draft;
  let dirty = false;
  let stopped = !address;
  const show = (words, kind) => {
    if (!status) return;
    status.querySelector("[data-words]").textContent = words;
    status.dataset.state = kind;
    status.hidden = false;
  };

  const save = later(async () => {
    if (stopped || !dirty) return;
    dirty = false;
    try {
      const answer = await fetch(address, { method: "POST", body: typed(form), headers: { "X-CSRFToken": csrf(), Accept: "application/json" }, keepalive: false });
      if (!answer.ok) throw new Error(answer.statusText);
      show(say("Draft saved {time}", { time: new Intl.DateTimeFormat(locale, { hour: "2-digit", minute: "2-digit", hour12: false }).format(new Date()) }), "saved");
    } catch {
      dirty = true;
      show(say("Not saved: the connection is gone. We go on trying."), "wrong");
      save();
    }
  }, REST);

  const touched = () => {
    dirty = true;
    save();
  };
  form.addEventListener("input", touched);
  form.addEventListener("change", touched);
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "hidden" && dirty && !stopped) leave(address, form);
  });
  addEventListener("beforeunload", (event) => {
    if (!dirty || stopped) return;
    leave(address, form);
    if (!navigator.sendBeacon) event.preventDefault();
  });
  return { discard: () => { stopped = true; } };
}

function typed(form) {
  const data = new FormData(form);
  for (const name of [...data.keys()]) if (data.get(name) instanceof File) data.delete(name);
  return data;
}

function leave(address, form) {
  navigator.sendBeacon?.(address, typed(form));
}
