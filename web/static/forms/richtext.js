// Formatted text: what is typed looks as it will. The textarea stays what is sent; without script its HTML is edited.

import { icon, make } from "../dom.js";
import { say } from "../words.js";

const TOOLS = [
  ["bold", "bold", "Bold"],
  ["italic", "italic", "Italic"],
  ["insertUnorderedList", "list", "List"],
  ["insertOrderedList", "list-numbers", "Numbered list"],
  ["removeFormat", "clear-formatting", "Plain text"],
];
const NAMES = { Bold: () => say("Bold"), Italic: () => say("Italic"), List: () => say("List"), "Numbered list": () => say("Numbered list"), "Plain text": () => say("Plain text") };

function edit(area) {
  const label = document.getElementById(`${area.id}-label`);
  const paper = make("div", { class: "form-control fl-rich fl-rich--edit", contenteditable: "true", role: "textbox", "aria-multiline": "true", "aria-labelledby": label?.id ?? null, "aria-label": label ? null : area.getAttribute("aria-label"), "aria-describedby": area.getAttribute("aria-describedby"), "aria-required": area.required ? "true" : null });
  const bar = make("div", { class: "fl-richbar", role: "toolbar", "aria-label": say("Format") });
  for (const [command, sign, name] of TOOLS) {
    const button = make("button", { class: "fl-iconbtn", type: "button", "aria-label": NAMES[name]() }, icon(sign));
    button.addEventListener("mousedown", (event) => event.preventDefault());
    button.addEventListener("click", () => {
      paper.focus();
      document.execCommand(command);
      sync();
    });
    bar.append(button);
  }
  const sync = () => {
    area.value = paper.textContent.trim() ? paper.innerHTML : "";
    area.dispatchEvent(new Event("input", { bubbles: true }));
  };
  paper.innerHTML = area.value;
  paper.addEventListener("input", (event) => {
    event.stopPropagation();
    sync();
  });
  paper.addEventListener("blur", () => area.dispatchEvent(new Event("change", { bubbles: true })));
  paper.addEventListener("paste", (event) => {
    event.preventDefault();
    document.execCommand("insertText", false, event.clipboardData.getData("text/plain"));
  });
  label?.addEventListener("click", () => paper.focus());
  area.hidden = true;
  area.after(make("div", { class: "fl-richbox" }, bar, paper));
}

/** Make editors of the formatted texts inside `root`. */
export function start(root) {
  root.querySelectorAll("textarea[data-richtext]").forEach(edit);
}
