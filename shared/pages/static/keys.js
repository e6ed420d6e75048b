// Keys: "/" finds, "g" and a letter goes, "j" and "k" walk through a list, "?" shows the page of keys.
// <html data-keys="off"> turns them off, for people who speak to their computer (WCAG 2.1.4).
import { say } from "./pages.js";

const PATIENCE = 1500;
let goes = Number.NEGATIVE_INFINITY;

const TYPING = "input:not([type='checkbox'], [type='radio']), textarea, select, [contenteditable]";
const typing = (target) => target.closest?.(TYPING);
const link = (key) => [...document.querySelectorAll("a[data-go]")].find((one) => one.dataset.go === key);

function walk(step) {
  const rows = [...document.querySelectorAll("main table.list tbody th a")];
  if (!rows.length) return false;
  const here = document.activeElement.closest("tr")?.querySelector("th a");
  const at = here ? rows.indexOf(here) + step : step > 0 ? 0 : rows.length - 1;
  rows[Math.max(0, Math.min(rows.length - 1, at))].focus();
  return true;
}

function act(event) {
  const went = event.timeStamp - goes < PATIENCE;
  goes = Number.NEGATIVE_INFINITY;
  if (went && link(event.key)) {
    link(event.key).click();
    return true;
  }
  if (event.key === "/") {
    const field = document.querySelector("#find");
    field?.focus();
    field?.select();
    return Boolean(field);
  }
  if (event.key === "?" && link("?")) {
    link("?").click();
    return true;
  }
  if (event.key === "g") {
    goes = event.timeStamp;
    say(document.documentElement.dataset.goSaid);
    return true;
  }
  return (event.key === "j" && walk(1)) || (event.key === "k" && walk(-1));
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  if (document.documentElement.dataset.keys === "off" || typing(event.target)) return;
  if (act(event)) event.preventDefault();
});
