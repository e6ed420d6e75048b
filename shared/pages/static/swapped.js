// What htmx has put into the page: a summary of faults takes the focus, [data-say] is said. A page that nobody sees is quiet.
import { onEach, say } from "./pages.js";

onEach(".faults", (faults) => {
  faults.tabIndex = -1;
  faults.focus();
});

document.addEventListener("htmx:after:swap", (event) => {
  const { target } = event.detail.ctx;
  const place = target?.isConnected ? target : document.getElementById(target?.id ?? "");
  const said = place?.matches("[data-say]") ? place : place?.querySelector("[data-say]");
  say(said?.dataset.say);
});

document.addEventListener("htmx:before:request", (event) => {
  if (document.hidden && event.detail.ctx.sourceEvent?.type === "every") event.preventDefault();
});
