// The proof of a workflow, asked of the server while one types. It takes seconds, so one is asked at a time, and an answer
// about a text that is no longer the draft is dropped.

import { later, post } from "../dom.js";
import { say } from "../words.js";

const WAIT = 900;

/** Asks `address` about the draft. `tell(words)` says how it stands; `found(answer)` takes what was found. */
export function prover(address, tell, found) {
  let draft = null;
  let running = false;

  async function ask() {
    if (running || draft === null) return;
    const about = draft;
    running = true;
    tell(say("Being proven…"));
    try {
      const answer = await post(address, {});
      if (about === draft) {
        tell(words(answer));
        found(answer);
      }
    } catch (error) {
      if (about === draft) tell(error.status ? error.message : say("Not proven: the server can’t be reached."));
    }
    running = false;
    if (about !== draft) soon();
  }
  const soon = later(ask, WAIT);

  return {
    /** The draft is `text` now: prove it. */
    ask(text) {
      draft = text;
      tell(say("Being proven…"));
      soon();
    },
    /** What is in the editor is no draft: whatever comes is out of date. */
    drop() {
      draft = null;
      soon.cancel();
      tell("");
    },
  };
}

function words({ begun, decided, findings }) {
  if (!begun) return say("Proven once nothing is wrong");
  if (!decided) return say("Not decided");
  return findings.length ? say("Proven: see what was found") : say("Proven: nothing speaks against it");
}
