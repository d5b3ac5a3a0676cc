// A notification is read once its link is followed, in this tab or another.

import { csrf } from "../dom.js";

function read(event) {
  const link = event.target.closest("a[data-unread]");
  if (!link || (event.type === "auxclick" && event.button !== 1)) return;
  fetch(link.dataset.unread, { method: "POST", headers: { "X-CSRFToken": csrf() }, keepalive: true });
  link.closest(".is-unread")?.classList.remove("is-unread");
  link.removeAttribute("data-unread");
}

document.addEventListener("click", read);
document.addEventListener("auxclick", read);
