"use strict";
// Shows the buttons that need a script: without one the codes are there to be written down all the same.
const codes = document.querySelector(".codes");
const text = () => [...codes.querySelectorAll("code")].map((code) => code.textContent).join("\n");

function selected() {
  const range = document.createRange();
  range.selectNodeContents(codes);
  const selection = window.getSelection();
  selection.removeAllRanges();
  selection.addRange(range);
}

async function copy() {
  try {
    await navigator.clipboard.writeText(text());
  } catch {
    // Over plain http a browser has no clipboard for us; the older way copies what is selected.
    selected();
    document.execCommand("copy");
  }
  document.querySelector("[data-copied]").hidden = false;
}

const acts = { copy, print: () => window.print() };
for (const button of document.querySelectorAll("button[data-act]")) {
  button.hidden = false;
  button.addEventListener("click", acts[button.dataset.act]);
}
