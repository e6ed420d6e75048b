// The wall: the server says when something has changed, and the new parts take the place of the old ones. Nothing else
// moves but the clock. What the screen shows while nobody answers is said with its time.
import { filled } from "./pages.js";

const SILENT = 90000; // the server ends a stream after a minute, and the browser opens the next: so long without one is none
const PATIENCE = 6000;
const AGAIN = 15000;
const stage = document.querySelector(".stage");
const lost = document.querySelector(".lost");
const ahead = Date.parse(document.querySelector("#clock").dateTime) - Date.now();
const hour = new Intl.DateTimeFormat("en-GB", { timeZone: "Asia/Shanghai", hour: "2-digit", minute: "2-digit" });
let right = Date.now(); // when the screen was last known to show what is
let troubled = 0; // since when nobody answers

const at = (moment) => hour.format(moment + ahead);
const write = (place, text) => place.textContent === text || (place.textContent = text);

function confirm() {
  right = Date.now();
  troubled = 0;
  write(lost, "");
  write(document.querySelector(".as-of"), at(right));
}

// Puts the page's parts in place of those that are not the same, with the focus where it was.
function show(page) {
  for (const old of document.querySelectorAll("[data-part]")) {
    const fresh = page.getElementById(old.id);
    if (!fresh || fresh.isEqualNode(old)) continue;
    const place = [...old.querySelectorAll("a, [tabindex]")].indexOf(document.activeElement);
    old.replaceWith(fresh);
    [...fresh.querySelectorAll("a, [tabindex]")][place]?.focus();
  }
  stage.dataset.version = page.querySelector(".stage").dataset.version;
}

// Another process may know later of what one has told: it is asked again until it shows that version.
async function look(version, tries = 4) {
  const answer = await fetch(location.href, { headers: { Accept: "text/html" } }).catch(() => null);
  const page = answer?.ok && new DOMParser().parseFromString(await answer.text(), "text/html");
  if (!page?.querySelector(".stage")) return again();
  if (page.querySelector("script").src !== document.querySelector("script").src) return location.reload();
  show(page);
  if (version && stage.dataset.version !== version && tries) setTimeout(look, 2000, version, tries - 1);
  else confirm();
}

let stream, later;

function listen() {
  stream?.close();
  stream = new EventSource(`${stage.dataset.events}&seen=${stage.dataset.version}`);
  stream.addEventListener("unchanged", confirm);
  stream.addEventListener("changed", (event) => look(event.data));
  stream.addEventListener("error", () => {
    troubled ||= Date.now();
    if (stream.readyState !== EventSource.CLOSED) return; // the browser opens it again by itself
    again();
    look();
  });
}

// Refused, for there are too many, or the page was: until there is a stream, the page is asked for itself.
function again() {
  troubled ||= Date.now();
  stream.close();
  clearTimeout(later);
  later = setTimeout(listen, AGAIN);
}

setInterval(() => {
  const now = Date.now();
  write(document.querySelector("#clock .hour"), at(now));
  const silent = now - right > SILENT || (troubled && now - troubled > PATIENCE);
  if (silent) write(lost, filled(stage.dataset.said, { time: at(right) }));
}, 1000);

listen();
