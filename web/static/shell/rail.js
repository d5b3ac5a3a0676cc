// The sidebar as a rail of icons; a cookie keeps it, so that the next page is drawn that way at once.

const button = document.querySelector("[data-rail]");
const shell = document.querySelector("[data-shell]");

if (button && shell) {
  button.hidden = false;
  button.addEventListener("click", () => {
    const rail = shell.classList.toggle("fl-shell--rail");
    button.setAttribute("aria-expanded", String(!rail));
    document.cookie = `fl_rail=${rail ? 1 : 0}; path=/; max-age=31536000; samesite=lax`;
  });
}
