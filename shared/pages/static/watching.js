// An open page notices what others do: <main data-watch="address" data-version="…"> is asked for another version now and then,
// less often while nobody touches the page and never while nobody sees it. What is new is put in place; where somebody types
// or chooses, and on forms (data-onward="address"), a note says so and leads there.
import { say } from "./pages.js";

const [FIRST, MORE, MOST] = [5_000, 1_000, 60_000];
const BUSY = "form[data-changed], form :is(input, select, textarea):focus, tbody input:checked, details[open]";
let delay = FIRST;
let timer = 0;

const main = () => document.querySelector("main[data-watch]");
const version = (answer) => (answer.headers.get("ETag") ?? "").replaceAll('"', "");

function wait() {
  clearTimeout(timer);
  timer = setTimeout(look, delay);
}

function asked(page) {
  const headers = { "If-None-Match": `"${page.dataset.version}"`, "HX-Request": "true" };
  return fetch(page.dataset.watch, { headers, redirect: "manual" }).catch(() => null);
}

// Without what was said of one's own last step.
function here() {
  const address = new URL(location.href);
  for (const name of ["done", "made"]) address.searchParams.delete(name);
  return address.href;
}

function note(told, page, isDone) {
  told.querySelector(isDone ? "[data-waits]" : "[data-done]").remove();
  const link = told.querySelector("a");
  if (link) {
    link.href = page.dataset.onward ?? here();
    link.parentElement.hidden = false;
  }
  document.querySelector("#changed")?.remove();
  page.prepend(told);
  say(told.innerText);
}

async function show(told, page, now) {
  if ("onward" in page.dataset || page.querySelector(BUSY)) {
    page.dataset.version = now;
    return note(told, page, false);
  }
  const inside = page.contains(document.activeElement);
  const watched = location.href;
  await htmx.ajax("GET", here(), { target: "#main", select: "#main", swap: "outerMorph", watched });
  const after = main();
  if (!after || watched !== location.href) return;
  // Where what had the focus is gone, its place is the page.
  if (inside && document.activeElement === document.body) after.focus({ preventScroll: true });
  note(told, after, true);
}

// Who has gone on to another page meanwhile is not fetched back.
document.addEventListener("htmx:before:swap", (event) => {
  const { watched } = event.detail.ctx;
  if (watched && watched !== location.href) event.preventDefault();
});

async function look() {
  const page = main();
  if (!page || document.hidden || document.querySelector("[data-follow]")) return wait();
  const answer = await asked(page);
  delay = Math.min(delay + MORE, MOST);
  if (answer?.status === 200 && page.isConnected) {
    const told = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("#changed");
    if (told) await show(told, page, version(answer));
  }
  wait();
}

for (const touch of ["pointerdown", "keydown"]) {
  document.addEventListener(touch, () => {
    if (delay === FIRST) return;
    delay = FIRST;
    wait();
  });
}
document.addEventListener("visibilitychange", () => document.hidden || look());
wait();
