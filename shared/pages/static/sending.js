// A form is sent once, however often its button is pressed. Those that may be sent again (a download) say data-again.
function mark(form, button) {
  form.dataset.sent = "";
  button?.setAttribute("aria-busy", "true");
}

function free(form) {
  delete form.dataset.sent;
  for (const button of form.querySelectorAll("[aria-busy]")) button.removeAttribute("aria-busy");
}

const guarded = (form) => form.method === "post" && !("again" in form.dataset);

// Without a line nothing is sent: the browser would put a page of its own in the place of what was typed.
const isCut = (form) => !navigator.onLine && form.method === "post";

document.addEventListener(
  "submit",
  (event) => {
    const cut = isCut(event.target);
    if (!cut && !("sent" in event.target.dataset)) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    if (cut) document.dispatchEvent(new Event("connection:lost"));
  },
  true,
);

document.addEventListener("submit", (event) => {
  if (!event.defaultPrevented && guarded(event.target)) mark(event.target, event.submitter);
});

// What is asked while somebody types (sums) sends no form, and must not keep its button from doing so.
document.addEventListener("htmx:before:request", (event) => {
  const { form, submitter, method } = event.detail.ctx.request;
  if (form && submitter && method !== "GET" && !("again" in form.dataset)) mark(form, submitter);
});

document.addEventListener("htmx:finally:request", (event) => {
  const { form, submitter } = event.detail.ctx.request;
  if (form && submitter) free(form);
});

// Back shows the page as it was left: its forms may be sent again.
addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) free(form);
});
