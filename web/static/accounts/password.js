// Shows what was typed as a password, while its button is pressed in.

import { say } from "../words.js";

for (const button of document.querySelectorAll("[data-show-password]")) {
  const field = document.getElementById(button.dataset.showPassword);
  button.hidden = false;
  button.addEventListener("click", () => {
    const show = field.type === "password";
    field.type = show ? "text" : "password";
    button.setAttribute("aria-pressed", String(show));
    button.setAttribute("aria-label", show ? say("Hide the password") : say("Show the password"));
    field.focus();
  });
}
