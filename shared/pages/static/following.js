// A page that follows something: what is marked data-follow="seconds" is fetched anew until nothing is, then the whole page is.
import { say } from "./pages.js";

const followed = (page) => [...page.querySelectorAll("[data-follow][id]")];

async function look() {
  if (document.hidden) return later();
  const answer = await fetch(location.href, { headers: { Accept: "text/html" } }).catch(() => null);
  if (!answer?.ok) return later();
  const now = new DOMParser().parseFromString(await answer.text(), "text/html");
  if (followed(now).length) {
    for (const old of followed(document)) old.replaceWith(now.getElementById(old.id) ?? old);
  } else {
    document.querySelector("main").replaceChildren(...now.querySelector("main").childNodes);
    document.title = now.title;
  }
  say(document.querySelector("main [data-say]")?.dataset.say);
  later();
}

function later() {
  const [first] = followed(document);
  if (first) setTimeout(look, 1000 * Number(first.dataset.follow));
}

later();
