// A lost connection and a fault of the server are told by [data-trouble="offline"] and [data-trouble="broken"];
// what stands on the page, above all what was typed, stays as it is.
function show(kind, shown) {
  for (const notice of document.querySelectorAll(`[data-trouble="${kind}"]`)) notice.hidden = !shown;
}

const lost = () => show("offline", true);

addEventListener("offline", lost);
addEventListener("online", () => show("offline", false));
document.addEventListener("connection:lost", lost);
document.addEventListener("htmx:error", (event) => {
  if (event.detail.ctx && !event.detail.ctx.response) lost();
});

document.addEventListener("htmx:after:request", (event) => {
  show("offline", false);
  show("broken", event.detail.ctx.response.status >= 500);
});

document.addEventListener("htmx:before:swap", (event) => {
  if (event.detail.ctx.response?.status >= 500) event.preventDefault();
});
