// What is typed is kept by the server after a moment of rest, so that closing the tab loses nothing; the answer says what
// is wrong with it so far.

import { csrf, later } from "../dom.js";
import { locale, say } from "../words.js";

const REST = 1500;

/** Everything typed in a form, without files that have not been uploaded. */
function typed(form) {
  const data = new FormData(form);
  for (const name of [...data.keys()]) if (data.get(name) instanceof File) data.delete(name);
  return data;
}

export class Draft {
  constructor(form, status, answered) {
    this.form = form;
    this.status = status;
    this.answered = answered;
    this.dirty = false;
    this.turn = 0;
    this.stopped = !form.dataset.draft;
    this.soon = later(() => this.save(), REST);
    for (const kind of ["input", "change"]) {
      form.addEventListener(kind, () => {
        this.dirty = true;
        this.soon();
      });
    }
    document.addEventListener("visibilitychange", () => {
      if (document.visibilityState === "hidden") this.leave();
    });
    addEventListener("pagehide", () => this.leave());
    addEventListener("beforeunload", (event) => {
      if (this.dirty && !this.stopped && !navigator.sendBeacon) event.preventDefault();
    });
  }

  /** Save now; the answer's errors go to `answered`. */
  async save() {
    if (this.stopped) return;
    this.dirty = false;
    const turn = (this.turn += 1);
    try {
      const headers = { "X-CSRFToken": csrf(), Accept: "application/json" };
      const answer = await fetch(this.form.dataset.draft, { method: "POST", body: typed(this.form), headers });
      if (!answer.ok) throw Object.assign(new Error(answer.statusText), { status: answer.status });
      const told = await answer.json();
      if (turn !== this.turn) return;
      this.answered(told);
      this.show(say("Draft saved {time}", { time: this.clock() }), "saved");
    } catch (error) {
      this.dirty = true;
      const out = error.status === 400 || error.status === 401; // 400: the page's token is another session's
      this.show(out ? say("Not saved: you are signed out. Copy what you typed last, and load the page again.") : say("Not saved: the connection is gone. We go on trying."), "wrong");
      this.soon();
    }
  }

  clock() {
    return new Intl.DateTimeFormat(locale, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" }).format(new Date());
  }

  show(words, state) {
    if (!this.status || this.stopped) return;
    this.status.querySelector("[data-words]").textContent = words;
    this.status.dataset.state = state;
    this.status.hidden = false;
  }

  leave() {
    if (!this.dirty || this.stopped) return;
    this.dirty = !navigator.sendBeacon?.(this.form.dataset.draft, typed(this.form));
  }

  /** The form is being sent: nothing more is to be kept. */
  stop() {
    this.stopped = true;
    this.soon.cancel();
  }
}
