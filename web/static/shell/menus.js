// Menus are HTML popovers. Here: the same for browsers without them, arrow keys inside, and a place near their button.

const native = "popover" in HTMLElement.prototype;

function opener(menu) {
  return document.querySelector(`[popovertarget="${menu.id}"]`);
}

/** Put a menu below its button, inside the window; on phones the style sheet has it at the foot. */
function place(menu, button) {
  if (!button || window.matchMedia("(max-width: 767.98px)").matches) return;
  const box = button.getBoundingClientRect();
  const below = box.bottom + 4;
  const height = menu.offsetHeight;
  menu.style.top = `${below + height > innerHeight ? Math.max(8, box.top - height - 4) : below}px`;
  const right = Math.max(8, document.documentElement.clientWidth - box.right);
  menu.style.right = box.left < innerWidth / 2 ? "auto" : `${right}px`;
  menu.style.left = box.left < innerWidth / 2 ? `${box.left}px` : "auto";
}

function entries(menu) {
  return [...menu.querySelectorAll("a[href], button:not([disabled])")].filter((entry) => entry.offsetParent !== null);
}

function opened(menu, button) {
  place(menu, button);
  entries(menu)[0]?.focus({ preventScroll: true });
}

if (native) {
  let last = null;
  document.addEventListener("click", (event) => { last = event.target.closest("[popovertarget]") ?? last; }, true);
  document.addEventListener("toggle", (event) => {
    const menu = event.target;
    if (!menu.matches?.(".fl-menu[popover]") || event.newState !== "open") return;
    opened(menu, last?.getAttribute("popovertarget") === menu.id ? last : opener(menu));
  }, true);
} else {
  const close = () => document.querySelectorAll(".fl-menu.is-open").forEach((menu) => menu.classList.remove("is-open"));
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[popovertarget]");
    const menu = button && document.getElementById(button.getAttribute("popovertarget"));
    const open = menu?.classList.contains("is-open");
    if (button || !event.target.closest(".fl-menu")) close();
    if (menu && !open) {
      menu.classList.add("is-open");
      opened(menu, button);
    }
  });
  document.addEventListener("keydown", (event) => {
    const menu = document.querySelector(".fl-menu.is-open");
    if (event.key !== "Escape" || !menu) return;
    close();
    opener(menu)?.focus();
  });
}

document.addEventListener("keydown", (event) => {
  const menu = event.target.closest?.(".fl-menu");
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!menu || !step) return;
  const all = entries(menu);
  event.preventDefault();
  all[(all.indexOf(document.activeElement) + step + all.length) % all.length]?.focus();
});
