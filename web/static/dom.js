// Small things every module needs: making elements, icons, asking the server.

/** An element with attributes (null and false leave one out) and children (text or nodes). */
export function make(name, attributes = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    element.setAttribute(key, value === true ? "" : String(value));
  }
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

const SVG = "http://www.w3.org/2000/svg";
const SPRITE = new URL("./vendor/icons.svg", import.meta.url).pathname;

/** An icon of the sprite, silent like the one of components/icons.html. */
export function icon(name, size = "") {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("class", size ? `fl-i fl-i--${size}` : "fl-i");
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS(SVG, "use");
  use.setAttribute("href", `${SPRITE}#${name}`);
  svg.append(use);
  return svg;
}

/** The token that every POST of this page carries. */
export function csrf() {
  return document.querySelector('input[name="csrf_token"]')?.value ?? "";
}

/** POST a form or JSON to an address of ours; the answer's JSON. Throws an Error whose message is the server's sentence. */
export async function post(address, body, options = {}) {
  const json = !(body instanceof FormData || body instanceof URLSearchParams);
  const headers = { "X-CSRFToken": csrf(), Accept: "application/json" };
  if (json) headers["Content-Type"] = "application/json";
  const answer = await fetch(address, { method: "POST", headers, body: json ? JSON.stringify(body) : body, ...options });
  if (answer.status === 204) return null;
  const found = await answer.json().catch(() => ({}));
  if (!answer.ok) throw Object.assign(new Error(found.detail ?? answer.statusText), { status: answer.status });
  return found;
}

/** `action`, at most once in `wait` ms, after the last call; `.now()` does it at once, `.cancel()` not at all. */
export function later(action, wait) {
  let timer = 0;
  const run = () => {
    clearTimeout(timer);
    timer = 0;
    return action();
  };
  const delayed = () => {
    clearTimeout(timer);
    timer = setTimeout(run, wait);
  };
  delayed.now = run;
  delayed.cancel = () => clearTimeout(timer);
  return delayed;
}
