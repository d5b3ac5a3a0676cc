// The theme changes at once and is kept by the server. Without script the form of the menu does both with a reload.

import { post } from "../dom.js";

const MEDIA = { auto: "screen and (prefers-color-scheme: dark)", dark: "screen", light: "not all" };
const SCHEMES = { auto: "light dark", dark: "dark", light: "light" };

document.addEventListener("submit", (event) => {
  const form = event.target;
  const theme = event.submitter?.value;
  if (form.dataset.choice !== "theme" || !(theme in MEDIA)) return;
  event.preventDefault();
  document.querySelector("link[data-dark]").media = MEDIA[theme];
  document.querySelector('meta[name="color-scheme"]').content = SCHEMES[theme];
  document.documentElement.dataset.theme = theme;
  for (const choice of form.querySelectorAll("button")) {
    if (choice.value === theme) choice.setAttribute("aria-current", "true");
    else choice.removeAttribute("aria-current");
  }
  form.closest("[popover]")?.hidePopover?.();
  post(form.action, new URLSearchParams({ theme })).catch(() => form.submit());
});
