// The bell opens a menu with the last notifications; without script, or on phones, it leads to the page of all of them.

import "./notices.js";

const bell = document.querySelector("a[data-bell]");
const menu = document.getElementById("m-bell");
const works = bell && menu && "popover" in HTMLElement.prototype;

async function open() {
  const answer = await fetch(bell.dataset.bell);
  if (!answer.ok) throw new Error(answer.statusText);
  menu.innerHTML = await answer.text();
  menu.showPopover();
}

if (works) {
  bell.setAttribute("aria-haspopup", "menu");
  menu.addEventListener("toggle", (event) => bell.setAttribute("aria-expanded", String(event.newState === "open")));
  bell.addEventListener("click", (event) => {
    const narrow = window.matchMedia("(max-width: 767.98px)").matches;
    if (narrow || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    if (menu.matches(":popover-open")) menu.hidePopover();
    else open().catch(() => location.assign(bell.href));
  });
}
