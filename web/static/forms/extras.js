// Small inputs that are better with a module: ratings taken back, sliders that say their number, colours, places, signatures.

import { make } from "../dom.js";
import { say } from "../words.js";
import { put } from "./uploads.js";

function tell(element) {
  element.dispatchEvent(new Event("input", { bubbles: true }));
}

function ratings(form) {
  let before = null;
  form.addEventListener("pointerdown", (event) => {
    before = event.target.matches("[data-rating] input") && event.target.checked ? event.target : null;
  });
  form.addEventListener("click", (event) => {
    if (event.target !== before) return;
    before.checked = false;
    tell(before);
  });
}

function sliders(form) {
  form.addEventListener("input", (event) => {
    if (!event.target.matches("[data-slider]")) return;
    const { value, dataset } = event.target;
    event.target.parentElement.querySelector("[data-slider-value]").textContent = dataset.unit ? `${value} ${dataset.unit}` : value;
    if (dataset.slider) event.target.name = dataset.slider;
    delete dataset.blank;
  });
  // One that nobody has moved says nothing, though it stands somewhere.
  for (const slider of form.querySelectorAll("[data-slider][data-blank]")) {
    slider.dataset.slider = slider.name;
    slider.removeAttribute("name");
    slider.parentElement.querySelector("[data-slider-value]").textContent = "–";
  }
}

function colours(form) {
  for (const swatch of form.querySelectorAll("[data-swatch]")) {
    const text = document.getElementById(swatch.dataset.swatch);
    swatch.hidden = false;
    swatch.addEventListener("input", () => {
      text.value = swatch.value;
    });
    text.addEventListener("input", () => {
      if (/^#[0-9a-f]{6}$/i.test(text.value)) swatch.value = text.value.toLowerCase();
    });
  }
}

function places(form) {
  if (!navigator.geolocation) return;
  for (const button of form.querySelectorAll("[data-locate]")) {
    button.hidden = false;
    button.addEventListener("click", () => locate(button));
  }
}

function locate(button) {
  const inputs = button.closest("[data-place]").querySelectorAll("input");
  button.setAttribute("aria-busy", "true");
  navigator.geolocation.getCurrentPosition(
    ({ coords }) => {
      inputs[0].value = coords.latitude.toFixed(6);
      inputs[1].value = coords.longitude.toFixed(6);
      button.removeAttribute("aria-busy");
      tell(inputs[0]);
    },
    () => {
      button.removeAttribute("aria-busy");
      button.textContent = say("The place can’t be found. Type it.");
    },
    { enableHighAccuracy: true, timeout: 15000 },
  );
}

/** A canvas to sign on; what is drawn is uploaded as a picture when *Use it* or the form's own button is pressed. Who can't draw chooses one. */
function signatures(form) {
  for (const box of form.querySelectorAll("[data-signature]")) {
    const canvas = make("canvas", { class: "fl-pad", width: 960, height: 320, role: "img", "aria-label": say("Sign here with finger or mouse") });
    const use = make("button", { class: "btn fl-btn-sm", type: "button" }, say("Use this signature"));
    const clear = make("button", { class: "btn fl-btn-sm fl-btn-plain", type: "button" }, say("Clear"));
    const pen = canvas.getContext("2d");
    let drawn = false;
    box.querySelector(".fl-drop label").textContent = say("Or choose a picture of it");
    box.prepend(make("div", { class: "fl-stack fl-stack--2" }, canvas, make("div", { class: "fl-row" }, use, clear)));
    draw(canvas, pen, () => { drawn = true; });
    clear.addEventListener("click", () => {
      pen.clearRect(0, 0, canvas.width, canvas.height);
      drawn = false;
    });
    const upload = box.querySelector("[data-upload]");
    const keep = () => canvas.toBlob((blob) => put(upload, new File([blob], "signature.png", { type: "image/png" })));
    upload.addEventListener("change", () => { drawn = false; });
    use.addEventListener("click", () => {
      if (drawn) keep();
    });
    form.addEventListener("submit", (event) => {
      if (!drawn) return;
      event.preventDefault();
      event.stopImmediatePropagation();
      upload.addEventListener("change", () => form.requestSubmit(event.submitter), { once: true });
      keep();
    });
  }
}

function draw(canvas, pen, started) {
  pen.lineWidth = 5;
  pen.lineCap = pen.lineJoin = "round";
  const point = (event) => {
    const box = canvas.getBoundingClientRect();
    return [((event.clientX - box.left) / box.width) * canvas.width, ((event.clientY - box.top) / box.height) * canvas.height];
  };
  canvas.addEventListener("pointerdown", (event) => {
    canvas.setPointerCapture(event.pointerId);
    pen.beginPath();
    pen.moveTo(...point(event));
    started();
  });
  canvas.addEventListener("pointermove", (event) => {
    if (!canvas.hasPointerCapture(event.pointerId)) return;
    pen.lineTo(...point(event));
    pen.stroke();
  });
}

/** An amount is written with its thousands apart and all its decimals when one has left it. */
function amounts(form) {
  form.addEventListener("change", (event) => {
    const digits = event.target.dataset?.digits;
    if (digits === undefined) return;
    const text = event.target.value.normalize("NFKC").replace(/[,\s]/g, "");
    if (!/^[+-]?\d+(\.\d*)?$/.test(text) || text.length > 16) return;
    const places = Math.max(Number(digits), (text.split(".")[1] ?? "").length);
    event.target.value = new Intl.NumberFormat("en", { minimumFractionDigits: places, maximumFractionDigits: places }).format(text);
  });
}

/** Start all of them in a form. */
export function start(form) {
  amounts(form);
  ratings(form);
  sliders(form);
  colours(form);
  places(form);
  signatures(form);
}
