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

document.addEventListener("keydown", (event) => {
  if (event.key.toLowerCase() !== "k" || !(event.metaKey || event.ctrlKey)) return;
  const field = document.querySelector("[data-search] input");
  if (!field || field.offsetParent === null) return;
  event.preventDefault();
  field.select();
});
