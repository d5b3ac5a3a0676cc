// What CodeMirror says by itself (its search, its folds, what it reads out), in the page's language.

import { say } from "../words.js";

export const phrases = {
  Find: say("Find"),
  Replace: say("Replace with"),
  next: say("Next"),
  previous: say("Previous"),
  all: say("All"),
  "match case": say("Match case"),
  regexp: say("Pattern"),
  "by word": say("Whole words"),
  replace: say("Replace"),
  "replace all": say("Replace all"),
  close: say("Close"),
  "current match": say("Current match"),
  "on line": say("on line"),
  "replaced match on line $": say("Replaced on line $"),
  "replaced $ matches": say("Replaced $ times"),
  "Go to line": say("Go to line"),
  go: say("Go"),
  "Fold line": say("Fold"),
  "Unfold line": say("Unfold"),
  "folded code": say("Folded"),
  unfold: say("Unfold"),
  to: say("to"),
  "Folded lines": say("Folded lines"),
  "Unfolded lines": say("Unfolded lines"),
  Diagnostics: say("Problems"),
  "No diagnostics": say("No problems"),
  "Control character": say("Control character"),
  "Selection deleted": say("Selection deleted"),
};
