// Files go to the server as soon as they are chosen, dropped or pasted; each shows how far it is and can be cancelled.

import { csrf, icon, make } from "../dom.js";
import { say } from "../words.js";

const MEGABYTE = 1024 * 1024;
const UNITS = ["B", "kB", "MB", "GB"];

/** A size as people read it. */
export function sizeOf(bytes) {
  const power = Math.min(UNITS.length - 1, Math.floor(Math.log2(Math.max(bytes, 1)) / 10));
  const number = bytes / 1024 ** power;
  return `${number.toFixed(power && number < 10 ? 1 : 0)} ${UNITS[power]}`;
}

/** A picture made smaller so that its longer side has at most `most` pixels; any other file as it is. */
async function shrunk(file, most) {
  if (!most || !/^image\/(jpeg|png|webp)$/.test(file.type)) return file;
  const picture = await createImageBitmap(file).catch(() => null);
  const scale = picture ? most / Math.max(picture.width, picture.height) : 1;
  if (scale >= 1) return file;
  const canvas = make("canvas", { width: Math.round(picture.width * scale), height: Math.round(picture.height * scale) });
  canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
  const blob = await new Promise((done) => canvas.toBlob(done, file.type, 0.85));
  return blob && blob.size < file.size ? new File([blob], file.name, { type: file.type }) : file;
}

class Upload {
  constructor(root) {
    this.root = root;
    this.list = root.querySelector("[data-files]");
    this.zone = root.querySelector("[data-drop-zone]");
    this.input = root.querySelector('input[type="file"]');
    this.several = "several" in root.dataset;
    this.zone.dataset.live = "1";
    this.input.removeAttribute("name");
    this.input.addEventListener("change", (event) => {
      event.stopPropagation();
      this.take([...this.input.files]);
      this.input.value = "";
    });
    for (const kind of ["dragenter", "dragover"]) this.zone.addEventListener(kind, (event) => this.over(event, true));
    for (const kind of ["dragleave", "drop"]) this.zone.addEventListener(kind, (event) => this.over(event, false));
    this.zone.addEventListener("drop", (event) => this.take([...event.dataTransfer.files]));
    this.list.addEventListener("click", (event) => {
      const cross = event.target.closest("[data-drop]");
      if (!cross) return;
      event.preventDefault();
      this.remove(cross.closest("li"));
    });
  }

  over(event, on) {
    event.preventDefault();
    this.zone.classList.toggle("is-over", on);
  }

  take(files) {
    for (const file of this.several ? files : files.slice(0, 1)) {
      if (!this.several) this.list.replaceChildren();
      this.send(file);
    }
  }

  async send(given) {
    const entry = new Entry(given.name);
    this.list.append(entry.item);
    const file = await shrunk(given, Number(this.root.dataset.maxPixels ?? 0));
    const most = Number(this.root.dataset.maxMegabytes ?? 0) * MEGABYTE;
    if (most && file.size > most) {
      entry.fail(say("This file has {size}; at most {most} are taken.", { size: sizeOf(file.size), most: sizeOf(most) }));
      return;
    }
    const body = new FormData();
    body.append("form", this.root.closest("form").dataset.formKey);
    body.append("field", this.root.dataset.fieldKey);
    body.append("file", file, file.name);
    const request = new XMLHttpRequest();
    entry.item.cancel = () => request.abort();
    request.upload.addEventListener("progress", (event) => entry.progress(event.loaded, event.total));
    request.addEventListener("load", () => this.done(entry, request));
    request.addEventListener("error", () => entry.fail(say("The connection was lost. Choose the file again.")));
    request.open("POST", "/files");
    request.setRequestHeader("X-CSRFToken", csrf());
    request.setRequestHeader("Accept", "application/json");
    request.send(body);
  }

  done(entry, request) {
    let answer = {};
    try {
      answer = JSON.parse(request.responseText);
    } catch {
      answer = {};
    }
    if (request.status !== 201) {
      entry.fail(answer.detail ?? say("The file was not taken. Try again."));
      return;
    }
    entry.finish(answer, this.root.dataset.upload, "pictures" in this.root.dataset);
    this.tell();
  }

  remove(item) {
    item.cancel?.();
    item.remove();
    this.input.focus();
    this.tell();
  }

  tell() {
    this.root.dispatchEvent(new Event("input", { bubbles: true }));
    this.root.dispatchEvent(new Event("change", { bubbles: true }));
  }
}

class Entry {
  constructor(name) {
    this.name = name;
    this.bar = make("progress", { class: "fl-bar", max: 100, value: 0, "aria-label": say("Uploading {name}", { name }) });
    this.note = make("span", { class: "fl-tiny fl-faint" });
    this.body = make("div", { class: "fl-grow" }, make("span", { class: "fl-row" }, make("span", { class: "fl-cut fl-grow" }, name), this.note), this.bar);
    const cross = make("button", { class: "fl-x", type: "button", "data-drop": true, "aria-label": say("Remove {name}", { name }) }, icon("x"));
    this.item = make("li", { class: "fl-file" }, icon("paperclip"), this.body, cross);
  }

  progress(loaded, total) {
    this.bar.value = total ? (loaded / total) * 100 : 0;
    this.note.textContent = say("{percent} % of {size}", { percent: Math.round(this.bar.value), size: sizeOf(total) });
  }

  fail(sentence) {
    this.bar.remove();
    this.item.classList.add("is-wrong");
    this.body.append(make("p", { class: "fl-error fl-error--in", role: "alert" }, sentence));
  }

  finish(answer, name, pictured) {
    if (pictured) this.item.querySelector(".fl-i").replaceWith(make("img", { class: "fl-thumb", src: `/files/${answer.id}/thumbnail`, alt: "", width: 40, height: 40 }));
    const link = make("a", { class: "fl-cut", href: `/files/${answer.id}` }, answer.name);
    this.item.dataset.file = answer.id;
    this.body.replaceChildren(link, make("span", { class: "fl-tiny fl-faint" }, sizeOf(answer.size)));
    this.item.append(make("input", { type: "hidden", name, value: answer.id }));
  }
}

const uploads = new WeakMap();

/** Let the file fields inside `root` upload by themselves, once each. */
export function start(root) {
  for (const box of root.querySelectorAll("[data-upload]")) {
    if (!uploads.has(box)) uploads.set(box, new Upload(box));
  }
}

/** Upload a file that something else made (a signature) into the file field `box`. */
export function put(box, file) {
  uploads.get(box)?.take([file]);
}

document.addEventListener("fl:added", (event) => start(event.target));

// A pasted picture goes to the file field that was used last, else to the first.
document.addEventListener("paste", (event) => {
  const files = [...(event.clipboardData?.files ?? [])];
  if (!files.length || event.target.matches("textarea, input[type=text]")) return;
  const near = document.activeElement?.closest?.("[data-upload]") ?? document.querySelector("[data-upload]");
  if (near) uploads.get(near)?.take(files);
});
