// What the modules say, in the page's language. The page carries English → its language; English carries nothing.

const element = document.getElementById("fl-words");
const words = element ? JSON.parse(element.textContent) : {};

/** The sentence `text` in the page's language, with `{name}` replaced by `values.name`. */
export function say(text, values = {}) {
  return (words[text] ?? text).replace(/\{(\w+)\}/g, (whole, name) => String(values[name] ?? whole));
}

/** The page's language as the browser's Intl takes it. */
export const locale = document.documentElement.lang || "en";
