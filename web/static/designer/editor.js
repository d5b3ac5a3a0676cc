// The JSON editor: CodeMirror in place of a textarea, which keeps the text for the form to send. Knows no definition.

import {
  EditorState, EditorView, HighlightStyle, bracketMatching, defaultKeymap, drawSelection, foldGutter, foldKeymap,
  highlightActiveLine, highlightActiveLineGutter, highlightSpecialChars, history, historyKeymap, indentOnInput, indentUnit,
  json, keymap, lineNumbers, lintGutter, lintKeymap, redo, redoDepth, search, searchKeymap, setDiagnostics,
  syntaxHighlighting, tags, undo, undoDepth,
} from "codemirror";

import { phrases } from "./phrases.js";

const colours = HighlightStyle.define([
  { tag: tags.propertyName, class: "fl-json-key" },
  { tag: tags.string, class: "fl-json-text" },
  { tag: [tags.number, tags.bool, tags.null], class: "fl-json-value" },
  { tag: [tags.brace, tags.squareBracket, tags.separator, tags.punctuation], class: "fl-json-mark" },
]);

const SEVERITY = { error: "error", warning: "warning", note: "info" };

/** What the page's policy lets inject style sheets. */
function nonce() {
  return document.querySelector("script[nonce]")?.nonce ?? "";
}

/**
 * Typing over a selection is done here: left to the browser, it would keep the colour of what was selected in a style
 * attribute, which the page's policy blocks.
 */
const typedOver = EditorView.domEventHandlers({
  beforeinput(event, view) {
    if (event.inputType !== "insertText" || view.composing || view.state.readOnly || view.state.selection.main.empty) return false;
    event.preventDefault();
    view.dispatch(view.state.replaceSelection(event.data ?? ""), { userEvent: "input.type" });
    return true;
  },
});

/**
 * An editor in place of a textarea.
 * @param {HTMLTextAreaElement} area keeps the text, hidden; `readonly` makes the editor one to read in.
 * @param {(text: string) => void} changed is called after each change of the text.
 */
export function editor(area, changed = () => {}) {
  const readOnly = area.readOnly;
  const extensions = [
    EditorView.cspNonce.of(nonce()),
    EditorState.readOnly.of(readOnly),
    EditorState.phrases.of(phrases),
    EditorState.tabSize.of(2),
    indentUnit.of("  "),
    lineNumbers(),
    foldGutter(),
    highlightSpecialChars(),
    drawSelection(),
    bracketMatching(),
    highlightActiveLine(),
    highlightActiveLineGutter(),
    EditorView.lineWrapping,
    json(),
    syntaxHighlighting(colours),
    search({ top: true }),
    typedOver,
    keymap.of([...defaultKeymap, ...searchKeymap, ...historyKeymap, ...foldKeymap, ...lintKeymap]),
    EditorView.contentAttributes.of({
      "aria-label": area.getAttribute("aria-label") ?? area.labels?.[0]?.textContent ?? "",
      "aria-readonly": String(readOnly),
      tabindex: "0",
    }),
    EditorView.updateListener.of((update) => {
      if (!update.docChanged) return;
      area.value = update.state.doc.toString();
      changed(area.value);
    }),
    ...(readOnly ? [] : [history(), indentOnInput(), lintGutter()]),
  ];
  const view = new EditorView({ state: EditorState.create({ doc: area.value, extensions }) });
  area.hidden = true;
  area.after(view.dom);

  return {
    view,
    text: () => view.state.doc.toString(),
    /** Put another text in; it can be undone. */
    replace: (text) => view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: text } }),
    /** Mark what is wrong: [{start, end, severity, message}]. */
    mark: (problems) => view.dispatch(setDiagnostics(view.state, problems.map((problem) => diagnostic(view, problem)))),
    /** Bring a place into sight and put the cursor there. */
    go: (start) => {
      view.dispatch({ selection: { anchor: Math.min(start, view.state.doc.length) }, effects: EditorView.scrollIntoView(start, { y: "center" }) });
      view.focus();
    },
    undo: () => undo(view),
    redo: () => redo(view),
    canUndo: () => undoDepth(view.state) > 0,
    canRedo: () => redoDepth(view.state) > 0,
  };
}

/** A problem as CodeMirror takes it: on its first line only, so that a whole section is not underlined. */
function diagnostic(view, { start, end, severity, message }) {
  const length = view.state.doc.length;
  const from = Math.min(start, length);
  const line = view.state.doc.lineAt(from);
  return { from, to: Math.max(from, Math.min(end, line.to, length)), severity: SEVERITY[severity] ?? "error", message };
}
