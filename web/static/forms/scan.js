// A code is read with the camera, where the browser can; otherwise it is typed.

import { make } from "../dom.js";
import { say } from "../words.js";

const PAUSE = 200;

async function scan(input) {
  const video = make("video", { autoplay: true, playsinline: true, class: "fl-scan" });
  const close = make("button", { class: "btn", type: "button", "data-close": true }, say("Close"));
  const dialog = make("dialog", { class: "fl-dialog", "aria-label": say("Scan a code") }, video, make("div", { class: "fl-dialog__do" }, close));
  document.body.append(dialog);
  dialog.showModal();
  const stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } }).catch(() => null);
  dialog.addEventListener("close", () => {
    stream?.getTracks().forEach((track) => track.stop());
    dialog.remove();
    input.focus();
  });
  if (!stream) {
    video.replaceWith(make("p", {}, say("The camera can’t be used. Type the code.")));
    return;
  }
  video.srcObject = stream;
  const detector = new window.BarcodeDetector();
  while (dialog.open) {
    const [found] = video.readyState >= 2 ? await detector.detect(video).catch(() => []) : [];
    if (found) {
      input.value = found.rawValue;
      input.dispatchEvent(new Event("change", { bubbles: true }));
      dialog.close();
    }
    await new Promise((done) => setTimeout(done, PAUSE));
  }
}

/** Offer the camera at the codes of a form, where the browser can read them. */
export function start(form) {
  if (!("BarcodeDetector" in window) || !navigator.mediaDevices) return;
  for (const button of form.querySelectorAll("[data-scan]")) {
    button.hidden = false;
    button.addEventListener("click", () => scan(document.getElementById(button.dataset.scan)));
  }
}
