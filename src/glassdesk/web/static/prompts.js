// The editor of prompts. Without it the fields are plain, and everything can still be written and kept.
(() => {
  if (!window.CodeMirror) return;
  const words = JSON.parse(document.getElementById("prompt-words").dataset.words);
  const form = document.getElementById("prompt");
  let focused = null;

  const complete = (editor) => {
    const cursor = editor.getCursor();
    const before = editor.getLine(cursor.line).slice(0, cursor.ch);
    const typed = /[\w]*$/.exec(before)[0];
    const list = (/\|\s*\w*$/.test(before) ? words.filters : words.variables).filter((word) => word.startsWith(typed));
    return { list, from: CodeMirror.Pos(cursor.line, cursor.ch - typed.length), to: cursor };
  };

  // Only between braces: outside of them a word is a word.
  const inside = (editor) => {
    const before = editor.getRange(CodeMirror.Pos(0, 0), editor.getCursor());
    return Math.max(before.lastIndexOf("{{"), before.lastIndexOf("{%")) > Math.max(before.lastIndexOf("}}"), before.lastIndexOf("%}"));
  };

  const enhance = (area) => {
    const editor = CodeMirror.fromTextArea(area, {
      mode: "jinja2", lineNumbers: true, lineWrapping: true, matchBrackets: true, viewportMargin: Infinity,
      inputStyle: "contenteditable", screenReaderLabel: document.querySelector(`label[for=${area.id}]`).textContent,
      // Tab leaves the field: the page can be used with keys alone.
      extraKeys: { "Ctrl-Space": (at) => at.showHint({ hint: complete, completeSingle: false }), Tab: false, "Shift-Tab": false },
    });
    editor.on("focus", () => { focused = editor; });
    editor.on("change", (_, change) => {
      editor.save();
      form.dispatchEvent(new Event("edited"));
      if (change.origin === "+input" && /^[\w{ ]$/.test(change.text[0]) && inside(editor))
        editor.showHint({ hint: complete, completeSingle: false });
    });
    return editor;
  };

  const editors = ["f-system", "f-body"].map((id) => document.getElementById(id)).filter(Boolean).map(enhance);
  focused = editors[editors.length - 1];

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-insert]");
    if (!button) return;
    focused.replaceSelection(button.dataset.insert);
    focused.focus();
  });
})();
