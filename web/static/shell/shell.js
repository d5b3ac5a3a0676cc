// What every page has: menus, rail, theme, dialogs, toasts, the search key, forms that are sent once.

import "./menus.js";
import "./rail.js";
import "./theme.js";
import "./dialogs.js";
import "./toasts.js";
import "./submits.js";
import "../inbox/bell.js";

// Of tabs that are wider than the window, the one that is open is in sight.
for (const tab of document.querySelectorAll(".fl-tabs > [aria-current]")) {
  const tabs = tab.parentElement;
  tabs.scrollLeft += Math.max(0, tab.getBoundingClientRect().right - tabs.getBoundingClientRect().right);
}

// Where something was refused, the cursor is in the first field that is wrong, not in the one a fresh page begins with.
const wrong = document.querySelector('main [aria-invalid="true"]');
(wrong?.matches("input, select, textarea") ? wrong : wrong?.querySelector("input, select, textarea"))?.focus();

document.addEventListener("keydown", (event) => {
  if (event.key.toLowerCase() !== "k" || !(event.metaKey || event.ctrlKey)) return;
  const field = document.querySelector("[data-search] input");
  if (!field || field.offsetParent === null) return;
  event.preventDefault();
  field.select();
});
