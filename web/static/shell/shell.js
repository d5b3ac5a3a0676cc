// What every page has: menus, rail, theme, dialogs, toasts, the search key, forms that are sent once.

import "./menus.js";
import "./rail.js";
import "./theme.js";
import "./dialogs.js";
import "./toasts.js";
import "./submits.js";
import "../inbox/bell.js";

document.addEventListener("keydown", (event) => {
  if (event.key.toLowerCase() !== "k" || !(event.metaKey || event.ctrlKey)) return;
  const field = document.querySelector("[data-search] input");
  if (!field || field.offsetParent === null) return;
  event.preventDefault();
  field.select();
});
