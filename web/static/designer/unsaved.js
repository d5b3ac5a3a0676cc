// Text that could not be saved as a draft (it is no JSON yet, or the server was away) is kept in this browser.

const PREFIX = "formloom.definition:";

/** Keep a text under a name. A full or forbidden store only means that closing the tab would lose it. */
export function keep(name, text) {
  try {
    localStorage.setItem(PREFIX + name, text);
  } catch {
    // private windows of some browsers have no store
  }
}

/** The text kept under a name, or null. */
export function kept(name) {
  try {
    return localStorage.getItem(PREFIX + name);
  } catch {
    return null;
  }
}

/** Keep nothing any more. */
export function forget(name) {
  try {
    localStorage.removeItem(PREFIX + name);
  } catch {
    // nothing was kept
  }
}
